-- The schema that the migrations of intake result in. Written by infra/schemas; do not edit.

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

CREATE TABLE assessments (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    household_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    occasion text NOT NULL,
    rule_set text NOT NULL,
    verdict text NOT NULL,
    sealed bytea NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    CONSTRAINT assessments_occasion_check CHECK ((occasion = ANY (ARRAY['survey'::text, 'members'::text]))),
    CONSTRAINT assessments_verdict_check CHECK ((verdict = ANY (ARRAY['met'::text, 'not_met'::text, 'referred'::text])))
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

CREATE TABLE campaign_settings (
    campaign_id uuid NOT NULL,
    version integer NOT NULL,
    settings jsonb NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    CONSTRAINT campaign_settings_version_check CHECK ((version > 1))
);

CREATE TABLE campaigns (
    id uuid NOT NULL,
    year integer NOT NULL,
    subdistrict text NOT NULL,
    plan jsonb NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    version integer NOT NULL
);

CREATE TABLE case_steps (
    id bigint NOT NULL,
    case_id uuid NOT NULL,
    teller text NOT NULL,
    place text NOT NULL,
    reasons text NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    CONSTRAINT case_steps_teller_check CHECK ((teller = ANY (ARRAY['intake'::text, 'review'::text])))
);

ALTER TABLE case_steps ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME case_steps_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE cases (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    household_id uuid NOT NULL,
    kind text NOT NULL,
    member_id uuid,
    change_reason text,
    change_on date,
    change_evidence text,
    status text NOT NULL,
    reasons text NOT NULL,
    proposed_at timestamp with time zone DEFAULT lika_now() NOT NULL,
    version integer NOT NULL,
    CONSTRAINT cases_check CHECK (((kind = ANY (ARRAY['CLEAROUT'::text, 'NATURAL'::text])) = (member_id IS NOT NULL))),
    CONSTRAINT cases_status_check CHECK ((status = ANY (ARRAY['proposed'::text, 'referred'::text, 'surveyed'::text, 'reopened'::text, 'reported'::text, 'marked'::text, 'dropped'::text, 'closed'::text])))
);

CREATE TABLE closings (
    household_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    case_id uuid NOT NULL,
    opened_at timestamp with time zone DEFAULT lika_now() NOT NULL
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

CREATE TABLE department_answers (
    request_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    household_id uuid NOT NULL,
    department text NOT NULL,
    topic text NOT NULL,
    outcome text NOT NULL,
    accepted_at timestamp with time zone NOT NULL
);

CREATE TABLE disclosures (
    id bigint NOT NULL,
    household_id uuid,
    persons integer NOT NULL,
    purpose text NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    kind text NOT NULL,
    member_id uuid,
    actor text NOT NULL,
    topics text[],
    CONSTRAINT disclosures_check CHECK (((kind = 'verification'::text) = (topics IS NOT NULL))),
    CONSTRAINT disclosures_check1 CHECK (((kind = ANY (ARRAY['search'::text, 'map'::text])) OR (household_id IS NOT NULL))),
    CONSTRAINT disclosures_kind_check CHECK ((kind = ANY (ARRAY['verification'::text, 'reveal'::text, 'search'::text, 'explanation'::text, 'map'::text, 'export'::text, 'notification'::text])))
);

ALTER TABLE disclosures ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME disclosures_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE divisions (
    code text NOT NULL,
    name text NOT NULL,
    parent text,
    changed_at timestamp with time zone DEFAULT lika_now() NOT NULL,
    actor text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL
);

CREATE TABLE entries (
    household_id uuid NOT NULL,
    fingerprint text NOT NULL,
    sealed bytea NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    version integer NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    superseded_at timestamp with time zone
);

CREATE TABLE exports (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    kind text NOT NULL,
    format text NOT NULL,
    within text,
    purpose text NOT NULL,
    actor text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    total integer DEFAULT 0 NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    rows integer DEFAULT 0 NOT NULL,
    upload_id uuid,
    failure text,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    lease uuid,
    leased_until timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    reach text DEFAULT ''::text NOT NULL,
    CONSTRAINT exports_format_check CHECK ((format = ANY (ARRAY['csv'::text, 'xlsx'::text]))),
    CONSTRAINT exports_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text])))
);

CREATE TABLE household_keys (
    household_id uuid NOT NULL,
    id uuid NOT NULL,
    wrapped_under text NOT NULL,
    wrapped bytea NOT NULL
);

CREATE TABLE household_states (
    id bigint NOT NULL,
    household_id uuid NOT NULL,
    state jsonb NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL
);

ALTER TABLE household_states ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME household_states_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE households (
    id uuid NOT NULL,
    number text NOT NULL,
    campaign_id uuid NOT NULL,
    division text NOT NULL,
    standing text NOT NULL,
    exit_status text,
    standing_year integer,
    registered_on date,
    version integer NOT NULL,
    CONSTRAINT households_check CHECK (((standing = 'registered'::text) = (exit_status IS NOT NULL))),
    CONSTRAINT households_standing_check CHECK ((standing = ANY (ARRAY['outside'::text, 'registered'::text, 'struck_off'::text, 'closed'::text])))
);

