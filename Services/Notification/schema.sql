-- The schema that the migrations of notification result in. Written by infra/schemas; do not edit.

CREATE FUNCTION audit_append(at timestamp with time zone, actor text, action text, object text, purpose text, outcome text) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    head audit_head;
BEGIN
    UPDATE audit_head SET seq = audit_head.seq + 1 RETURNING * INTO head;
    head.hash := audit_hash(head.hash, head.seq::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), actor, action, object, purpose, outcome);
    INSERT INTO audit VALUES (head.seq, at, actor, action, object, purpose, outcome, head.hash);
    UPDATE audit_head SET hash = head.hash;
END $$;

CREATE FUNCTION audit_hash(before bytea, VARIADIC fields text[]) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT sha256(before || string_agg(int4send(octet_length(f.bytes)) || f.bytes, ''::bytea ORDER BY f.place))
    FROM (SELECT convert_to(field, 'UTF8') AS bytes, place FROM unnest(fields) WITH ORDINALITY AS u (field, place)) AS f
$$;

CREATE PROCEDURE confine(IN place regclass, IN rule text)
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', place);
    EXECUTE format('CREATE POLICY reach ON %s USING ((SELECT reach()) IS NULL OR %s)', place, rule);
END $$;

CREATE FUNCTION lika_now() RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    rehearsal text := current_setting('lika.rehearsal', true);
BEGIN
    IF coalesce(rehearsal, '') = '' THEN
        RETURN date_trunc('milliseconds', now());
    END IF;
    RETURN date_trunc('milliseconds', split_part(rehearsal, '@', 1)::timestamptz
        + (now() - to_timestamp(split_part(split_part(rehearsal, '@', 2), 'x', 1)::float8)) * split_part(rehearsal, 'x', 2)::float8);
END $$;

CREATE FUNCTION reach() RETURNS text[]
    LANGUAGE sql STABLE
    AS $$
    SELECT string_to_array(nullif(current_setting('lika.reach', true), ''), ' ')
$$;

CREATE TABLE announced_results (
    "case" uuid NOT NULL,
    household uuid NOT NULL,
    announcement uuid NOT NULL,
    kind text NOT NULL,
    community text NOT NULL,
    "group" text,
    head_name text NOT NULL,
    member_count integer NOT NULL,
    announced_at timestamp with time zone NOT NULL,
    version integer NOT NULL,
    CONSTRAINT announced_results_member_count_check CHECK ((member_count >= 0))
);

CREATE TABLE announcements (
    id uuid NOT NULL,
    campaign uuid NOT NULL,
    community text NOT NULL,
    opened_at timestamp with time zone NOT NULL
);

CREATE TABLE audit (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    purpose text NOT NULL,
    outcome text NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT audit_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'read'::text, 'refused'::text])))
);

CREATE TABLE audit_checkpoints (
    service text NOT NULL,
    chain uuid NOT NULL,
    seq bigint NOT NULL,
    hash text NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    signature text NOT NULL
);

CREATE TABLE audit_head (
    chain uuid NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    signed_seq bigint NOT NULL,
    signed_hash text NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    version integer NOT NULL
);

CREATE TABLE campaigns (
    campaign uuid NOT NULL,
    year integer NOT NULL,
    subdistrict text NOT NULL
);

CREATE TABLE channel_pace (
    channel text NOT NULL,
    tokens double precision NOT NULL,
    filled_at timestamp with time zone NOT NULL
);

CREATE TABLE countersignings (
    id uuid NOT NULL,
    route text NOT NULL,
    address text NOT NULL,
    path jsonb NOT NULL,
    body bytea NOT NULL,
    status text NOT NULL,
    proposed_by text NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    decided_by text,
    decided_at timestamp with time zone,
    CONSTRAINT countersignings_check CHECK ((((status = 'open'::text) = (decided_by IS NULL)) AND ((status = 'open'::text) = (decided_at IS NULL)))),
    CONSTRAINT countersignings_check1 CHECK (((status <> 'confirmed'::text) OR (decided_by <> proposed_by))),
    CONSTRAINT countersignings_status_check CHECK ((status = ANY (ARRAY['open'::text, 'confirmed'::text, 'refused'::text])))
);

CREATE TABLE divisions (
    code text NOT NULL,
    name text NOT NULL
);

CREATE TABLE households (
    household uuid NOT NULL,
    division text NOT NULL,
    head_name text NOT NULL
);

