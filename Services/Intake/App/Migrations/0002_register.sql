-- The register whole: a key for each household, everything ever said of it, and who looked at what.

-- What version 0001 sealed lies under one key for all households, and the program that opens it is not this one. Nothing may
-- be lost silently, so a schema that holds any of it stays as it is.
DO $$
BEGIN
    IF EXISTS (SELECT FROM entries) OR EXISTS (SELECT FROM identifiers) OR EXISTS (SELECT FROM surveys) THEN
        RAISE EXCEPTION 'this schema holds households sealed by version 0001: hand their sheets to an empty schema instead';
    END IF;
END $$;

-- Each household's data key, wrapped by the key from file that wrapped_under names. Deleting a row is the purge of all that
-- it sealed, so it depends on nothing and nothing on it.
CREATE TABLE household_keys (
    household_id uuid PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    wrapped_under text NOT NULL,
    wrapped bytea NOT NULL
);
CREATE INDEX household_keys_wrapped_under ON household_keys (wrapped_under);

-- What was said of a household, version by version; the current one is superseded by none. The fingerprint is that of what the
-- last sheet said, whatever clerks have changed since.
ALTER TABLE entries DROP CONSTRAINT entries_pkey;
ALTER TABLE entries RENAME COLUMN imported_at TO at;
ALTER TABLE entries
    ADD COLUMN version int NOT NULL,
    ADD COLUMN actor text NOT NULL,
    ADD COLUMN reason text NOT NULL,
    ADD COLUMN superseded_at timestamptz,
    ADD PRIMARY KEY (household_id, version);
CREATE UNIQUE INDEX entries_current ON entries (household_id) WHERE superseded_at IS NULL;

-- Where a household and its persons stood on the register, whenever that changed, and through whom. No names.
CREATE TABLE household_states (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    household_id uuid NOT NULL REFERENCES households,
    state jsonb NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now()
);
CREATE INDEX household_states_household ON household_states (household_id, id);

-- A person is looked up by the keyed hash in whatever state.
CREATE INDEX members_id_hash ON members (id_hash);

-- Of ID numbers not only departments' checks are noted, but each reveal and each search, with who it was. Nobody may change
-- or delete a line.
ALTER TABLE disclosures
    ALTER COLUMN household_id DROP NOT NULL,
    ALTER COLUMN topic DROP NOT NULL,
    ADD COLUMN kind text NOT NULL DEFAULT 'verification' CHECK (kind IN ('verification', 'reveal', 'search')),
    ADD COLUMN member_id uuid,
    ADD COLUMN actor text NOT NULL DEFAULT 'unnamed',
    ADD CHECK ((kind = 'verification') = (topic IS NOT NULL)),
    ADD CHECK (kind = 'search' OR household_id IS NOT NULL);
ALTER TABLE disclosures ALTER COLUMN kind DROP DEFAULT, ALTER COLUMN actor DROP DEFAULT;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'lika_intake_app') THEN
        REVOKE UPDATE, DELETE ON disclosures FROM lika_intake_app;
    END IF;
END $$;

-- What helped a household in which year; the effect in words is sealed.
CREATE TABLE measures (
    household_id uuid NOT NULL REFERENCES households,
    year int NOT NULL,
    measure text NOT NULL,
    version int NOT NULL,
    fingerprint text NOT NULL,
    effect bytea NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now(),
    superseded_at timestamptz,
    PRIMARY KEY (household_id, year, measure, version)
);
CREATE UNIQUE INDEX measures_current ON measures (household_id, year, measure) WHERE superseded_at IS NULL;

-- Places, as the county numbers and names them. A residents' group has a number of its own under its community's.
CREATE TABLE divisions (
    code text PRIMARY KEY,
    name text NOT NULL,
    parent text REFERENCES divisions,
    changed_at timestamptz NOT NULL DEFAULT lika_now(),
    actor text NOT NULL
);

-- Who goes out to the households, and where. The names are those of staff and representatives.
CREATE TABLE work_teams (
    id uuid PRIMARY KEY,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    name text NOT NULL,
    areas text[] NOT NULL,
    members jsonb NOT NULL,
    version int NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT lika_now(),
    actor text NOT NULL,
    UNIQUE (campaign_id, name)
);

-- What a campaign decides by, where it differs from its plan (version 1), with every version.
CREATE TABLE campaign_settings (
    campaign_id uuid NOT NULL REFERENCES campaigns,
    version int NOT NULL CHECK (version > 1),
    settings jsonb NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT lika_now(),
    PRIMARY KEY (campaign_id, version)
);
