-- The schema that the migrations of verification result in. Written by infra/schemas; do not edit.

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

CREATE TABLE accepted_results (
    request uuid NOT NULL,
    kid text NOT NULL,
    digest text NOT NULL,
    jws text NOT NULL,
    value bytea NOT NULL,
    received_at timestamp with time zone NOT NULL
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

CREATE TABLE check_routes (
    campaign uuid NOT NULL,
    population text NOT NULL,
    department text NOT NULL,
    topic text NOT NULL,
    place integer NOT NULL,
    CONSTRAINT check_routes_population_check CHECK ((population = ANY (ARRAY['registered'::text, 'proposed_new'::text])))
);

CREATE TABLE department_keys (
    kid text NOT NULL,
    department text NOT NULL,
    public_key bytea NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_to timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT department_keys_check CHECK ((valid_from < valid_to)),
    CONSTRAINT department_keys_public_key_check CHECK ((length(public_key) = 32))
);

CREATE TABLE files (
    household uuid NOT NULL,
    campaign uuid NOT NULL,
    population text NOT NULL,
    division text NOT NULL,
    status text NOT NULL,
    due_on date,
    version integer NOT NULL,
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

CREATE TABLE refused_results (
    id uuid NOT NULL,
    department text NOT NULL,
    request uuid NOT NULL,
    reason text NOT NULL,
    digest text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    received_at timestamp with time zone NOT NULL
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
    contradiction text,
    version integer NOT NULL,
    CONSTRAINT requests_answer_digest_check CHECK ((answer_digest ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT requests_check CHECK (((status = 'created'::text) = (digest IS NULL))),
    CONSTRAINT requests_check1 CHECK (((status = ANY (ARRAY['returned'::text, 'signed'::text, 'accepted'::text])) = (outcome IS NOT NULL))),
    CONSTRAINT requests_check2 CHECK (((outcome IS NULL) = (answer_digest IS NULL))),
    CONSTRAINT requests_check3 CHECK (((status = ANY (ARRAY['signed'::text, 'accepted'::text])) = (kid IS NOT NULL))),
    CONSTRAINT requests_check4 CHECK (((status = 'sent_back'::text) = (contradiction IS NOT NULL))),
    CONSTRAINT requests_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT requests_outcome_check CHECK ((outcome = ANY (ARRAY['consistent'::text, 'discrepant'::text, 'cannot_determine'::text]))),
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

CREATE TABLE timers (
    timer text NOT NULL,
    subject uuid NOT NULL,
    due timestamp with time zone NOT NULL
);

ALTER TABLE ONLY accepted_results
    ADD CONSTRAINT accepted_results_pkey PRIMARY KEY (request);

ALTER TABLE ONLY batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY check_plans
    ADD CONSTRAINT check_plans_pkey PRIMARY KEY (campaign);

ALTER TABLE ONLY check_routes
    ADD CONSTRAINT check_routes_pkey PRIMARY KEY (campaign, population, department, topic);

ALTER TABLE ONLY department_keys
    ADD CONSTRAINT department_keys_pkey PRIMARY KEY (kid);

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

ALTER TABLE ONLY timers
    ADD CONSTRAINT timers_pkey PRIMARY KEY (timer, subject);

CREATE INDEX files_waiting ON files USING btree (campaign) WHERE (status = 'waiting'::text);

CREATE INDEX parked_messages_key ON parked_messages USING btree (consumer, key);

CREATE INDEX timers_due ON timers USING btree (timer, due);

ALTER TABLE ONLY accepted_results
    ADD CONSTRAINT accepted_results_kid_fkey FOREIGN KEY (kid) REFERENCES department_keys(kid);

ALTER TABLE ONLY accepted_results
    ADD CONSTRAINT accepted_results_request_fkey FOREIGN KEY (request) REFERENCES requests(id);

ALTER TABLE ONLY batches
    ADD CONSTRAINT batches_campaign_fkey FOREIGN KEY (campaign) REFERENCES check_plans(campaign);

ALTER TABLE ONLY check_routes
    ADD CONSTRAINT check_routes_campaign_fkey FOREIGN KEY (campaign) REFERENCES check_plans(campaign);

ALTER TABLE ONLY files
    ADD CONSTRAINT files_campaign_fkey FOREIGN KEY (campaign) REFERENCES check_plans(campaign);

ALTER TABLE ONLY requests
    ADD CONSTRAINT requests_household_fkey FOREIGN KEY (household) REFERENCES files(household) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY sendings
    ADD CONSTRAINT sendings_household_fkey FOREIGN KEY (household) REFERENCES files(household);