CREATE TABLE inbox (
    consumer text NOT NULL,
    topic text NOT NULL,
    subject uuid NOT NULL,
    sequence integer NOT NULL,
    id uuid NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE languages (
    audience text NOT NULL,
    recipient uuid NOT NULL,
    language text NOT NULL,
    division text,
    set_by text NOT NULL,
    set_at timestamp with time zone NOT NULL
);

CREATE TABLE letters (
    notice uuid NOT NULL,
    recipient uuid NOT NULL,
    envelope text NOT NULL,
    body text NOT NULL,
    put_at timestamp with time zone NOT NULL
);

CREATE TABLE log_heads (
    topic text NOT NULL,
    partition integer NOT NULL,
    last_offset bigint NOT NULL
);

CREATE TABLE notices (
    id uuid NOT NULL,
    audience text NOT NULL,
    recipient uuid NOT NULL,
    template text NOT NULL,
    language text NOT NULL,
    envelope text NOT NULL,
    body text NOT NULL,
    channel text NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    planned_at timestamp with time zone NOT NULL,
    moved_at timestamp with time zone NOT NULL,
    leased_until timestamp with time zone,
    sends integer DEFAULT 0 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    not_before timestamp with time zone,
    answer text,
    division text,
    addressee text,
    round uuid,
    number integer,
    CONSTRAINT notices_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT notices_audience_check CHECK ((audience = ANY (ARRAY['household'::text, 'tip'::text, 'work_team'::text, 'department'::text, 'office'::text]))),
    CONSTRAINT notices_channel_check CHECK ((channel = ANY (ARRAY['inbox'::text, 'sms'::text, 'letter'::text, 'email'::text, 'webhook'::text]))),
    CONSTRAINT notices_sends_check CHECK ((sends >= 0)),
    CONSTRAINT notices_status_check CHECK ((status = ANY (ARRAY['planned'::text, 'sending'::text, 'delivered'::text, 'unknown'::text, 'failed'::text])))
);

CREATE TABLE outbox (
    id uuid NOT NULL,
    topic text NOT NULL,
    key uuid NOT NULL,
    subject uuid NOT NULL,
    sequence integer NOT NULL,
    type text NOT NULL,
    told_at timestamp with time zone NOT NULL,
    traceparent text,
    data text NOT NULL
);

CREATE TABLE outbox_pending (
    batch uuid NOT NULL,
    events integer NOT NULL,
    claimed_until timestamp with time zone NOT NULL
);

CREATE TABLE parked_messages (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    key uuid,
    subject uuid,
    sequence integer,
    reason text NOT NULL,
    attempts integer NOT NULL,
    headers jsonb NOT NULL,
    value bytea NOT NULL,
    parked_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE promises (
    tip uuid NOT NULL,
    campaign uuid NOT NULL,
    number integer NOT NULL,
    due_on date NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    notice uuid,
    responsible text NOT NULL,
    division text,
    CONSTRAINT promises_responsible_check CHECK ((responsible = ANY (ARRAY['work_team'::text, 'poverty_office'::text])))
);

CREATE TABLE replies (
    key text NOT NULL,
    request text NOT NULL,
    status integer NOT NULL,
    content_type text NOT NULL,
    body bytea NOT NULL,
    replied_at timestamp with time zone DEFAULT now() NOT NULL,
    location text
);

CREATE TABLE rounds (
    id uuid NOT NULL,
    division text NOT NULL,
    letters integer NOT NULL,
    printed_by text NOT NULL,
    printed_at timestamp with time zone NOT NULL,
    CONSTRAINT rounds_letters_check CHECK ((letters > 0))
);

CREATE TABLE schema_migrations (
    name text NOT NULL,
    digest text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE texts (
    template text NOT NULL,
    language text NOT NULL,
    version integer NOT NULL,
    envelope text NOT NULL,
    body text NOT NULL,
    edited_by text NOT NULL,
    edited_at timestamp with time zone NOT NULL,
    CONSTRAINT texts_version_check CHECK ((version > 1))
);

CREATE TABLE timers (
    timer text NOT NULL,
    subject uuid NOT NULL,
    due timestamp with time zone NOT NULL
);

CREATE TABLE ways (
    audience text NOT NULL,
    recipient uuid NOT NULL,
    channel text NOT NULL,
    address text,
    is_on boolean NOT NULL,
    set_by text NOT NULL,
    set_at timestamp with time zone NOT NULL,
    division text,
    CONSTRAINT ways_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'letter'::text, 'email'::text, 'webhook'::text]))),
    CONSTRAINT ways_check CHECK (((address IS NULL) OR (audience <> ALL (ARRAY['household'::text, 'tip'::text]))))
);

CREATE TABLE windows (
    "window" uuid NOT NULL,
    campaign uuid NOT NULL,
    level text NOT NULL,
    division text NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    recalled_at timestamp with time zone,
    CONSTRAINT windows_level_check CHECK ((level = ANY (ARRAY['community'::text, 'subdistrict'::text])))
);

ALTER TABLE ONLY announced_results
    ADD CONSTRAINT announced_results_pkey PRIMARY KEY ("case");

ALTER TABLE ONLY announcements
    ADD CONSTRAINT announcements_campaign_community_key UNIQUE (campaign, community);

ALTER TABLE ONLY announcements
    ADD CONSTRAINT announcements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY audit_checkpoints
    ADD CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (service, chain, seq);

ALTER TABLE ONLY audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (chain);

ALTER TABLE ONLY audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY campaigns
    ADD CONSTRAINT campaigns_pkey PRIMARY KEY (campaign);

ALTER TABLE ONLY channel_pace
    ADD CONSTRAINT channel_pace_pkey PRIMARY KEY (channel);