CREATE TABLE identifiers (
    member_id uuid NOT NULL,
    household_id uuid NOT NULL,
    sealed bytea NOT NULL
);

CREATE TABLE import_faults (
    import_id uuid NOT NULL,
    number integer NOT NULL,
    line integer NOT NULL,
    "column" text,
    code text NOT NULL,
    reason text NOT NULL
);

CREATE TABLE import_outcomes (
    import_id uuid NOT NULL,
    line integer NOT NULL,
    firsts bigint[] NOT NULL,
    lasts bigint[] NOT NULL,
    outcomes text[] NOT NULL
);

CREATE TABLE import_persons (
    import_id uuid NOT NULL,
    id_hash text NOT NULL,
    owner text NOT NULL
);

CREATE TABLE imports (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    kind text NOT NULL,
    digest text NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    upload_id uuid,
    format text DEFAULT 'csv'::text NOT NULL,
    sheet text,
    encoding text,
    dry boolean DEFAULT false NOT NULL,
    actor text DEFAULT 'unnamed'::text NOT NULL,
    state text DEFAULT 'done'::text NOT NULL,
    outline jsonb,
    ignored text[] DEFAULT '{}'::text[] NOT NULL,
    line integer DEFAULT 0 NOT NULL,
    rows integer DEFAULT 0 NOT NULL,
    entered integer DEFAULT 0 NOT NULL,
    corrected integer DEFAULT 0 NOT NULL,
    unchanged integer DEFAULT 0 NOT NULL,
    refused integer DEFAULT 0 NOT NULL,
    faults integer DEFAULT 0 NOT NULL,
    lease uuid,
    attempts integer DEFAULT 0 NOT NULL,
    leased_until timestamp with time zone,
    began_at timestamp with time zone,
    ended_at timestamp with time zone,
    reach text DEFAULT ''::text NOT NULL,
    CONSTRAINT imports_format_check CHECK ((format = ANY (ARRAY['csv'::text, 'xlsx'::text]))),
    CONSTRAINT imports_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'refused'::text])))
);

CREATE TABLE inbox (
    consumer text NOT NULL,
    topic text NOT NULL,
    subject uuid NOT NULL,
    sequence integer NOT NULL,
    id uuid NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE judgements (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    eligible boolean NOT NULL,
    actor text NOT NULL,
    sealed bytea NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL
);

CREATE TABLE location_steps (
    location_id uuid NOT NULL,
    version integer NOT NULL,
    step text NOT NULL,
    sealed bytea,
    open jsonb,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    CONSTRAINT location_steps_check CHECK ((num_nonnulls(sealed, open) =
CASE step
    WHEN 'capture'::text THEN 1
    ELSE 0
END)),
    CONSTRAINT location_steps_step_check CHECK ((step = ANY (ARRAY['capture'::text, 'mark'::text, 'unmark'::text])))
);

CREATE TABLE locations (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    household_id uuid,
    seat text,
    required_on date,
    state text NOT NULL,
    capture integer,
    version integer NOT NULL,
    CONSTRAINT locations_check CHECK ((num_nonnulls(household_id, seat) = 1)),
    CONSTRAINT locations_check1 CHECK (((state = 'missing'::text) = (capture IS NULL))),
    CONSTRAINT locations_state_check CHECK ((state = ANY (ARRAY['missing'::text, 'captured'::text, 'marked'::text])))
);

CREATE TABLE log_heads (
    topic text NOT NULL,
    partition integer NOT NULL,
    last_offset bigint NOT NULL
);

CREATE TABLE measures (
    household_id uuid NOT NULL,
    year integer NOT NULL,
    measure text NOT NULL,
    version integer NOT NULL,
    fingerprint text NOT NULL,
    effect bytea NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    superseded_at timestamp with time zone
);

CREATE TABLE members (
    id uuid NOT NULL,
    household_id uuid NOT NULL,
    "position" integer NOT NULL,
    number text NOT NULL,
    name text NOT NULL,
    relation text NOT NULL,
    born_on date NOT NULL,
    id_hash text NOT NULL,
    state text NOT NULL,
    ended_reason text,
    ended_on date,
    CONSTRAINT members_check CHECK (((state = 'ended'::text) = ((ended_reason IS NOT NULL) AND (ended_on IS NOT NULL)))),
    CONSTRAINT members_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'active'::text, 'ended'::text, 'refused'::text])))
);

