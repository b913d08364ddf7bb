-- What people are told, and what the public may read. No column here can hold an identity number, a telephone, a birth
-- date, health or income (domain.md section 9).

CREATE TABLE campaigns (
    campaign    uuid PRIMARY KEY,
    year        int NOT NULL,
    subdistrict text NOT NULL
);

-- Windows that have opened: their level and last day are needed when they expire.
CREATE TABLE windows (
    "window"  uuid PRIMARY KEY,
    campaign  uuid NOT NULL,
    level     text NOT NULL CHECK (level IN ('community', 'subdistrict')),
    division  text NOT NULL,
    closes_at timestamptz NOT NULL
);

CREATE TABLE notices (
    id           uuid PRIMARY KEY,
    audience     text NOT NULL CHECK (audience IN ('household', 'tip', 'work_team')),
    recipient    uuid NOT NULL,
    template     text NOT NULL,
    language     text NOT NULL,
    envelope     text NOT NULL,
    body         text NOT NULL,
    channel      text NOT NULL CHECK (channel IN ('inbox')),
    status       text NOT NULL CHECK (status IN ('planned', 'sending', 'delivered', 'unknown', 'failed')),
    version      int NOT NULL,
    planned_at   timestamptz NOT NULL,
    -- When the notice last moved.
    moved_at     timestamptz NOT NULL,
    -- Machine time, not plan time: how long its present sender may stay silent.
    leased_until timestamptz
);
CREATE INDEX notices_by_recipient ON notices (recipient, id);
-- The few that still have a way to go.
CREATE INDEX notices_under_way ON notices (status, id) WHERE status IN ('planned', 'sending', 'unknown');

-- The inbox channel's own store, as far from `notices` as a post office: whoever sends knows only what it answers. A
-- notice is in it once, whoever sends it how often.
CREATE TABLE letters (
    notice    uuid PRIMARY KEY,
    recipient uuid NOT NULL,
    envelope  text NOT NULL,
    body      text NOT NULL,
    put_at    timestamptz NOT NULL
);
CREATE INDEX letters_by_recipient ON letters (recipient, notice);

-- One per campaign and community.
CREATE TABLE announcements (
    id        uuid PRIMARY KEY,
    campaign  uuid NOT NULL,
    community text NOT NULL,
    opened_at timestamptz NOT NULL,
    UNIQUE (campaign, community)
);

-- The lines of the announcements, within the whitelist of sheets.
CREATE TABLE announced_results (
    "case"       uuid PRIMARY KEY,
    household    uuid NOT NULL,
    announcement uuid NOT NULL REFERENCES announcements (id),
    kind         text NOT NULL,
    community    text NOT NULL,
    "group"      text,
    head_name    text NOT NULL,
    member_count int NOT NULL CHECK (member_count >= 0),
    announced_at timestamptz NOT NULL,
    version      int NOT NULL
);
CREATE INDEX announced_results_by_announcement ON announced_results (announcement, "case");
