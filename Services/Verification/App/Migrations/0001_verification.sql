-- Verification: which departments are asked what about each household, what they answered, and whose word it is.

-- What a campaign has checked. A row without a day is a campaign that was heard of before it was issued: it is there to be
-- locked, so that no file can begin to wait while the plan arrives.
CREATE TABLE check_plans (
    campaign uuid PRIMARY KEY,
    due_on date
);

-- Routing is data: seeded from the code lists when the campaign is issued, and the campaign's own from then on.
CREATE TABLE check_routes (
    campaign uuid NOT NULL REFERENCES check_plans,
    population text NOT NULL CHECK (population IN ('registered', 'proposed_new')),
    department text NOT NULL,
    topic text NOT NULL,
    place int NOT NULL,
    PRIMARY KEY (campaign, population, department, topic)
);

-- One household's verification. Its questions are its requests that are not superseded.
CREATE TABLE files (
    household uuid PRIMARY KEY,
    campaign uuid NOT NULL REFERENCES check_plans,
    population text NOT NULL CHECK (population IN ('registered', 'proposed_new')),
    division text NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'open', 'complete')),
    due_on date,
    version int NOT NULL,
    CHECK ((status = 'waiting') = (due_on IS NULL))
);
CREATE INDEX files_waiting ON files (campaign) WHERE status = 'waiting';

-- One question to one department. `digest` is of the exact bytes sent: an answer must name it.
CREATE TABLE requests (
    id uuid PRIMARY KEY,
    household uuid NOT NULL REFERENCES files DEFERRABLE INITIALLY DEFERRED,
    campaign uuid NOT NULL,
    department text NOT NULL,
    topic text NOT NULL,
    population text NOT NULL,
    due_on date NOT NULL,
    status text NOT NULL
        CHECK (status IN ('created', 'sent', 'overdue', 'sent_back', 'returned', 'signed', 'accepted', 'superseded')),
    digest text CHECK (digest ~ '^[0-9a-f]{64}$'),
    outcome text CHECK (outcome IN ('consistent', 'discrepant', 'cannot_determine')),
    answer_digest text CHECK (answer_digest ~ '^[0-9a-f]{64}$'),
    kid text,
    contradiction text,
    version int NOT NULL,
    CHECK ((status = 'created') = (digest IS NULL)),
    CHECK ((status IN ('returned', 'signed', 'accepted')) = (outcome IS NOT NULL)),
    CHECK ((outcome IS NULL) = (answer_digest IS NULL)),
    CHECK ((status IN ('signed', 'accepted')) = (kid IS NOT NULL)),
    CHECK ((status = 'sent_back') = (contradiction IS NOT NULL)),
    -- A check is asked once at a time. Deferred, since the new request and the end of the old one are two statements.
    CONSTRAINT requests_current EXCLUDE (household WITH =, department WITH =, topic WITH =)
        WHERE (status <> 'superseded') DEFERRABLE INITIALLY DEFERRED
);

-- Households with questions to be sent. A sender takes some for a while; `round` counts the times that the household's
-- data changed meanwhile, and what was fetched in an earlier round is not sent.
CREATE TABLE sendings (
    household uuid PRIMARY KEY REFERENCES files,
    round int NOT NULL DEFAULT 1,
    leased_until timestamptz NOT NULL DEFAULT '-infinity'
);

-- When the poverty office let how much be sent (R16).
CREATE TABLE batches (
    id uuid PRIMARY KEY,
    campaign uuid NOT NULL REFERENCES check_plans,
    households int NOT NULL,
    opened_at timestamptz NOT NULL
);

-- Whose signature counts, and when. A key is never removed: what it signed must stay verifiable.
CREATE TABLE department_keys (
    kid text PRIMARY KEY,
    department text NOT NULL,
    public_key bytea NOT NULL CHECK (length(public_key) = 32),
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    revoked_at timestamptz,
    CHECK (valid_from < valid_to)
);

-- What was accepted, byte for byte as it came, so that anyone can verify the signature again. The bytes name a signatory and
-- tell what was found about persons: kept as evidence until the campaign's file is destroyed, and read for that only.
CREATE TABLE accepted_results (
    request uuid PRIMARY KEY REFERENCES requests,
    kid text NOT NULL REFERENCES department_keys,
    digest text NOT NULL,
    jws text NOT NULL,
    value bytea NOT NULL,
    received_at timestamptz NOT NULL
);

-- What did not count, and why. No contents: the log has them at these coordinates as long as it keeps anything.
CREATE TABLE refused_results (
    id uuid PRIMARY KEY,
    department text NOT NULL,
    request uuid NOT NULL,
    reason text NOT NULL,
    digest text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    received_at timestamptz NOT NULL
);