CREATE TABLE movements (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    household_id uuid NOT NULL,
    case_id uuid,
    cause text NOT NULL,
    households integer NOT NULL,
    persons integer NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL
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

CREATE TABLE outlines (
    division text NOT NULL,
    version integer NOT NULL,
    outline jsonb NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    CONSTRAINT outlines_version_check CHECK ((version > 0))
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

CREATE TABLE position_accounts (
    account text NOT NULL,
    version integer NOT NULL,
    division text,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    CONSTRAINT position_accounts_version_check CHECK ((version > 0))
);

CREATE TABLE proposals (
    case_id uuid NOT NULL,
    edition integer,
    sealed bytea NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL
);

CREATE TABLE purges (
    id uuid NOT NULL,
    household_id uuid NOT NULL,
    purged_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    deed text NOT NULL,
    key_digest text,
    cells integer NOT NULL
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

CREATE TABLE residence_checks (
    campaign_id uuid NOT NULL,
    household_id uuid NOT NULL,
    outcome text,
    completed_at timestamp with time zone
);

CREATE TABLE roster_steps (
    id bigint NOT NULL,
    campaign_id uuid NOT NULL,
    kind text NOT NULL,
    edition integer NOT NULL,
    status text NOT NULL,
    cases integer NOT NULL,
    actor text NOT NULL,
    reason text,
    at timestamp with time zone DEFAULT lika_now() NOT NULL
);

ALTER TABLE roster_steps ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME roster_steps_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE rosters (
    campaign_id uuid NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    edition integer NOT NULL,
    version integer NOT NULL,
    CONSTRAINT rosters_edition_check CHECK ((edition > 0)),
    CONSTRAINT rosters_kind_check CHECK ((kind = ANY (ARRAY['REMOVAL'::text, 'EXIT'::text, 'RETURN'::text, 'NEW'::text]))),
    CONSTRAINT rosters_status_check CHECK ((status = ANY (ARRAY['drafted'::text, 'fixed'::text])))
);

CREATE TABLE schema_migrations (
    name text NOT NULL,
    digest text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE survey_conflicts (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    household_id uuid NOT NULL,
    base integer NOT NULL,
    found integer NOT NULL,
    record_key text NOT NULL,
    surveyor text NOT NULL,
    fingerprint text NOT NULL,
    sealed bytea NOT NULL,
    actor text NOT NULL,
    recorded_at timestamp with time zone DEFAULT lika_now() NOT NULL,
    resolution text,
    resolved_by text,
    reason text,
    resolved_at timestamp with time zone,
    CONSTRAINT survey_conflicts_check CHECK (((resolution IS NULL) = (resolved_at IS NULL))),
    CONSTRAINT survey_conflicts_resolution_check CHECK ((resolution = ANY (ARRAY['taken'::text, 'discarded'::text])))
);

CREATE TABLE timers (
    timer text NOT NULL,
    subject uuid NOT NULL,
    due timestamp with time zone NOT NULL
);

CREATE TABLE tip_acts (
    tip_id uuid NOT NULL,
    number integer NOT NULL,
    act text NOT NULL,
    sealed bytea NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL
);

CREATE TABLE tip_buckets (
    bucket text NOT NULL,
    tokens double precision NOT NULL,
    filled_at timestamp with time zone NOT NULL
);

CREATE TABLE tip_disclosures (
    id bigint NOT NULL,
    tip_id uuid NOT NULL,
    kind text NOT NULL,
    purpose text NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL,
    CONSTRAINT tip_disclosures_kind_check CHECK ((kind = ANY (ARRAY['text'::text, 'tipster'::text])))
);

ALTER TABLE tip_disclosures ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tip_disclosures_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tip_escalations (
    tip_id uuid NOT NULL,
    level text NOT NULL,
    escalated_at timestamp with time zone NOT NULL,
    CONSTRAINT tip_escalations_level_check CHECK ((level = ANY (ARRAY['community'::text, 'work_team'::text, 'subdistrict'::text, 'county'::text])))
);

CREATE TABLE tip_keys (
    tip_id uuid NOT NULL,
    id uuid NOT NULL,
    wrapped_under text NOT NULL,
    wrapped bytea NOT NULL
);

CREATE TABLE tip_numbers (
    campaign_id uuid NOT NULL,
    last integer NOT NULL
);

CREATE TABLE tip_offices (
    division text NOT NULL,
    telephone text NOT NULL,
    box text NOT NULL,
    changed_at timestamp with time zone DEFAULT lika_now() NOT NULL,
    actor text NOT NULL
);

CREATE TABLE tip_papers (
    tip_id uuid NOT NULL,
    sealed bytea NOT NULL,
    receipt_hash text NOT NULL,
    sending_hash text NOT NULL,
    content_hash text NOT NULL
);

CREATE TABLE tips (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    number integer,
    channel text NOT NULL,
    place text NOT NULL,
    is_anonymous boolean NOT NULL,
    received_on date NOT NULL,
    due_on date NOT NULL,
    household_id uuid,
    concerns text,
    speaks_for_others boolean NOT NULL,
    state text NOT NULL,
    level text,
    handler text,
    outcome text,
    manner text,
    merged_into uuid,
    version integer NOT NULL,
    CONSTRAINT tips_channel_check CHECK ((channel = ANY (ARRAY['form'::text, 'box'::text, 'telephone'::text, 'meeting'::text]))),
    CONSTRAINT tips_check CHECK (((state = 'received'::text) = (number IS NULL))),
    CONSTRAINT tips_check1 CHECK (((level IS NULL) = (handler IS NULL))),
    CONSTRAINT tips_check2 CHECK (((state = ANY (ARRAY['assigned'::text, 'investigating'::text, 'upheld'::text, 'partly_upheld'::text, 'dismissed'::text, 'answered'::text, 'closed'::text])) = (level IS NOT NULL))),
    CONSTRAINT tips_check3 CHECK (((state = ANY (ARRAY['upheld'::text, 'partly_upheld'::text, 'dismissed'::text, 'answered'::text, 'closed'::text])) = (outcome IS NOT NULL))),
    CONSTRAINT tips_check4 CHECK (((state = ANY (ARRAY['answered'::text, 'closed'::text])) = (manner IS NOT NULL))),
    CONSTRAINT tips_check5 CHECK (((manner = 'notice'::text) OR (NOT (is_anonymous OR speaks_for_others)))),
    CONSTRAINT tips_check6 CHECK (((state = 'merged'::text) = (merged_into IS NOT NULL))),
    CONSTRAINT tips_concerns_check CHECK ((concerns = ANY (ARRAY['community'::text, 'work_team'::text, 'subdistrict'::text, 'county'::text]))),
    CONSTRAINT tips_level_check CHECK ((level = ANY (ARRAY['work_team'::text, 'subdistrict'::text, 'county'::text]))),
    CONSTRAINT tips_manner_check CHECK ((manner = ANY (ARRAY['notice'::text, 'in_person'::text, 'telephone'::text, 'letter'::text]))),
    CONSTRAINT tips_outcome_check CHECK ((outcome = ANY (ARRAY['upheld'::text, 'partly_upheld'::text, 'dismissed'::text]))),
    CONSTRAINT tips_state_check CHECK ((state = ANY (ARRAY['received'::text, 'registered'::text, 'assigned'::text, 'investigating'::text, 'upheld'::text, 'partly_upheld'::text, 'dismissed'::text, 'answered'::text, 'closed'::text, 'merged'::text, 'transferred'::text, 'reopened'::text])))
);

CREATE TABLE tipsters (
    tip_id uuid NOT NULL,
    sealed bytea NOT NULL
);

CREATE TABLE upload_pieces (
    upload_id uuid NOT NULL,
    number integer NOT NULL,
    sealed bytea NOT NULL
);

CREATE TABLE visit_choices (
    id bigint NOT NULL,
    campaign_id uuid NOT NULL,
    household_id uuid NOT NULL,
    visit_id uuid NOT NULL,
    over integer NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone DEFAULT lika_now() NOT NULL
);

ALTER TABLE visit_choices ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME visit_choices_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE visits (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    household_id uuid NOT NULL,
    number integer NOT NULL,
    visited_on date NOT NULL,
    surveyor text NOT NULL,
    origin text NOT NULL,
    complete boolean NOT NULL,
    record_key text,
    fingerprint text NOT NULL,
    evidence jsonb NOT NULL,
    sealed bytea NOT NULL,
    actor text NOT NULL,
    recorded_at timestamp with time zone DEFAULT lika_now() NOT NULL,
    CONSTRAINT visits_number_check CHECK ((number > 0)),
    CONSTRAINT visits_origin_check CHECK ((origin = ANY (ARRAY['sheet'::text, 'record'::text])))
);

CREATE TABLE work_teams (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    name text NOT NULL,
    areas text[] NOT NULL,
    members jsonb NOT NULL,
    version integer NOT NULL,
    changed_at timestamp with time zone DEFAULT lika_now() NOT NULL,
    actor text NOT NULL
);

ALTER TABLE ONLY assessments
    ADD CONSTRAINT assessments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY audit_checkpoints
    ADD CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (service, chain, seq);

ALTER TABLE ONLY audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (chain);

ALTER TABLE ONLY audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY campaign_settings
    ADD CONSTRAINT campaign_settings_pkey PRIMARY KEY (campaign_id, version);

ALTER TABLE ONLY campaigns
    ADD CONSTRAINT campaigns_pkey PRIMARY KEY (id);

ALTER TABLE ONLY campaigns
    ADD CONSTRAINT campaigns_subdistrict_year_key UNIQUE (subdistrict, year);

ALTER TABLE ONLY case_steps
    ADD CONSTRAINT case_steps_pkey PRIMARY KEY (id);

ALTER TABLE ONLY cases
    ADD CONSTRAINT cases_pkey PRIMARY KEY (id);

ALTER TABLE ONLY closings
    ADD CONSTRAINT closings_pkey PRIMARY KEY (household_id);

ALTER TABLE ONLY countersignings
    ADD CONSTRAINT countersignings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY department_answers
    ADD CONSTRAINT department_answers_pkey PRIMARY KEY (request_id);

ALTER TABLE ONLY disclosures
    ADD CONSTRAINT disclosures_pkey PRIMARY KEY (id);

ALTER TABLE ONLY divisions
    ADD CONSTRAINT divisions_id_key UNIQUE (id);

ALTER TABLE ONLY divisions
    ADD CONSTRAINT divisions_pkey PRIMARY KEY (code);

ALTER TABLE ONLY entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (household_id, version);

ALTER TABLE ONLY exports
    ADD CONSTRAINT exports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY household_keys
    ADD CONSTRAINT household_keys_id_key UNIQUE (id);

ALTER TABLE ONLY household_keys
    ADD CONSTRAINT household_keys_pkey PRIMARY KEY (household_id);

ALTER TABLE ONLY household_states
    ADD CONSTRAINT household_states_pkey PRIMARY KEY (id);

ALTER TABLE ONLY households
    ADD CONSTRAINT households_number_key UNIQUE (number);

ALTER TABLE ONLY households
    ADD CONSTRAINT households_pkey PRIMARY KEY (id);

ALTER TABLE ONLY identifiers
    ADD CONSTRAINT identifiers_pkey PRIMARY KEY (member_id);

ALTER TABLE ONLY import_faults
    ADD CONSTRAINT import_faults_pkey PRIMARY KEY (import_id, number);

ALTER TABLE ONLY import_outcomes
    ADD CONSTRAINT import_outcomes_pkey PRIMARY KEY (import_id, line);

ALTER TABLE ONLY import_persons
    ADD CONSTRAINT import_persons_pkey PRIMARY KEY (import_id, id_hash);

ALTER TABLE ONLY imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (subject, topic, consumer, sequence);

ALTER TABLE ONLY judgements
    ADD CONSTRAINT judgements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY location_steps
    ADD CONSTRAINT location_steps_pkey PRIMARY KEY (location_id, version);

ALTER TABLE ONLY locations
    ADD CONSTRAINT locations_campaign_id_household_id_key UNIQUE (campaign_id, household_id);

ALTER TABLE ONLY locations
    ADD CONSTRAINT locations_campaign_id_seat_key UNIQUE (campaign_id, seat);

ALTER TABLE ONLY locations
    ADD CONSTRAINT locations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY log_heads
    ADD CONSTRAINT log_heads_pkey PRIMARY KEY (topic, partition);

ALTER TABLE ONLY measures
    ADD CONSTRAINT measures_pkey PRIMARY KEY (household_id, year, measure, version);

ALTER TABLE ONLY members
    ADD CONSTRAINT members_household_id_number_key UNIQUE (household_id, number);

ALTER TABLE ONLY members
    ADD CONSTRAINT members_pkey PRIMARY KEY (id);

ALTER TABLE ONLY movements
    ADD CONSTRAINT movements_case_id_key UNIQUE (case_id);

ALTER TABLE ONLY movements
    ADD CONSTRAINT movements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY outbox_pending
    ADD CONSTRAINT outbox_pending_pkey PRIMARY KEY (batch);

ALTER TABLE ONLY outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY outlines
    ADD CONSTRAINT outlines_pkey PRIMARY KEY (division, version);

ALTER TABLE ONLY parked_messages
    ADD CONSTRAINT parked_messages_pkey PRIMARY KEY (consumer, topic, partition, "offset");

ALTER TABLE ONLY position_accounts
    ADD CONSTRAINT position_accounts_pkey PRIMARY KEY (account, version);

ALTER TABLE ONLY proposals
    ADD CONSTRAINT proposals_pkey PRIMARY KEY (case_id);

ALTER TABLE ONLY purges
    ADD CONSTRAINT purges_household_id_key UNIQUE (household_id);

ALTER TABLE ONLY purges
    ADD CONSTRAINT purges_pkey PRIMARY KEY (id);

ALTER TABLE ONLY replies
    ADD CONSTRAINT replies_pkey PRIMARY KEY (key);

ALTER TABLE ONLY residence_checks
    ADD CONSTRAINT residence_checks_pkey PRIMARY KEY (campaign_id, household_id);

ALTER TABLE ONLY roster_steps
    ADD CONSTRAINT roster_steps_pkey PRIMARY KEY (id);

ALTER TABLE ONLY rosters
    ADD CONSTRAINT rosters_pkey PRIMARY KEY (campaign_id, kind);

ALTER TABLE ONLY schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (name);

ALTER TABLE ONLY survey_conflicts
    ADD CONSTRAINT survey_conflicts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY survey_conflicts
    ADD CONSTRAINT survey_conflicts_record_key_key UNIQUE (record_key);

ALTER TABLE ONLY timers
    ADD CONSTRAINT timers_pkey PRIMARY KEY (timer, subject);

ALTER TABLE ONLY tip_acts
    ADD CONSTRAINT tip_acts_pkey PRIMARY KEY (tip_id, number);

ALTER TABLE ONLY tip_buckets
    ADD CONSTRAINT tip_buckets_pkey PRIMARY KEY (bucket);

ALTER TABLE ONLY tip_disclosures
    ADD CONSTRAINT tip_disclosures_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tip_escalations
    ADD CONSTRAINT tip_escalations_pkey PRIMARY KEY (tip_id, level);

ALTER TABLE ONLY tip_keys
    ADD CONSTRAINT tip_keys_id_key UNIQUE (id);

ALTER TABLE ONLY tip_keys
    ADD CONSTRAINT tip_keys_pkey PRIMARY KEY (tip_id);

ALTER TABLE ONLY tip_numbers
    ADD CONSTRAINT tip_numbers_pkey PRIMARY KEY (campaign_id);

ALTER TABLE ONLY tip_offices
    ADD CONSTRAINT tip_offices_pkey PRIMARY KEY (division);

ALTER TABLE ONLY tip_papers
    ADD CONSTRAINT tip_papers_pkey PRIMARY KEY (tip_id);

ALTER TABLE ONLY tip_papers
    ADD CONSTRAINT tip_papers_receipt_hash_key UNIQUE (receipt_hash);

ALTER TABLE ONLY tip_papers
    ADD CONSTRAINT tip_papers_sending_hash_key UNIQUE (sending_hash);

ALTER TABLE ONLY tips
    ADD CONSTRAINT tips_campaign_id_number_key UNIQUE (campaign_id, number);

ALTER TABLE ONLY tips
    ADD CONSTRAINT tips_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tipsters
    ADD CONSTRAINT tipsters_pkey PRIMARY KEY (tip_id);

ALTER TABLE ONLY upload_pieces
    ADD CONSTRAINT upload_pieces_pkey PRIMARY KEY (upload_id, number);

ALTER TABLE ONLY visit_choices
    ADD CONSTRAINT visit_choices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY visits
    ADD CONSTRAINT visits_campaign_id_household_id_number_key UNIQUE (campaign_id, household_id, number);

ALTER TABLE ONLY visits
    ADD CONSTRAINT visits_pkey PRIMARY KEY (id);

ALTER TABLE ONLY visits
    ADD CONSTRAINT visits_record_key_key UNIQUE (record_key);

ALTER TABLE ONLY work_teams
    ADD CONSTRAINT work_teams_campaign_id_name_key UNIQUE (campaign_id, name);

ALTER TABLE ONLY work_teams
    ADD CONSTRAINT work_teams_pkey PRIMARY KEY (id);

CREATE INDEX assessments_case ON assessments USING btree (case_id, id);

CREATE INDEX case_steps_case ON case_steps USING btree (case_id, id);

CREATE INDEX cases_campaign ON cases USING btree (campaign_id, id);

CREATE INDEX cases_household ON cases USING btree (household_id);

CREATE UNIQUE INDEX cases_one_open_of_household ON cases USING btree (campaign_id, household_id) WHERE ((member_id IS NULL) AND (status = ANY (ARRAY['proposed'::text, 'referred'::text, 'surveyed'::text, 'reopened'::text, 'reported'::text])));

CREATE UNIQUE INDEX cases_one_open_of_member ON cases USING btree (campaign_id, member_id, kind) WHERE ((member_id IS NOT NULL) AND (status = ANY (ARRAY['proposed'::text, 'referred'::text, 'surveyed'::text, 'reopened'::text, 'reported'::text])));

CREATE UNIQUE INDEX countersignings_open ON countersignings USING btree (address) WHERE (status = 'open'::text);

CREATE INDEX department_answers_household ON department_answers USING btree (household_id, campaign_id);

CREATE UNIQUE INDEX entries_current ON entries USING btree (household_id) WHERE (superseded_at IS NULL);

CREATE INDEX exports_of_campaign ON exports USING btree (campaign_id, id);

CREATE INDEX exports_open ON exports USING btree (id) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));

CREATE INDEX household_keys_wrapped_under ON household_keys USING btree (wrapped_under);

CREATE INDEX household_states_household ON household_states USING btree (household_id, id);

CREATE INDEX households_campaign ON households USING btree (campaign_id, number);

CREATE INDEX identifiers_household ON identifiers USING btree (household_id);

CREATE INDEX imports_open ON imports USING btree (campaign_id, id) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));

