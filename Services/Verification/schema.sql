-- The schema that the migrations of verification result in. Written by infra/schemas; do not edit.

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

CREATE TABLE accepted_results (
    request uuid NOT NULL,
    kid text NOT NULL,
    digest text NOT NULL,
    jws text NOT NULL,
    value bytea NOT NULL,
    received_at timestamp with time zone NOT NULL,
    outcome text NOT NULL,
    signatory text NOT NULL,
    post text NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    CONSTRAINT accepted_results_outcome_check CHECK ((outcome = ANY (ARRAY['consistent'::text, 'discrepant'::text, 'cannot_determine'::text])))
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

CREATE TABLE batches (
    id uuid NOT NULL,
    campaign uuid NOT NULL,
    households integer NOT NULL,
    opened_at timestamp with time zone NOT NULL
);

CREATE TABLE check_plans (
    campaign uuid NOT NULL,
    due_on date
);

CREATE TABLE check_routings (
    campaign uuid NOT NULL,
    version integer NOT NULL,
    routes jsonb NOT NULL,
    actor text,
    reason text,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    CONSTRAINT check_routings_check CHECK (((version = 1) = (actor IS NULL))),
    CONSTRAINT check_routings_check1 CHECK (((actor IS NULL) = (reason IS NULL)))
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

CREATE TABLE deadlines (
    id uuid NOT NULL,
    campaign uuid NOT NULL,
    department text NOT NULL,
    due_on date NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT deadlines_status_check CHECK ((status = ANY (ARRAY['running'::text, 'reminded'::text, 'missed'::text, 'escalated'::text])))
);

CREATE TABLE department_keys (
    kid text NOT NULL,
    department text NOT NULL,
    public_key bytea NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_to timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    use text NOT NULL,
    CONSTRAINT department_keys_check CHECK ((valid_from < valid_to)),
    CONSTRAINT department_keys_check1 CHECK ((length(public_key) =
CASE use
    WHEN 'enc'::text THEN 64
    ELSE 32
END)),
    CONSTRAINT department_keys_use_check CHECK ((use = ANY (ARRAY['sig'::text, 'enc'::text, 'desk'::text])))
);

CREATE TABLE desk_sessions (
    token_digest text NOT NULL,
    kid text NOT NULL,
    nonce text NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE files (
    household uuid NOT NULL,
    campaign uuid NOT NULL,
    population text NOT NULL,
    division text NOT NULL,
    status text NOT NULL,
    due_on date,
    version integer NOT NULL,
    head_name text DEFAULT ''::text NOT NULL,
    proposed text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT files_check CHECK (((status = 'waiting'::text) = (due_on IS NULL))),
    CONSTRAINT files_population_check CHECK ((population = ANY (ARRAY['registered'::text, 'proposed_new'::text]))),
    CONSTRAINT files_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'open'::text, 'complete'::text])))
);

