-- The register and the yearly review's beginning and end: who is poor on file, what was found, what became of it.

CREATE TABLE campaigns (
    id uuid PRIMARY KEY,
    year int NOT NULL,
    subdistrict text NOT NULL,
    plan jsonb NOT NULL,
    issued_at timestamptz NOT NULL,
    version int NOT NULL,
    UNIQUE (subdistrict, year)
);

CREATE TABLE households (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    division text NOT NULL,
    standing text NOT NULL CHECK (standing IN ('outside', 'registered', 'struck_off', 'closed')),
    exit_status text,
    standing_year int,
    registered_on date,
    version int NOT NULL,
    CHECK ((standing = 'registered') = (exit_status IS NOT NULL))
);
CREATE INDEX households_campaign ON households (campaign_id, id);

CREATE TABLE members (
    id uuid PRIMARY KEY,
    household_id uuid NOT NULL REFERENCES households,
    position int NOT NULL,
    number text NOT NULL,
    name text NOT NULL,
    relation text NOT NULL,
    born_on date NOT NULL,
    id_hash text NOT NULL,
    state text NOT NULL CHECK (state IN ('proposed', 'active', 'ended', 'refused')),
    ended_reason text,
    ended_on date,
    UNIQUE (household_id, number),
    CHECK ((state = 'ended') = (ended_reason IS NOT NULL AND ended_on IS NOT NULL))
);
-- A person stands once in all the books.
CREATE UNIQUE INDEX members_person ON members (id_hash) WHERE state IN ('proposed', 'active');

-- What the last sheet said of a household, sealed: ID numbers, health, income. The fingerprint recognises the same again.
CREATE TABLE entries (
    household_id uuid PRIMARY KEY REFERENCES households,
    fingerprint text NOT NULL,
    sealed bytea NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT lika_now()
);

-- ID numbers, sealed one by one, so that a check's few numbers are opened and no others.
CREATE TABLE identifiers (
    member_id uuid PRIMARY KEY,
    household_id uuid NOT NULL REFERENCES households,
    sealed bytea NOT NULL
);
CREATE INDEX identifiers_household ON identifiers (household_id);

-- Each reading of ID numbers, with its purpose. Kept at least three years.
CREATE TABLE disclosures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    household_id uuid NOT NULL,
    persons int NOT NULL,
    topic text NOT NULL,
    purpose text NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now()
);

-- What the work team found, sealed.
CREATE TABLE surveys (
    campaign_id uuid NOT NULL REFERENCES campaigns,
    household_id uuid NOT NULL REFERENCES households,
    fingerprint text NOT NULL,
    sealed bytea NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT lika_now(),
    PRIMARY KEY (campaign_id, household_id)
);

CREATE TABLE cases (
    id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    household_id uuid NOT NULL REFERENCES households,
    kind text NOT NULL,
    member_id uuid,
    change_reason text,
    change_on date,
    change_evidence text,
    status text NOT NULL CHECK (status IN ('proposed', 'referred', 'surveyed', 'marked', 'dropped', 'closed')),
    -- Codes, separated by blanks.
    reasons text NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT lika_now(),
    version int NOT NULL,
    CHECK ((kind IN ('CLEAROUT', 'NATURAL')) = (member_id IS NOT NULL))
);
CREATE INDEX cases_household ON cases (household_id);
CREATE INDEX cases_campaign ON cases (campaign_id, id);
-- A household has at most one open case of its own in a campaign, and a member one of a kind.
CREATE UNIQUE INDEX cases_one_open_of_household ON cases (campaign_id, household_id)
    WHERE member_id IS NULL AND status IN ('proposed', 'referred', 'surveyed');
CREATE UNIQUE INDEX cases_one_open_of_member ON cases (campaign_id, member_id, kind)
    WHERE member_id IS NOT NULL AND status IN ('proposed', 'referred', 'surveyed');

-- What the police answered about residence, and whether all answers about the household are in.
CREATE TABLE residence_checks (
    campaign_id uuid NOT NULL,
    household_id uuid NOT NULL,
    outcome text,
    completed_at timestamptz,
    PRIMARY KEY (campaign_id, household_id)
);

-- Every step by which the register's sums change; the summary adds them up and compares with a fresh count.
CREATE TABLE movements (
    id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    household_id uuid NOT NULL REFERENCES households,
    case_id uuid UNIQUE,
    cause text NOT NULL,
    households int NOT NULL,
    persons int NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now()
);
CREATE UNIQUE INDEX movements_one_opening ON movements (campaign_id, household_id) WHERE cause = 'opening';

CREATE TABLE imports (
    id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    kind text NOT NULL,
    digest text NOT NULL,
    report jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now()
);