CREATE INDEX judgements_case ON judgements USING btree (case_id, id);

CREATE UNIQUE INDEX measures_current ON measures USING btree (household_id, year, measure) WHERE (superseded_at IS NULL);

CREATE INDEX members_former ON members USING btree (id_hash) WHERE (state <> ALL (ARRAY['proposed'::text, 'active'::text]));

CREATE UNIQUE INDEX members_person ON members USING btree (id_hash) WHERE (state = ANY (ARRAY['proposed'::text, 'active'::text]));

CREATE UNIQUE INDEX movements_one_opening ON movements USING btree (campaign_id, household_id) WHERE (cause = 'opening'::text);

CREATE INDEX parked_messages_key ON parked_messages USING btree (consumer, key);

CREATE INDEX survey_conflicts_open ON survey_conflicts USING btree (campaign_id, id) WHERE (resolution IS NULL);

CREATE INDEX timers_due ON timers USING btree (timer, due);

CREATE INDEX tip_keys_wrapped_under ON tip_keys USING btree (wrapped_under);

CREATE INDEX tips_household ON tips USING btree (household_id);

CREATE INDEX tips_merged_into ON tips USING btree (merged_into);

CREATE INDEX tips_open ON tips USING btree (campaign_id, due_on) WHERE (state <> ALL (ARRAY['answered'::text, 'closed'::text, 'merged'::text, 'transferred'::text]));

