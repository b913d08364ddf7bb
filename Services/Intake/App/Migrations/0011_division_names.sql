-- A division tells the others what it is called. Those on file have not told yet: their version is 0.
ALTER TABLE divisions
    ADD COLUMN id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    ADD COLUMN version integer NOT NULL DEFAULT 0;
ALTER TABLE divisions
    ALTER COLUMN id DROP DEFAULT,
    ALTER COLUMN version DROP DEFAULT;
