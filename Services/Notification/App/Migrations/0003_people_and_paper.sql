-- Where recipients live or work and who heads a household, letters on paper with their receipts, e-mail, and the languages that
-- recipients read.

-- What notification knows of a household before it has anything to tell it.
CREATE TABLE households (
    household uuid PRIMARY KEY,
    division  text NOT NULL,
    head_name text NOT NULL
);

CREATE TABLE divisions (
    code text PRIMARY KEY,
    name text NOT NULL
);

-- One way through one residents' group or community: which letters were printed together.
CREATE TABLE rounds (
    id         uuid PRIMARY KEY,
    division   text NOT NULL,
    letters    int NOT NULL CHECK (letters > 0),
    printed_by text NOT NULL,
    printed_at timestamptz NOT NULL
);
CREATE INDEX rounds_by_time ON rounds (printed_at DESC, id);

ALTER TABLE notices
    DROP CONSTRAINT notices_channel_check,
    ADD CONSTRAINT notices_channel_check CHECK (channel IN ('inbox', 'sms', 'letter', 'email', 'webhook')),
    -- Nothing for those of the whole subdistrict.
    ADD COLUMN division  text,
    ADD COLUMN addressee text,
    -- In which a letter was printed last, and its number there.
    ADD COLUMN round     uuid REFERENCES rounds (id),
    ADD COLUMN number    int;
CREATE INDEX notices_by_round ON notices (round, number) WHERE round IS NOT NULL;

ALTER TABLE ways
    DROP CONSTRAINT ways_channel_check,
    ADD CONSTRAINT ways_channel_check CHECK (channel IN ('sms', 'letter', 'email', 'webhook')),
    ADD COLUMN division text;

CREATE TABLE languages (
    audience  text NOT NULL,
    recipient uuid NOT NULL,
    language  text NOT NULL,
    division  text,
    set_by    text NOT NULL,
    set_at    timestamptz NOT NULL,
    PRIMARY KEY (audience, recipient)
);

ALTER TABLE promises ADD COLUMN division text;

-- Sheets of an expired window that are not all accounted for.
ALTER TABLE windows ADD COLUMN recalled_at timestamptz;

CALL confine('households', 'division ^@ ANY ((SELECT reach())::text[])');
CALL confine('rounds', 'division ^@ ANY ((SELECT reach())::text[])');
CALL confine('notices', 'division ^@ ANY ((SELECT reach())::text[])');
CALL confine('letters', 'EXISTS (SELECT FROM notices p WHERE p.id = letters.notice)');
CALL confine('ways', 'division ^@ ANY ((SELECT reach())::text[])');
CALL confine('languages', 'division ^@ ANY ((SELECT reach())::text[])');
CALL confine('promises', 'division ^@ ANY ((SELECT reach())::text[])');