CREATE INDEX visit_choices_household ON visit_choices USING btree (campaign_id, household_id, id);

ALTER TABLE ONLY assessments
    ADD CONSTRAINT assessments_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id);

ALTER TABLE ONLY assessments
    ADD CONSTRAINT assessments_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES visits(id);

ALTER TABLE ONLY campaign_settings
    ADD CONSTRAINT campaign_settings_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY case_steps
    ADD CONSTRAINT case_steps_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id);

ALTER TABLE ONLY cases
    ADD CONSTRAINT cases_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY cases
    ADD CONSTRAINT cases_household_id_fkey FOREIGN KEY (household_id) REFERENCES households(id);

ALTER TABLE ONLY closings
    ADD CONSTRAINT closings_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY closings
    ADD CONSTRAINT closings_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id);

ALTER TABLE ONLY closings
    ADD CONSTRAINT closings_household_id_fkey FOREIGN KEY (household_id) REFERENCES households(id);

ALTER TABLE ONLY divisions
    ADD CONSTRAINT divisions_parent_fkey FOREIGN KEY (parent) REFERENCES divisions(code);

ALTER TABLE ONLY entries
    ADD CONSTRAINT entries_household_id_fkey FOREIGN KEY (household_id) REFERENCES households(id);

ALTER TABLE ONLY exports
    ADD CONSTRAINT exports_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY household_states
    ADD CONSTRAINT household_states_household_id_fkey FOREIGN KEY (household_id) REFERENCES households(id);

