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
