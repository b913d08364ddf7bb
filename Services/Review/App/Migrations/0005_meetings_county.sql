-- Meetings are called together before they are held, and vote on whole lists as well as on single cases.
ALTER TABLE meetings
    ADD COLUMN status text NOT NULL DEFAULT 'held' CHECK (status IN ('convened', 'held', 'cancelled')),
    ADD COLUMN called_for timestamptz,
    ADD COLUMN place text,
    ADD COLUMN adjournments integer NOT NULL DEFAULT 0,
    ADD COLUMN chair text,
    ADD COLUMN recorder text,
    ADD COLUMN paper text,
    ADD COLUMN reason text,
    ALTER COLUMN present DROP NOT NULL,
    ALTER COLUMN held_at DROP NOT NULL,
    ALTER COLUMN recorded_at DROP NOT NULL;
UPDATE meetings SET called_for = held_at;
ALTER TABLE meetings
    ALTER COLUMN status DROP DEFAULT,
    ALTER COLUMN called_for SET NOT NULL,
    ALTER COLUMN adjournments DROP DEFAULT,
    ADD CHECK (num_nulls(present, held_at, recorded_at) = CASE status WHEN 'held' THEN 0 ELSE 3 END),
    ADD CHECK ((status = 'cancelled') = (reason IS NOT NULL));
CREATE INDEX meetings_division ON meetings (division, called_for);

CREATE TABLE list_votes (
    meeting uuid NOT NULL REFERENCES meetings (id),
    kind text NOT NULL CHECK (kind IN ('EXIT', 'RETURN', 'NEW', 'REMOVAL', 'CLEAROUT')),
    approving integer NOT NULL,
    opposing integer NOT NULL,
    abstaining integer NOT NULL,
    PRIMARY KEY (meeting, kind)
);

-- A ruling without votes of its own follows the vote on its list.
ALTER TABLE rulings
    ALTER COLUMN approving DROP NOT NULL,
    ALTER COLUMN opposing DROP NOT NULL,
    ALTER COLUMN abstaining DROP NOT NULL;

-- The plan's stages, for the scheduler's calendar.
CREATE TABLE campaign_stages (
    campaign uuid NOT NULL REFERENCES campaigns (id),
    stage text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on >= starts_on),
    PRIMARY KEY (campaign, stage)
);

-- What came to light after the report, passed on to the county.
ALTER TABLE cases ADD COLUMN late_evidence jsonb;

-- What went to the county together, and what each case was reported on.
CREATE TABLE reports (
    id uuid PRIMARY KEY,
    campaign uuid NOT NULL REFERENCES campaigns (id),
    -- The first is the main report, the others are its supplements.
    number integer NOT NULL CHECK (number > 0),
    reported_at timestamptz NOT NULL,
    UNIQUE (campaign, number)
);
CREATE TABLE certificates (
    report uuid NOT NULL REFERENCES reports (id),
    case_id uuid NOT NULL REFERENCES cases (id),
    -- The exact text of which `digest` is the SHA-256.
    certificate text NOT NULL,
    digest text NOT NULL,
    PRIMARY KEY (report, case_id)
);
CREATE INDEX certificates_case ON certificates (case_id);