ALTER TABLE ONLY households
    ADD CONSTRAINT households_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY identifiers
    ADD CONSTRAINT identifiers_household_id_fkey FOREIGN KEY (household_id) REFERENCES households(id);

ALTER TABLE ONLY import_faults
    ADD CONSTRAINT import_faults_import_id_fkey FOREIGN KEY (import_id) REFERENCES imports(id);

ALTER TABLE ONLY import_outcomes
    ADD CONSTRAINT import_outcomes_import_id_fkey FOREIGN KEY (import_id) REFERENCES imports(id);

ALTER TABLE ONLY import_persons
    ADD CONSTRAINT import_persons_import_id_fkey FOREIGN KEY (import_id) REFERENCES imports(id);

ALTER TABLE ONLY imports
    ADD CONSTRAINT imports_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY judgements
    ADD CONSTRAINT judgements_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id);

ALTER TABLE ONLY location_steps
    ADD CONSTRAINT location_steps_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);

ALTER TABLE ONLY locations
    ADD CONSTRAINT locations_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY locations
    ADD CONSTRAINT locations_household_id_fkey FOREIGN KEY (household_id) REFERENCES households(id);

ALTER TABLE ONLY measures
    ADD CONSTRAINT measures_household_id_fkey FOREIGN KEY (household_id) REFERENCES households(id);

