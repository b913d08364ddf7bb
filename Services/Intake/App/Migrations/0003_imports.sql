-- A sheet comes in, lies sealed until it is through, and is taken in pieces: each piece's effect, faults and place in the
-- sheet are one transaction, so that whoever goes on after a crash loses and repeats nothing.

-- A body too large to be held, in the order of its numbers.
CREATE TABLE upload_pieces (
    upload_id uuid NOT NULL,
    number int NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (upload_id, number)
);

ALTER TABLE imports
    -- Nothing once its bytes are destroyed.
    ADD upload_id uuid,
    ADD format text NOT NULL DEFAULT 'csv' CHECK (format IN ('csv', 'xlsx')),
    ADD sheet text,
    -- As declared.
    ADD encoding text,
    -- Does everything but keep the effects.
    ADD dry boolean NOT NULL DEFAULT false,
    -- Whose account sent it.
    ADD actor text NOT NULL DEFAULT 'unnamed',
    ADD state text NOT NULL DEFAULT 'done' CHECK (state IN ('waiting', 'running', 'done', 'refused')),
    -- What reading it through once has shown.
    ADD outline jsonb,
    ADD ignored text[] NOT NULL DEFAULT '{}',
    -- The last line that took effect.
    ADD line int NOT NULL DEFAULT 0,
    ADD rows int NOT NULL DEFAULT 0,
    ADD entered int NOT NULL DEFAULT 0,
    ADD corrected int NOT NULL DEFAULT 0,
    ADD unchanged int NOT NULL DEFAULT 0,
    ADD refused int NOT NULL DEFAULT 0,
    ADD faults int NOT NULL DEFAULT 0,
    -- Real time, not the plan's: it is a process's lease and a rate.
    ADD lease uuid,
    -- How often it was begun since it last came further.
    ADD attempts int NOT NULL DEFAULT 0,
    ADD leased_until timestamptz,
    ADD began_at timestamptz,
    ADD ended_at timestamptz;
CREATE INDEX imports_open ON imports (campaign_id, id) WHERE state IN ('waiting', 'running');

CREATE TABLE import_faults (
    import_id uuid NOT NULL REFERENCES imports,
    number int NOT NULL,
    line int NOT NULL,
    "column" text,
    code text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (import_id, number)
);

-- What became of the rows of a piece: for each entry its first and last line and its outcome.
CREATE TABLE import_outcomes (
    import_id uuid NOT NULL REFERENCES imports,
    line int NOT NULL,
    firsts bigint[] NOT NULL,
    lasts bigint[] NOT NULL,
    outcomes text[] NOT NULL,
    PRIMARY KEY (import_id, line)
);

-- Who a dry run has admitted so far, since the books do not show it.
CREATE TABLE import_persons (
    import_id uuid NOT NULL REFERENCES imports,
    id_hash text NOT NULL,
    owner text NOT NULL,
    PRIMARY KEY (import_id, id_hash)
);

UPDATE imports SET rows = (report->>'rows')::int, entered = (report->>'entered')::int, corrected = (report->>'corrected')::int,
    unchanged = (report->>'unchanged')::int, refused = (report->>'refused')::int, faults = jsonb_array_length(report->'faults'),
    ignored = ARRAY(SELECT jsonb_array_elements_text(report->'ignoredColumns'));
INSERT INTO import_faults (import_id, number, line, "column", code, reason)
SELECT i.id, f.number, (f.fault->>'line')::int, f.fault->>'column', f.fault->>'code', f.fault->>'reason'
FROM imports i, jsonb_array_elements(i.report->'faults') WITH ORDINALITY AS f (fault, number);
ALTER TABLE imports DROP report;
