-- Where the subdistrict, its communities and the registered households are, and who has found it out.

-- The borders of divisions, version by version; the highest one holds.
CREATE TABLE outlines (
    division text NOT NULL REFERENCES divisions,
    version int NOT NULL CHECK (version > 0),
    outline jsonb NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now(),
    PRIMARY KEY (division, version)
);

-- Whose account of the national system's app is which division's, version by version; the highest one holds. One that has no
-- division is no longer in use.
CREATE TABLE position_accounts (
    account text NOT NULL,
    version int NOT NULL CHECK (version > 0),
    division text REFERENCES divisions,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now(),
    PRIMARY KEY (account, version)
);

-- How far a campaign is with each front door and seat. required_on is null while the campaign does not need it; capture is
-- the step whose position holds.
CREATE TABLE locations (
    id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    household_id uuid REFERENCES households,
    seat text,
    required_on date,
    state text NOT NULL CHECK (state IN ('missing', 'captured', 'marked')),
    capture int,
    version int NOT NULL,
    UNIQUE (campaign_id, household_id),
    UNIQUE (campaign_id, seat),
    CHECK (num_nonnulls(household_id, seat) = 1),
    CHECK ((state = 'missing') = (capture IS NULL))
);

-- Every capture and every mark, with who did it, when and why; later ones replace none. The position of a front door is
-- sealed by its household's key, that of a seat lies open.
CREATE TABLE location_steps (
    location_id uuid NOT NULL REFERENCES locations,
    version int NOT NULL,
    step text NOT NULL CHECK (step IN ('capture', 'mark', 'unmark')),
    sealed bytea,
    open jsonb,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now(),
    PRIMARY KEY (location_id, version),
    CHECK (num_nonnulls(sealed, open) = CASE step WHEN 'capture' THEN 1 ELSE 0 END)
);

-- A map shows many front doors at once, and is noted once: persons then counts the doors.
ALTER TABLE disclosures
    DROP CONSTRAINT disclosures_kind_check,
    DROP CONSTRAINT disclosures_check1,
    ADD CHECK (kind IN ('verification', 'reveal', 'search', 'explanation', 'map')),
    ADD CHECK (kind IN ('search', 'map') OR household_id IS NOT NULL);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'lika_intake_app') THEN
        REVOKE UPDATE, DELETE ON outlines, position_accounts, location_steps FROM lika_intake_app;
    END IF;
END $$;

-- Campaigns that run already get their first look at what they need now, as new ones do when they are issued.
INSERT INTO timers (timer, subject, due) SELECT 'positions.require', id, lika_now() FROM campaigns;
