-- Sheets out: written in the background, page by page of households, kept sealed like those that come in, and destroyed when
-- their time is over. What is asked for, by whom and what for, stays.
CREATE TABLE exports (
    id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    kind text NOT NULL,
    format text NOT NULL CHECK (format IN ('csv', 'xlsx')),
    -- A division; nothing for the whole campaign.
    within text,
    purpose text NOT NULL,
    actor text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    -- Households: how many there are to go through, and how many were.
    total int NOT NULL DEFAULT 0,
    done int NOT NULL DEFAULT 0,
    rows int NOT NULL DEFAULT 0,
    -- Nothing until it is done, and once its bytes are destroyed.
    upload_id uuid,
    failure text,
    at timestamptz NOT NULL DEFAULT lika_now(),
    -- Real time, not the plan's.
    lease uuid,
    leased_until timestamptz,
    attempts int NOT NULL DEFAULT 0
);
CREATE INDEX exports_of_campaign ON exports (campaign_id, id);
CREATE INDEX exports_open ON exports (id) WHERE state IN ('waiting', 'running');

-- A sheet with numbers in full discloses them, household by household.
ALTER TABLE disclosures DROP CONSTRAINT disclosures_kind_check;
ALTER TABLE disclosures ADD CONSTRAINT disclosures_kind_check CHECK (kind IN ('verification', 'reveal', 'search', 'explanation', 'map', 'export'));

-- Lists and sheets go by the households' numbers.
DROP INDEX households_campaign;
CREATE INDEX households_campaign ON households (campaign_id, number);