ALTER TABLE ONLY members
    ADD CONSTRAINT members_household_id_fkey FOREIGN KEY (household_id) REFERENCES households(id);

ALTER TABLE ONLY movements
    ADD CONSTRAINT movements_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY movements
    ADD CONSTRAINT movements_household_id_fkey FOREIGN KEY (household_id) REFERENCES households(id);

ALTER TABLE ONLY outlines
    ADD CONSTRAINT outlines_division_fkey FOREIGN KEY (division) REFERENCES divisions(code);

ALTER TABLE ONLY position_accounts
    ADD CONSTRAINT position_accounts_division_fkey FOREIGN KEY (division) REFERENCES divisions(code);

ALTER TABLE ONLY proposals
    ADD CONSTRAINT proposals_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id);

ALTER TABLE ONLY roster_steps
    ADD CONSTRAINT roster_steps_campaign_id_kind_fkey FOREIGN KEY (campaign_id, kind) REFERENCES rosters(campaign_id, kind);

ALTER TABLE ONLY rosters
    ADD CONSTRAINT rosters_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY survey_conflicts
    ADD CONSTRAINT survey_conflicts_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY survey_conflicts
    ADD CONSTRAINT survey_conflicts_household_id_fkey FOREIGN KEY (household_id) REFERENCES households(id);

ALTER TABLE ONLY tip_acts
    ADD CONSTRAINT tip_acts_tip_id_fkey FOREIGN KEY (tip_id) REFERENCES tips(id);

ALTER TABLE ONLY tip_escalations
    ADD CONSTRAINT tip_escalations_tip_id_fkey FOREIGN KEY (tip_id) REFERENCES tips(id);

ALTER TABLE ONLY tip_numbers
    ADD CONSTRAINT tip_numbers_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY tip_papers
    ADD CONSTRAINT tip_papers_tip_id_fkey FOREIGN KEY (tip_id) REFERENCES tips(id);

ALTER TABLE ONLY tips
    ADD CONSTRAINT tips_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY tips
    ADD CONSTRAINT tips_household_id_fkey FOREIGN KEY (household_id) REFERENCES households(id);

ALTER TABLE ONLY tips
    ADD CONSTRAINT tips_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES tips(id);

