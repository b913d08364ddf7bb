-- What a case rests on, so that it can be explained for as long as it is kept: visits, what the rules made of them line by
-- line, who decided what the rules leave open, what departments and review told, and which roster proposed it.

-- Several visits to a household. The newest complete one counts, unless a person has said otherwise.
CREATE TABLE visits (
    id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    household_id uuid NOT NULL REFERENCES households,
    -- 1, 2, 3 … within household and campaign: what an offline device names as the version that it knew.
    number int NOT NULL CHECK (number > 0),
    visited_on date NOT NULL,
    surveyor text NOT NULL,
    origin text NOT NULL CHECK (origin IN ('sheet', 'record')),
    complete boolean NOT NULL,
    -- The device's own name of the record; what comes again under it is known already.
    record_key text UNIQUE,
    fingerprint text NOT NULL,
    -- Kind and digest of photographs and papers, never the things themselves.
    evidence jsonb NOT NULL,
    sealed bytea NOT NULL,
    -- Whose account brought it in; the surveyor is who was there.
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT lika_now(),
    UNIQUE (campaign_id, household_id, number)
);

-- Until now one survey stood for all visits, and nobody noted who had made it. It becomes the first, and what is sealed of it
-- opens as that.
INSERT INTO visits
    (id, campaign_id, household_id, number, visited_on, surveyor, origin, complete, fingerprint, evidence, sealed, actor, recorded_at)
SELECT gen_random_uuid(), campaign_id, household_id, 1, (imported_at AT TIME ZONE 'Asia/Shanghai')::date, '', 'sheet', true, fingerprint, '[]',
    sealed, 'unnamed', imported_at
FROM surveys;
DROP TABLE surveys;

-- A person's word on which visit counts; it holds against the visits known then (up to `over`), not against later ones.
CREATE TABLE visit_choices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id uuid NOT NULL,
    household_id uuid NOT NULL,
    visit_id uuid NOT NULL REFERENCES visits,
    over int NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now()
);
CREATE INDEX visit_choices_household ON visit_choices (campaign_id, household_id, id);

-- Records made offline on a version that is no longer the last: shown to a person with both versions, never merged.
CREATE TABLE survey_conflicts (
    id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    household_id uuid NOT NULL REFERENCES households,
    base int NOT NULL,
    found int NOT NULL,
    record_key text NOT NULL UNIQUE,
    surveyor text NOT NULL,
    fingerprint text NOT NULL,
    sealed bytea NOT NULL,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT lika_now(),
    resolution text CHECK (resolution IN ('taken', 'discarded')),
    resolved_by text,
    reason text,
    resolved_at timestamptz,
    CHECK ((resolution IS NULL) = (resolved_at IS NULL))
);
CREATE INDEX survey_conflicts_open ON survey_conflicts (campaign_id, id) WHERE resolution IS NULL;

-- A case may be reopened, since its facts came into doubt after the survey: returned by the county, found discrepant, or no
-- longer decided by the rules alone. And it may be reported: from then on only the county moves it.
ALTER TABLE cases DROP CONSTRAINT cases_status_check;
ALTER TABLE cases ADD CONSTRAINT cases_status_check
    CHECK (status IN ('proposed', 'referred', 'surveyed', 'reopened', 'reported', 'marked', 'dropped', 'closed'));
DROP INDEX cases_one_open_of_household;
DROP INDEX cases_one_open_of_member;
CREATE UNIQUE INDEX cases_one_open_of_household ON cases (campaign_id, household_id)
    WHERE member_id IS NULL AND status IN ('proposed', 'referred', 'surveyed', 'reopened', 'reported');
CREATE UNIQUE INDEX cases_one_open_of_member ON cases (campaign_id, member_id, kind)
    WHERE member_id IS NOT NULL AND status IN ('proposed', 'referred', 'surveyed', 'reopened', 'reported');

-- Why a case was proposed: the clues as they stood, sealed.
CREATE TABLE proposals (
    case_id uuid PRIMARY KEY REFERENCES cases,
    -- Of the roster of its kind; nothing for what no roster lists.
    edition int,
    sealed bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now()
);

-- Every assessment as it was made, with its wording, sealed: an old one is read by the rules of its time.
CREATE TABLE assessments (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    household_id uuid NOT NULL,
    visit_id uuid NOT NULL REFERENCES visits,
    occasion text NOT NULL CHECK (occasion IN ('survey', 'members')),
    rule_set text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('met', 'not_met', 'referred')),
    sealed bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now()
);
CREATE INDEX assessments_case ON assessments (case_id, id);

-- What a person decided where the rules, or the police, leave it open. Why lies sealed.
CREATE TABLE judgements (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    eligible boolean NOT NULL,
    actor text NOT NULL,
    sealed bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now()
);
CREATE INDEX judgements_case ON judgements (case_id, id);

-- Where a case stood, here and in review, and since when.
CREATE TABLE case_steps (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases,
    teller text NOT NULL CHECK (teller IN ('intake', 'review')),
    place text NOT NULL,
    reasons text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now()
);
CREATE INDEX case_steps_case ON case_steps (case_id, id);
INSERT INTO case_steps (case_id, teller, place, reasons, actor, at) SELECT id, 'intake', status, reasons, 'unnamed', proposed_at FROM cases;

CREATE TABLE department_answers (
    request_id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL,
    household_id uuid NOT NULL,
    department text NOT NULL,
    topic text NOT NULL,
    outcome text NOT NULL,
    accepted_at timestamptz NOT NULL
);
CREATE INDEX department_answers_household ON department_answers (household_id, campaign_id);

-- The four rosters (R4) and what was done with them. A fixed one that gains cases is drafted again as its next edition.
CREATE TABLE rosters (
    campaign_id uuid NOT NULL REFERENCES campaigns,
    kind text NOT NULL CHECK (kind IN ('REMOVAL', 'EXIT', 'RETURN', 'NEW')),
    status text NOT NULL CHECK (status IN ('drafted', 'fixed')),
    edition int NOT NULL CHECK (edition > 0),
    -- How often it was drawn or fixed: what is fixed is what its leader saw.
    version int NOT NULL,
    PRIMARY KEY (campaign_id, kind)
);
CREATE TABLE roster_steps (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id uuid NOT NULL,
    kind text NOT NULL,
    edition int NOT NULL,
    status text NOT NULL,
    cases int NOT NULL,
    actor text NOT NULL,
    reason text,
    at timestamptz NOT NULL DEFAULT lika_now(),
    FOREIGN KEY (campaign_id, kind) REFERENCES rosters
);

-- Whoever is shown income, causes and health to see why a household is on a list is noted as well.
ALTER TABLE disclosures DROP CONSTRAINT disclosures_kind_check;
ALTER TABLE disclosures ADD CONSTRAINT disclosures_kind_check CHECK (kind IN ('verification', 'reveal', 'search', 'explanation'));

-- Households in which nobody is left: each waits for a person's decision that it ends.
CREATE TABLE closings (
    household_id uuid PRIMARY KEY REFERENCES households,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    -- The case by which the last person went.
    case_id uuid NOT NULL REFERENCES cases,
    opened_at timestamptz NOT NULL DEFAULT lika_now()
);
