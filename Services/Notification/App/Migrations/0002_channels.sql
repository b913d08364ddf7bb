-- More channels than the inbox, and for each notice how often it was handed over: an answer speaks of one sending, and what
-- was not taken waits before it is tried again.
ALTER TABLE notices
    DROP CONSTRAINT notices_audience_check,
    DROP CONSTRAINT notices_channel_check,
    ADD CONSTRAINT notices_audience_check CHECK (audience IN ('household', 'tip', 'work_team', 'department', 'office')),
    ADD CONSTRAINT notices_channel_check CHECK (channel IN ('inbox', 'sms', 'webhook')),
    ADD COLUMN sends      int NOT NULL DEFAULT 0 CHECK (sends >= 0),
    ADD COLUMN attempts   int NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- Plan time.
    ADD COLUMN not_before timestamptz,
    -- The last word of the channel, as a code.
    ADD COLUMN answer     text;
DROP INDEX notices_under_way;
CREATE INDEX notices_under_way ON notices (channel, status, id) WHERE status IN ('planned', 'sending', 'unknown');
CREATE INDEX notices_failed ON notices (id) WHERE status = 'failed';

-- By which channels a recipient is told beside the inbox, or wants no telling (is_on false). An address is an office's: what
-- reaches a private person is kept by intake alone, and asked for when it is used.
CREATE TABLE ways (
    audience  text NOT NULL,
    recipient uuid NOT NULL,
    channel   text NOT NULL CHECK (channel IN ('sms', 'webhook')),
    address   text,
    is_on     boolean NOT NULL,
    set_by    text NOT NULL,
    set_at    timestamptz NOT NULL,
    PRIMARY KEY (audience, recipient, channel),
    CHECK (address IS NULL OR audience NOT IN ('household', 'tip'))
);

-- How many notices each channel may send just now: a bucket that all instances draw from. Machine time.
CREATE TABLE channel_pace (
    channel   text PRIMARY KEY,
    tokens    float8 NOT NULL,
    filled_at timestamptz NOT NULL
);

-- Edited texts; version 1 of each is the program's own. The newest counts, and a notice keeps the words it was planned with.
CREATE TABLE texts (
    template  text NOT NULL,
    language  text NOT NULL,
    version   int NOT NULL CHECK (version > 1),
    envelope  text NOT NULL,
    body      text NOT NULL,
    edited_by text NOT NULL,
    edited_at timestamptz NOT NULL,
    PRIMARY KEY (template, language, version)
);

-- Each tip and objection that awaits its answer, and who answers for it.
CREATE TABLE promises (
    tip         uuid PRIMARY KEY,
    campaign    uuid NOT NULL,
    number      int NOT NULL,
    due_on      date NOT NULL,
    raised_at   timestamptz NOT NULL,
    -- When it was settled; its answer may still be on its way.
    settled_at  timestamptz,
    -- Nothing where it was settled elsewhere and is answered from there.
    notice      uuid,
    responsible text NOT NULL CHECK (responsible IN ('work_team', 'poverty_office'))
);
CREATE INDEX promises_open ON promises (due_on, tip) WHERE settled_at IS NULL OR notice IS NOT NULL;
