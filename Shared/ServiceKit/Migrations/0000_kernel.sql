-- What every service keeps beside its own tables, so that an input, its effect and what it tells are one transaction.

-- PostgreSQL's clock, or in a rehearsal the plan's: "<local start>@<unix start>x<speed>" in lika.rehearsal.
-- The same rule as PlanClock in Swift.
CREATE FUNCTION lika_now() RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
    rehearsal text := current_setting('lika.rehearsal', true);
BEGIN
    IF coalesce(rehearsal, '') = '' THEN
        RETURN date_trunc('milliseconds', now());
    END IF;
    RETURN date_trunc('milliseconds', split_part(rehearsal, '@', 1)::timestamptz
        + (now() - to_timestamp(split_part(split_part(rehearsal, '@', 2), 'x', 1)::float8)) * split_part(rehearsal, 'x', 2)::float8);
END $$;

-- One row for each message that took effect. Numbered messages of one subject are applied 1, 2, 3 …; a message from
-- outside is unnumbered: its own id is its subject and its number 0. Rows outlive any replay.
CREATE TABLE inbox (
    consumer text NOT NULL,
    topic text NOT NULL,
    subject uuid NOT NULL,
    sequence int NOT NULL,
    id uuid NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, topic, subject, sequence)
);

-- What this service tells, kept for the campaign so that the log can be rebuilt from it. The last 32 bits of an id
-- count within its transaction: all events of one transaction are one range of ids, its batch.
CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    topic text NOT NULL,
    key uuid NOT NULL,
    subject uuid NOT NULL,
    sequence int NOT NULL,
    type text NOT NULL,
    told_at timestamptz NOT NULL,
    traceparent text,
    data text NOT NULL
);

-- Batches that the broker has not acknowledged. A relay owns a batch until claimed_until; then any relay may take it.
CREATE TABLE outbox_pending (
    batch uuid PRIMARY KEY,
    events int NOT NULL,
    claimed_until timestamptz NOT NULL
);

-- The highest offset the broker acknowledged, so that an emptied log is noticed.
CREATE TABLE log_heads (
    topic text NOT NULL,
    partition int NOT NULL,
    last_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);

-- Messages that could not take effect yet, with the reason: those that came too early, those that failed, and those
-- of the same household behind a failed one.
CREATE TABLE parked_messages (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    key uuid,
    subject uuid,
    sequence int,
    reason text NOT NULL,
    attempts int NOT NULL,
    headers jsonb NOT NULL,
    value bytea NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, topic, partition, "offset")
);
CREATE INDEX parked_messages_key ON parked_messages (consumer, key);

-- Something is due for a subject. Taken by a row lock within the transaction that does it.
CREATE TABLE timers (
    timer text NOT NULL,
    subject uuid NOT NULL,
    due timestamptz NOT NULL,
    PRIMARY KEY (timer, subject)
);
CREATE INDEX timers_due ON timers (timer, due);

-- The reply given to each Idempotency-Key, stored in the command's own transaction.
CREATE TABLE replies (
    key text PRIMARY KEY,
    request text NOT NULL,
    status int NOT NULL,
    content_type text NOT NULL,
    body bytea NOT NULL,
    replied_at timestamptz NOT NULL DEFAULT now()
);
