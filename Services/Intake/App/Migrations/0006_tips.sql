-- Tips from the box, the telephone and the form, until they are answered (R3). What was written and who wrote it lie sealed,
-- apart from the tip and from each other, under a key of the tip's own.

-- What the public is told of each office: whom to ring, where the box hangs.
CREATE TABLE tip_offices (
    division text PRIMARY KEY,
    telephone text NOT NULL,
    box text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT lika_now(),
    actor text NOT NULL
);

-- The last number that was given out in a campaign.
CREATE TABLE tip_numbers (
    campaign_id uuid PRIMARY KEY REFERENCES campaigns,
    last int NOT NULL
);

CREATE TABLE tips (
    id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    number int,
    channel text NOT NULL CHECK (channel IN ('form', 'box', 'telephone')),
    place text NOT NULL,
    is_anonymous boolean NOT NULL,
    received_on date NOT NULL,
    due_on date NOT NULL,
    household_id uuid REFERENCES households,
    concerns text CHECK (concerns IN ('community', 'work_team', 'subdistrict', 'county')),
    speaks_for_others boolean NOT NULL,
    state text NOT NULL CHECK (state IN (
        'received', 'registered', 'assigned', 'investigating', 'upheld', 'partly_upheld', 'dismissed', 'answered', 'closed', 'merged',
        'transferred', 'reopened')),
    level text CHECK (level IN ('work_team', 'subdistrict', 'county')),
    handler text,
    outcome text CHECK (outcome IN ('upheld', 'partly_upheld', 'dismissed')),
    manner text CHECK (manner IN ('notice', 'in_person', 'telephone', 'letter')),
    merged_into uuid REFERENCES tips,
    version int NOT NULL,
    UNIQUE (campaign_id, number),
    CHECK ((state = 'received') = (number IS NULL)),
    CHECK ((level IS NULL) = (handler IS NULL)),
    CHECK ((state IN ('assigned', 'investigating', 'upheld', 'partly_upheld', 'dismissed', 'answered', 'closed')) = (level IS NOT NULL)),
    CHECK ((state IN ('upheld', 'partly_upheld', 'dismissed', 'answered', 'closed')) = (outcome IS NOT NULL)),
    -- Nothing is closed without an answer, and whoever is unknown or merged is answered by a notice.
    CHECK ((state IN ('answered', 'closed')) = (manner IS NOT NULL)),
    CHECK (manner = 'notice' OR NOT (is_anonymous OR speaks_for_others)),
    CHECK ((state = 'merged') = (merged_into IS NOT NULL))
);
CREATE INDEX tips_open ON tips (campaign_id, due_on) WHERE state NOT IN ('answered', 'closed', 'merged', 'transferred');
CREATE INDEX tips_household ON tips (household_id);
CREATE INDEX tips_merged_into ON tips (merged_into);

-- Each tip's data key, as household_keys has those of the households. Deleting a row is the purge.
CREATE TABLE tip_keys (
    tip_id uuid PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    wrapped_under text NOT NULL,
    wrapped bytea NOT NULL
);
CREATE INDEX tip_keys_wrapped_under ON tip_keys (wrapped_under);

-- What was written. Of the receipt code, of the key under which it was sent and of what was sent with it only keyed hashes.
CREATE TABLE tip_papers (
    tip_id uuid PRIMARY KEY REFERENCES tips,
    sealed bytea NOT NULL,
    receipt_hash text NOT NULL UNIQUE,
    sending_hash text NOT NULL UNIQUE,
    content_hash text NOT NULL
);

-- Who gave it; no row of an anonymous one.
CREATE TABLE tipsters (
    tip_id uuid PRIMARY KEY REFERENCES tips,
    sealed bytea NOT NULL
);

-- What was done with it, by whom; findings and answers in words are sealed.
CREATE TABLE tip_acts (
    tip_id uuid NOT NULL REFERENCES tips,
    number int NOT NULL,
    act text NOT NULL,
    sealed bytea NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now(),
    PRIMARY KEY (tip_id, number)
);

-- Each reading of a tip's text and of its tipster, with who it was. Nobody may change or delete a line.
CREATE TABLE tip_disclosures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tip_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('text', 'tipster')),
    purpose text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now()
);
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'lika_intake_app') THEN
        REVOKE UPDATE, DELETE ON tip_disclosures FROM lika_intake_app;
    END IF;
END $$;

-- How much the public form may still take: from all, and from each network, which stands here under a hash of the day.
CREATE TABLE tip_buckets (
    bucket text PRIMARY KEY,
    tokens double precision NOT NULL,
    filled_at timestamptz NOT NULL
);