ALTER TABLE ONLY tipsters
    ADD CONSTRAINT tipsters_tip_id_fkey FOREIGN KEY (tip_id) REFERENCES tips(id);

ALTER TABLE ONLY visit_choices
    ADD CONSTRAINT visit_choices_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES visits(id);

ALTER TABLE ONLY visits
    ADD CONSTRAINT visits_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE ONLY visits
    ADD CONSTRAINT visits_household_id_fkey FOREIGN KEY (household_id) REFERENCES households(id);

ALTER TABLE ONLY work_teams
    ADD CONSTRAINT work_teams_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id);

ALTER TABLE assessments ENABLE ROW LEVEL SECURITY;

ALTER TABLE case_steps ENABLE ROW LEVEL SECURITY;

ALTER TABLE cases ENABLE ROW LEVEL SECURITY;

ALTER TABLE closings ENABLE ROW LEVEL SECURITY;

ALTER TABLE department_answers ENABLE ROW LEVEL SECURITY;

ALTER TABLE entries ENABLE ROW LEVEL SECURITY;

ALTER TABLE exports ENABLE ROW LEVEL SECURITY;

ALTER TABLE household_states ENABLE ROW LEVEL SECURITY;

ALTER TABLE households ENABLE ROW LEVEL SECURITY;

ALTER TABLE identifiers ENABLE ROW LEVEL SECURITY;

ALTER TABLE imports ENABLE ROW LEVEL SECURITY;

ALTER TABLE judgements ENABLE ROW LEVEL SECURITY;

ALTER TABLE locations ENABLE ROW LEVEL SECURITY;

ALTER TABLE measures ENABLE ROW LEVEL SECURITY;

ALTER TABLE members ENABLE ROW LEVEL SECURITY;

ALTER TABLE movements ENABLE ROW LEVEL SECURITY;

ALTER TABLE proposals ENABLE ROW LEVEL SECURITY;

ALTER TABLE purges ENABLE ROW LEVEL SECURITY;

CREATE POLICY reach ON assessments USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = assessments.household_id)))));

CREATE POLICY reach ON case_steps USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM cases p
  WHERE (p.id = case_steps.case_id)))));

CREATE POLICY reach ON cases USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = cases.household_id)))));

CREATE POLICY reach ON closings USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = closings.household_id)))));

CREATE POLICY reach ON department_answers USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = department_answers.household_id)))));

CREATE POLICY reach ON entries USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = entries.household_id)))));

CREATE POLICY reach ON exports USING (((( SELECT reach() AS reach) IS NULL) OR ((reach <> ''::text) AND (NOT (EXISTS ( SELECT
   FROM unnest(string_to_array(exports.reach, ' '::text)) own(place)
  WHERE (NOT (own.place ^@ ANY (( SELECT reach() AS reach)::text[])))))))));

CREATE POLICY reach ON household_states USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = household_states.household_id)))));

CREATE POLICY reach ON households USING (((( SELECT reach() AS reach) IS NULL) OR (division ^@ ANY (( SELECT reach() AS reach)::text[]))));

CREATE POLICY reach ON identifiers USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = identifiers.household_id)))));

CREATE POLICY reach ON imports USING (((( SELECT reach() AS reach) IS NULL) OR ((reach <> ''::text) AND (NOT (EXISTS ( SELECT
   FROM unnest(string_to_array(imports.reach, ' '::text)) own(place)
  WHERE (NOT (own.place ^@ ANY (( SELECT reach() AS reach)::text[])))))))));

CREATE POLICY reach ON judgements USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM cases p
  WHERE (p.id = judgements.case_id)))));

CREATE POLICY reach ON locations USING (((( SELECT reach() AS reach) IS NULL) OR COALESCE((seat ^@ ANY (( SELECT reach() AS reach)::text[])), (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = locations.household_id))))));

CREATE POLICY reach ON measures USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = measures.household_id)))));

CREATE POLICY reach ON members USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = members.household_id)))));

CREATE POLICY reach ON movements USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = movements.household_id)))));

CREATE POLICY reach ON proposals USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM cases p
  WHERE (p.id = proposals.case_id)))));

CREATE POLICY reach ON purges USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = purges.household_id)))));

CREATE POLICY reach ON residence_checks USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = residence_checks.household_id)))));

CREATE POLICY reach ON survey_conflicts USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = survey_conflicts.household_id)))));

CREATE POLICY reach ON tips USING (((( SELECT reach() AS reach) IS NULL) OR ((place ^@ ANY (( SELECT reach() AS reach)::text[])) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = tips.household_id))))));

CREATE POLICY reach ON visit_choices USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = visit_choices.household_id)))));

CREATE POLICY reach ON visits USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM households p
  WHERE (p.id = visits.household_id)))));

ALTER TABLE residence_checks ENABLE ROW LEVEL SECURITY;

ALTER TABLE survey_conflicts ENABLE ROW LEVEL SECURITY;

ALTER TABLE tips ENABLE ROW LEVEL SECURITY;

ALTER TABLE visit_choices ENABLE ROW LEVEL SECURITY;

ALTER TABLE visits ENABLE ROW LEVEL SECURITY;