ALTER TABLE ONLY countersignings
    ADD CONSTRAINT countersignings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY divisions
    ADD CONSTRAINT divisions_pkey PRIMARY KEY (code);

ALTER TABLE ONLY households
    ADD CONSTRAINT households_pkey PRIMARY KEY (household);

ALTER TABLE ONLY inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (subject, topic, consumer, sequence);

ALTER TABLE ONLY languages
    ADD CONSTRAINT languages_pkey PRIMARY KEY (audience, recipient);

ALTER TABLE ONLY letters
    ADD CONSTRAINT letters_pkey PRIMARY KEY (notice);

ALTER TABLE ONLY log_heads
    ADD CONSTRAINT log_heads_pkey PRIMARY KEY (topic, partition);

ALTER TABLE ONLY notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY outbox_pending
    ADD CONSTRAINT outbox_pending_pkey PRIMARY KEY (batch);

ALTER TABLE ONLY outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY parked_messages
    ADD CONSTRAINT parked_messages_pkey PRIMARY KEY (consumer, topic, partition, "offset");

ALTER TABLE ONLY promises
    ADD CONSTRAINT promises_pkey PRIMARY KEY (tip);

ALTER TABLE ONLY replies
    ADD CONSTRAINT replies_pkey PRIMARY KEY (key);

ALTER TABLE ONLY rounds
    ADD CONSTRAINT rounds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (name);

ALTER TABLE ONLY texts
    ADD CONSTRAINT texts_pkey PRIMARY KEY (template, language, version);

ALTER TABLE ONLY timers
    ADD CONSTRAINT timers_pkey PRIMARY KEY (timer, subject);

ALTER TABLE ONLY ways
    ADD CONSTRAINT ways_pkey PRIMARY KEY (audience, recipient, channel);

ALTER TABLE ONLY windows
    ADD CONSTRAINT windows_pkey PRIMARY KEY ("window");

CREATE INDEX announced_results_by_announcement ON announced_results USING btree (announcement, "case");

CREATE UNIQUE INDEX countersignings_open ON countersignings USING btree (address) WHERE (status = 'open'::text);

CREATE INDEX letters_by_recipient ON letters USING btree (recipient, notice);

CREATE INDEX notices_by_recipient ON notices USING btree (recipient, id);

CREATE INDEX notices_by_round ON notices USING btree (round, number) WHERE (round IS NOT NULL);

CREATE INDEX notices_failed ON notices USING btree (id) WHERE (status = 'failed'::text);

CREATE INDEX notices_under_way ON notices USING btree (channel, status, id) WHERE (status = ANY (ARRAY['planned'::text, 'sending'::text, 'unknown'::text]));

CREATE INDEX parked_messages_key ON parked_messages USING btree (consumer, key);

CREATE INDEX promises_open ON promises USING btree (due_on, tip) WHERE ((settled_at IS NULL) OR (notice IS NOT NULL));

CREATE INDEX rounds_by_time ON rounds USING btree (printed_at DESC, id);

CREATE INDEX timers_due ON timers USING btree (timer, due);

ALTER TABLE ONLY announced_results
    ADD CONSTRAINT announced_results_announcement_fkey FOREIGN KEY (announcement) REFERENCES announcements(id);

ALTER TABLE ONLY notices
    ADD CONSTRAINT notices_round_fkey FOREIGN KEY (round) REFERENCES rounds(id);

ALTER TABLE households ENABLE ROW LEVEL SECURITY;

ALTER TABLE languages ENABLE ROW LEVEL SECURITY;

ALTER TABLE letters ENABLE ROW LEVEL SECURITY;

ALTER TABLE notices ENABLE ROW LEVEL SECURITY;

ALTER TABLE promises ENABLE ROW LEVEL SECURITY;

CREATE POLICY reach ON households USING (((( SELECT reach() AS reach) IS NULL) OR (division ^@ ANY (( SELECT reach() AS reach)::text[]))));

CREATE POLICY reach ON languages USING (((( SELECT reach() AS reach) IS NULL) OR (division ^@ ANY (( SELECT reach() AS reach)::text[]))));

CREATE POLICY reach ON letters USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM notices p
  WHERE (p.id = letters.notice)))));

CREATE POLICY reach ON notices USING (((( SELECT reach() AS reach) IS NULL) OR (division ^@ ANY (( SELECT reach() AS reach)::text[]))));

CREATE POLICY reach ON promises USING (((( SELECT reach() AS reach) IS NULL) OR (division ^@ ANY (( SELECT reach() AS reach)::text[]))));

CREATE POLICY reach ON rounds USING (((( SELECT reach() AS reach) IS NULL) OR (division ^@ ANY (( SELECT reach() AS reach)::text[]))));

CREATE POLICY reach ON ways USING (((( SELECT reach() AS reach) IS NULL) OR (division ^@ ANY (( SELECT reach() AS reach)::text[]))));

ALTER TABLE rounds ENABLE ROW LEVEL SECURITY;

ALTER TABLE ways ENABLE ROW LEVEL SECURITY;