CREATE TABLE inbox (
    consumer text NOT NULL,
    topic text NOT NULL,
    subject uuid NOT NULL,
    sequence integer NOT NULL,
    id uuid NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE log_heads (
    topic text NOT NULL,
    partition integer NOT NULL,
    last_offset bigint NOT NULL
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

CREATE TABLE prepared_answers (
    request uuid NOT NULL,
    digest text NOT NULL,
    value bytea NOT NULL,
    kid text NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE refused_results (
    id uuid NOT NULL,
    department text NOT NULL,
    request uuid NOT NULL,
    reason text NOT NULL,
    digest text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    version integer NOT NULL
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

CREATE TABLE requests (
    id uuid NOT NULL,
    household uuid NOT NULL,
    campaign uuid NOT NULL,
    department text NOT NULL,
    topic text NOT NULL,
    population text NOT NULL,
    due_on date NOT NULL,
    status text NOT NULL,
    digest text,
    outcome text,
    answer_digest text,
    kid text,
    objection text,
    version integer NOT NULL,
    replaces uuid,
    previous text,
    objected text[] DEFAULT '{}'::text[] NOT NULL,
    sent_at timestamp with time zone,
    CONSTRAINT requests_answer_digest_check CHECK ((answer_digest ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT requests_check CHECK (((status = 'created'::text) = (digest IS NULL))),
    CONSTRAINT requests_check1 CHECK (((status = ANY (ARRAY['returned'::text, 'signed'::text, 'accepted'::text])) = (outcome IS NOT NULL))),
    CONSTRAINT requests_check2 CHECK (((outcome IS NULL) = (answer_digest IS NULL))),
    CONSTRAINT requests_check3 CHECK (((status = ANY (ARRAY['signed'::text, 'accepted'::text])) = (kid IS NOT NULL))),
    CONSTRAINT requests_check4 CHECK (((status = 'sent_back'::text) = (objection IS NOT NULL))),
    CONSTRAINT requests_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT requests_outcome_check CHECK ((outcome = ANY (ARRAY['consistent'::text, 'discrepant'::text, 'cannot_determine'::text]))),
    CONSTRAINT requests_previous_check CHECK ((previous = ANY (ARRAY['consistent'::text, 'discrepant'::text, 'cannot_determine'::text]))),
    CONSTRAINT requests_status_check CHECK ((status = ANY (ARRAY['created'::text, 'sent'::text, 'overdue'::text, 'sent_back'::text, 'returned'::text, 'signed'::text, 'accepted'::text, 'superseded'::text])))
);

CREATE TABLE schema_migrations (
    name text NOT NULL,
    digest text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE sendings (
    household uuid NOT NULL,
    round integer DEFAULT 1 NOT NULL,
    leased_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

CREATE TABLE sent_back (
    id uuid NOT NULL,
    request uuid NOT NULL,
    answer_digest text NOT NULL,
    reason text NOT NULL,
    remark text,
    actor text NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE timers (
    timer text NOT NULL,
    subject uuid NOT NULL,
    due timestamp with time zone NOT NULL
);

ALTER TABLE ONLY accepted_results
    ADD CONSTRAINT accepted_results_pkey PRIMARY KEY (request, digest);

ALTER TABLE ONLY audit_checkpoints
    ADD CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (service, chain, seq);

ALTER TABLE ONLY audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (chain);

ALTER TABLE ONLY audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY check_plans
    ADD CONSTRAINT check_plans_pkey PRIMARY KEY (campaign);

ALTER TABLE ONLY check_routings
    ADD CONSTRAINT check_routings_pkey PRIMARY KEY (campaign, version);

ALTER TABLE ONLY countersignings
    ADD CONSTRAINT countersignings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY deadlines
    ADD CONSTRAINT deadlines_campaign_department_key UNIQUE (campaign, department);

ALTER TABLE ONLY deadlines
    ADD CONSTRAINT deadlines_pkey PRIMARY KEY (id);

ALTER TABLE ONLY department_keys
    ADD CONSTRAINT department_keys_pkey PRIMARY KEY (kid);

ALTER TABLE ONLY desk_sessions
    ADD CONSTRAINT desk_sessions_nonce_key UNIQUE (nonce);

ALTER TABLE ONLY desk_sessions
    ADD CONSTRAINT desk_sessions_pkey PRIMARY KEY (token_digest);

ALTER TABLE ONLY files
    ADD CONSTRAINT files_pkey PRIMARY KEY (household);

ALTER TABLE ONLY inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (subject, topic, consumer, sequence);

ALTER TABLE ONLY log_heads
    ADD CONSTRAINT log_heads_pkey PRIMARY KEY (topic, partition);

ALTER TABLE ONLY outbox_pending
    ADD CONSTRAINT outbox_pending_pkey PRIMARY KEY (batch);

ALTER TABLE ONLY outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY parked_messages
    ADD CONSTRAINT parked_messages_pkey PRIMARY KEY (consumer, topic, partition, "offset");

ALTER TABLE ONLY prepared_answers
    ADD CONSTRAINT prepared_answers_pkey PRIMARY KEY (request);

ALTER TABLE ONLY refused_results
    ADD CONSTRAINT refused_results_pkey PRIMARY KEY (id);

ALTER TABLE ONLY replies
    ADD CONSTRAINT replies_pkey PRIMARY KEY (key);

ALTER TABLE ONLY requests
    ADD CONSTRAINT requests_current EXCLUDE USING btree (household WITH =, department WITH =, topic WITH =) WHERE ((status <> 'superseded'::text)) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (name);

ALTER TABLE ONLY sendings
    ADD CONSTRAINT sendings_pkey PRIMARY KEY (household);

ALTER TABLE ONLY sent_back
    ADD CONSTRAINT sent_back_pkey PRIMARY KEY (id);

ALTER TABLE ONLY timers
    ADD CONSTRAINT timers_pkey PRIMARY KEY (timer, subject);

CREATE UNIQUE INDEX countersignings_open ON countersignings USING btree (address) WHERE (status = 'open'::text);

CREATE INDEX files_waiting ON files USING btree (campaign) WHERE (status = 'waiting'::text);

CREATE INDEX parked_messages_key ON parked_messages USING btree (consumer, key);

CREATE INDEX requests_told ON outbox USING btree (subject) WHERE (type = 'lika.request.sent.v1'::text);

CREATE INDEX timers_due ON timers USING btree (timer, due);

ALTER TABLE ONLY accepted_results
    ADD CONSTRAINT accepted_results_kid_fkey FOREIGN KEY (kid) REFERENCES department_keys(kid);

ALTER TABLE ONLY accepted_results
    ADD CONSTRAINT accepted_results_request_fkey FOREIGN KEY (request) REFERENCES requests(id);

ALTER TABLE ONLY batches
    ADD CONSTRAINT batches_campaign_fkey FOREIGN KEY (campaign) REFERENCES check_plans(campaign);

ALTER TABLE ONLY check_routings
    ADD CONSTRAINT check_routings_campaign_fkey FOREIGN KEY (campaign) REFERENCES check_plans(campaign);

ALTER TABLE ONLY deadlines
    ADD CONSTRAINT deadlines_campaign_fkey FOREIGN KEY (campaign) REFERENCES check_plans(campaign);

ALTER TABLE ONLY desk_sessions
    ADD CONSTRAINT desk_sessions_kid_fkey FOREIGN KEY (kid) REFERENCES department_keys(kid);

ALTER TABLE ONLY files
    ADD CONSTRAINT files_campaign_fkey FOREIGN KEY (campaign) REFERENCES check_plans(campaign);

ALTER TABLE ONLY prepared_answers
    ADD CONSTRAINT prepared_answers_kid_fkey FOREIGN KEY (kid) REFERENCES department_keys(kid);

ALTER TABLE ONLY prepared_answers
    ADD CONSTRAINT prepared_answers_request_fkey FOREIGN KEY (request) REFERENCES requests(id);

ALTER TABLE ONLY requests
    ADD CONSTRAINT requests_household_fkey FOREIGN KEY (household) REFERENCES files(household) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY sendings
    ADD CONSTRAINT sendings_household_fkey FOREIGN KEY (household) REFERENCES files(household);

ALTER TABLE ONLY sent_back
    ADD CONSTRAINT sent_back_request_fkey FOREIGN KEY (request) REFERENCES requests(id);

ALTER TABLE accepted_results ENABLE ROW LEVEL SECURITY;

ALTER TABLE files ENABLE ROW LEVEL SECURITY;

ALTER TABLE prepared_answers ENABLE ROW LEVEL SECURITY;

CREATE POLICY reach ON accepted_results USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM requests p
  WHERE (p.id = accepted_results.request)))));

CREATE POLICY reach ON files USING (((( SELECT reach() AS reach) IS NULL) OR (division ^@ ANY (( SELECT reach() AS reach)::text[]))));

CREATE POLICY reach ON prepared_answers USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM requests p
  WHERE (p.id = prepared_answers.request)))));

CREATE POLICY reach ON requests USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM files p
  WHERE (p.household = requests.household)))));

CREATE POLICY reach ON sent_back USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM requests p
  WHERE (p.id = sent_back.request)))));

ALTER TABLE requests ENABLE ROW LEVEL SECURITY;

ALTER TABLE sent_back ENABLE ROW LEVEL SECURITY;

