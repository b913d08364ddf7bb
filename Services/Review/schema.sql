-- The schema that the migrations of review result in. Written by infra/schemas; do not edit.

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

CREATE TABLE campaign_stages (
    campaign uuid NOT NULL,
    stage text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    CONSTRAINT campaign_stages_check CHECK ((ends_on >= starts_on))
);

CREATE TABLE campaigns (
    id uuid NOT NULL,
    year integer NOT NULL,
    subdistrict text NOT NULL,
    publicity_days integer NOT NULL,
    count_first_day boolean NOT NULL,
    data_freeze_on date NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    CONSTRAINT campaigns_publicity_days_check CHECK ((publicity_days > 0))
);

CREATE TABLE cases (
    id uuid NOT NULL,
    household uuid NOT NULL,
    campaign uuid NOT NULL,
    kind text NOT NULL,
    member uuid,
    division text NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    status text NOT NULL,
    suspended text,
    internal_review uuid,
    public_review uuid,
    initial_decision uuid,
    community_window uuid,
    community_ended_at timestamp with time zone,
    resolution uuid,
    approval uuid,
    subdistrict_window uuid,
    subdistrict_ended_at timestamp with time zone,
    open_tips uuid[] NOT NULL,
    discrepancies uuid[] NOT NULL,
    reason text,
    version integer NOT NULL,
    late_evidence jsonb,
    surveyors text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT cases_check CHECK (((status = 'reopened'::text) = (suspended IS NOT NULL))),
    CONSTRAINT cases_check1 CHECK (((status = ANY (ARRAY['withdrawn'::text, 'rejected'::text, 'carried_over'::text])) = (reason IS NOT NULL))),
    CONSTRAINT cases_check2 CHECK (((status <> ALL (ARRAY['reported'::text, 'confirmed'::text, 'announced'::text, 'recorded'::text])) OR ((community_ended_at IS NOT NULL) AND (resolution IS NOT NULL) AND (approval IS NOT NULL) AND (subdistrict_ended_at IS NOT NULL) AND (open_tips = '{}'::uuid[])))),
    CONSTRAINT cases_kind_check CHECK ((kind = ANY (ARRAY['EXIT'::text, 'RETURN'::text, 'NEW'::text, 'REMOVAL'::text, 'CLEAROUT'::text]))),
    CONSTRAINT cases_status_check CHECK ((status = ANY (ARRAY['proposed'::text, 'surveyed'::text, 'internally_reviewed'::text, 'publicly_reviewed'::text, 'initially_decided'::text, 'community_publicity'::text, 'resolved'::text, 'approved'::text, 'subdistrict_publicity'::text, 'awaiting_gate'::text, 'reported'::text, 'confirmed'::text, 'announced'::text, 'recorded'::text, 'withdrawn'::text, 'rejected'::text, 'reopened'::text, 'carried_over'::text])))
);

CREATE TABLE certificates (
    report uuid NOT NULL,
    case_id uuid NOT NULL,
    certificate text NOT NULL,
    digest text NOT NULL
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

CREATE TABLE discrepancies (
    household uuid NOT NULL,
    campaign uuid NOT NULL,
    request uuid NOT NULL,
    department text NOT NULL,
    topic text NOT NULL,
    accepted_at timestamp with time zone NOT NULL
);

CREATE TABLE divisions (
    code text NOT NULL,
    name text NOT NULL
);

CREATE TABLE household_tips (
    tip uuid NOT NULL,
    household uuid NOT NULL,
    campaign uuid NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    due_on date NOT NULL,
    number integer,
    settled_at timestamp with time zone,
    outcome text,
    CONSTRAINT household_tips_check CHECK (((outcome IS NULL) OR (settled_at IS NOT NULL))),
    CONSTRAINT household_tips_outcome_check CHECK ((outcome = ANY (ARRAY['upheld'::text, 'partly_upheld'::text, 'dismissed'::text])))
);

CREATE TABLE households (
    id uuid NOT NULL,
    campaign uuid NOT NULL,
    population text,
    head_name text,
    member_count integer,
    said_at timestamp with time zone,
    verified_at timestamp with time zone,
    discrepant integer DEFAULT 0 NOT NULL,
    CONSTRAINT households_member_count_check CHECK ((member_count >= 0)),
    CONSTRAINT households_population_check CHECK ((population = ANY (ARRAY['registered'::text, 'exited'::text, 'not_registered'::text])))
);

CREATE TABLE inbox (
    consumer text NOT NULL,
    topic text NOT NULL,
    subject uuid NOT NULL,
    sequence integer NOT NULL,
    id uuid NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE list_votes (
    meeting uuid NOT NULL,
    kind text NOT NULL,
    approving integer NOT NULL,
    opposing integer NOT NULL,
    abstaining integer NOT NULL,
    CONSTRAINT list_votes_kind_check CHECK ((kind = ANY (ARRAY['EXIT'::text, 'RETURN'::text, 'NEW'::text, 'REMOVAL'::text, 'CLEAROUT'::text])))
);

CREATE TABLE log_heads (
    topic text NOT NULL,
    partition integer NOT NULL,
    last_offset bigint NOT NULL
);

CREATE TABLE meetings (
    id uuid NOT NULL,
    kind text NOT NULL,
    division text NOT NULL,
    called integer NOT NULL,
    present integer,
    held_at timestamp with time zone,
    recorded_at timestamp with time zone,
    status text NOT NULL,
    called_for timestamp with time zone NOT NULL,
    place text,
    adjournments integer NOT NULL,
    chair text,
    recorder text,
    paper text,
    reason text,
    CONSTRAINT meetings_check CHECK (((present >= 1) AND (present <= called))),
    CONSTRAINT meetings_check1 CHECK ((num_nulls(present, held_at, recorded_at) =
CASE status
    WHEN 'held'::text THEN 0
    ELSE 3
END)),
    CONSTRAINT meetings_check2 CHECK (((status = 'cancelled'::text) = (reason IS NOT NULL))),
    CONSTRAINT meetings_status_check CHECK ((status = ANY (ARRAY['convened'::text, 'held'::text, 'cancelled'::text])))
);

CREATE TABLE notices (
    window_id uuid NOT NULL,
    campaign uuid NOT NULL,
    number integer NOT NULL,
    supplements integer,
    canonical text,
    digest text NOT NULL,
    destroyed_at timestamp with time zone,
    CONSTRAINT notices_check CHECK (((canonical IS NULL) = (destroyed_at IS NOT NULL))),
    CONSTRAINT notices_number_check CHECK ((number > 0))
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

CREATE TABLE replies (
    key text NOT NULL,
    request text NOT NULL,
    status integer NOT NULL,
    content_type text NOT NULL,
    body bytea NOT NULL,
    replied_at timestamp with time zone DEFAULT now() NOT NULL,
    location text
);

CREATE TABLE reports (
    id uuid NOT NULL,
    campaign uuid NOT NULL,
    number integer NOT NULL,
    reported_at timestamp with time zone NOT NULL,
    CONSTRAINT reports_number_check CHECK ((number > 0))
);

CREATE TABLE rulings (
    meeting uuid NOT NULL,
    case_id uuid NOT NULL,
    outcome text NOT NULL,
    approving integer,
    opposing integer,
    abstaining integer,
    reason text,
    CONSTRAINT rulings_outcome_check CHECK ((outcome = ANY (ARRAY['pass'::text, 'reject'::text])))
);

CREATE TABLE schema_migrations (
    name text NOT NULL,
    digest text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE timers (
    timer text NOT NULL,
    subject uuid NOT NULL,
    due timestamp with time zone NOT NULL
);

CREATE TABLE window_lines (
    window_id uuid NOT NULL,
    "position" integer NOT NULL,
    case_id uuid NOT NULL,
    kind text NOT NULL,
    division text NOT NULL,
    head_name text,
    member_count integer
);

CREATE TABLE window_places (
    window_id uuid NOT NULL,
    place text NOT NULL,
    "position" integer NOT NULL,
    posted_at timestamp with time zone,
    fate text,
    taken_down_at timestamp with time zone,
    posted_by text,
    posting_witness text,
    posting_evidence text,
    missing_since timestamp with time zone,
    taken_down_by text,
    witness text,
    evidence text,
    CONSTRAINT window_places_check CHECK (((fate IS NULL) = (taken_down_at IS NULL))),
    CONSTRAINT window_places_fate_check CHECK ((fate = ANY (ARRAY['recalled'::text, 'destroyed'::text, 'lost'::text])))
);

CREATE TABLE windows (
    id uuid NOT NULL,
    campaign uuid NOT NULL,
    level text NOT NULL,
    division text NOT NULL,
    publicity_days integer NOT NULL,
    count_first_day boolean NOT NULL,
    stage text NOT NULL,
    cases integer NOT NULL,
    opens_on date,
    closes_at timestamp with time zone,
    ended_at timestamp with time zone,
    late boolean,
    version integer NOT NULL,
    CONSTRAINT windows_check CHECK (((stage = ANY (ARRAY['running'::text, 'expired'::text, 'settled'::text, 'recalled'::text])) = (closes_at IS NOT NULL))),
    CONSTRAINT windows_check1 CHECK (((closes_at IS NULL) = (opens_on IS NULL))),
    CONSTRAINT windows_check2 CHECK (((stage = ANY (ARRAY['expired'::text, 'settled'::text, 'recalled'::text])) = (ended_at IS NOT NULL))),
    CONSTRAINT windows_check3 CHECK ((ended_at >= closes_at)),
    CONSTRAINT windows_level_check CHECK ((level = ANY (ARRAY['community'::text, 'subdistrict'::text]))),
    CONSTRAINT windows_stage_check CHECK ((stage = ANY (ARRAY['planned'::text, 'rendered'::text, 'posting'::text, 'running'::text, 'expired'::text, 'settled'::text, 'recalled'::text])))
);

ALTER TABLE ONLY audit_checkpoints
    ADD CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (service, chain, seq);

ALTER TABLE ONLY audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (chain);

ALTER TABLE ONLY audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY campaign_stages
    ADD CONSTRAINT campaign_stages_pkey PRIMARY KEY (campaign, stage);

ALTER TABLE ONLY campaigns
    ADD CONSTRAINT campaigns_pkey PRIMARY KEY (id);

ALTER TABLE ONLY cases
    ADD CONSTRAINT cases_pkey PRIMARY KEY (id);

ALTER TABLE ONLY certificates
    ADD CONSTRAINT certificates_pkey PRIMARY KEY (report, case_id);

ALTER TABLE ONLY countersignings
    ADD CONSTRAINT countersignings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY discrepancies
    ADD CONSTRAINT discrepancies_pkey PRIMARY KEY (household, campaign, request);

ALTER TABLE ONLY divisions
    ADD CONSTRAINT divisions_pkey PRIMARY KEY (code);

ALTER TABLE ONLY household_tips
    ADD CONSTRAINT household_tips_pkey PRIMARY KEY (tip);

ALTER TABLE ONLY households
    ADD CONSTRAINT households_pkey PRIMARY KEY (id, campaign);

ALTER TABLE ONLY inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (subject, topic, consumer, sequence);

ALTER TABLE ONLY list_votes
    ADD CONSTRAINT list_votes_pkey PRIMARY KEY (meeting, kind);

ALTER TABLE ONLY log_heads
    ADD CONSTRAINT log_heads_pkey PRIMARY KEY (topic, partition);

ALTER TABLE ONLY meetings
    ADD CONSTRAINT meetings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY notices
    ADD CONSTRAINT notices_campaign_number_key UNIQUE (campaign, number);

ALTER TABLE ONLY notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (window_id);

ALTER TABLE ONLY outbox_pending
    ADD CONSTRAINT outbox_pending_pkey PRIMARY KEY (batch);

ALTER TABLE ONLY outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY parked_messages
    ADD CONSTRAINT parked_messages_pkey PRIMARY KEY (consumer, topic, partition, "offset");

ALTER TABLE ONLY replies
    ADD CONSTRAINT replies_pkey PRIMARY KEY (key);

ALTER TABLE ONLY reports
    ADD CONSTRAINT reports_campaign_number_key UNIQUE (campaign, number);

ALTER TABLE ONLY reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY rulings
    ADD CONSTRAINT rulings_pkey PRIMARY KEY (meeting, case_id);

ALTER TABLE ONLY schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (name);

ALTER TABLE ONLY timers
    ADD CONSTRAINT timers_pkey PRIMARY KEY (timer, subject);

ALTER TABLE ONLY window_lines
    ADD CONSTRAINT window_lines_pkey PRIMARY KEY (window_id, "position");

ALTER TABLE ONLY window_places
    ADD CONSTRAINT window_places_pkey PRIMARY KEY (window_id, place);

ALTER TABLE ONLY windows
    ADD CONSTRAINT windows_pkey PRIMARY KEY (id);

CREATE INDEX cases_household ON cases USING btree (household, campaign);

CREATE INDEX cases_status ON cases USING btree (status, division);

CREATE INDEX certificates_case ON certificates USING btree (case_id);

CREATE UNIQUE INDEX countersignings_open ON countersignings USING btree (address) WHERE (status = 'open'::text);

CREATE INDEX household_tips_household ON household_tips USING btree (household, campaign);

CREATE INDEX meetings_division ON meetings USING btree (division, called_for);

CREATE INDEX parked_messages_key ON parked_messages USING btree (consumer, key);

CREATE INDEX rulings_case ON rulings USING btree (case_id);

CREATE INDEX timers_due ON timers USING btree (timer, due);

CREATE INDEX window_lines_case ON window_lines USING btree (case_id);

CREATE INDEX windows_division ON windows USING btree (division, level);

ALTER TABLE ONLY campaign_stages
    ADD CONSTRAINT campaign_stages_campaign_fkey FOREIGN KEY (campaign) REFERENCES campaigns(id);

ALTER TABLE ONLY cases
    ADD CONSTRAINT cases_household_campaign_fkey FOREIGN KEY (household, campaign) REFERENCES households(id, campaign);

ALTER TABLE ONLY certificates
    ADD CONSTRAINT certificates_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id);

ALTER TABLE ONLY certificates
    ADD CONSTRAINT certificates_report_fkey FOREIGN KEY (report) REFERENCES reports(id);

ALTER TABLE ONLY discrepancies
    ADD CONSTRAINT discrepancies_household_campaign_fkey FOREIGN KEY (household, campaign) REFERENCES households(id, campaign);

ALTER TABLE ONLY household_tips
    ADD CONSTRAINT household_tips_household_campaign_fkey FOREIGN KEY (household, campaign) REFERENCES households(id, campaign);

ALTER TABLE ONLY list_votes
    ADD CONSTRAINT list_votes_meeting_fkey FOREIGN KEY (meeting) REFERENCES meetings(id);

ALTER TABLE ONLY notices
    ADD CONSTRAINT notices_campaign_fkey FOREIGN KEY (campaign) REFERENCES campaigns(id);

ALTER TABLE ONLY notices
    ADD CONSTRAINT notices_window_id_fkey FOREIGN KEY (window_id) REFERENCES windows(id);

ALTER TABLE ONLY reports
    ADD CONSTRAINT reports_campaign_fkey FOREIGN KEY (campaign) REFERENCES campaigns(id);

ALTER TABLE ONLY rulings
    ADD CONSTRAINT rulings_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id);

ALTER TABLE ONLY rulings
    ADD CONSTRAINT rulings_meeting_fkey FOREIGN KEY (meeting) REFERENCES meetings(id);

ALTER TABLE ONLY window_lines
    ADD CONSTRAINT window_lines_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id);

ALTER TABLE ONLY window_lines
    ADD CONSTRAINT window_lines_window_id_fkey FOREIGN KEY (window_id) REFERENCES windows(id);

ALTER TABLE ONLY window_places
    ADD CONSTRAINT window_places_window_id_fkey FOREIGN KEY (window_id) REFERENCES windows(id);

ALTER TABLE ONLY windows
    ADD CONSTRAINT windows_campaign_fkey FOREIGN KEY (campaign) REFERENCES campaigns(id);

ALTER TABLE cases ENABLE ROW LEVEL SECURITY;

ALTER TABLE certificates ENABLE ROW LEVEL SECURITY;

ALTER TABLE household_tips ENABLE ROW LEVEL SECURITY;

ALTER TABLE list_votes ENABLE ROW LEVEL SECURITY;

ALTER TABLE meetings ENABLE ROW LEVEL SECURITY;

CREATE POLICY reach ON cases USING (((( SELECT reach() AS reach) IS NULL) OR (division ^@ ANY (( SELECT reach() AS reach)::text[]))));

CREATE POLICY reach ON certificates USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM cases p
  WHERE (p.id = certificates.case_id)))));

CREATE POLICY reach ON household_tips USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM cases p
  WHERE ((p.household = household_tips.household) AND (p.campaign = household_tips.campaign))))));

CREATE POLICY reach ON list_votes USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM meetings p
  WHERE (p.id = list_votes.meeting)))));

CREATE POLICY reach ON meetings USING (((( SELECT reach() AS reach) IS NULL) OR (division ^@ ANY (( SELECT reach() AS reach)::text[]))));

CREATE POLICY reach ON rulings USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM meetings p
  WHERE (p.id = rulings.meeting)))));

CREATE POLICY reach ON window_lines USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM windows p
  WHERE (p.id = window_lines.window_id)))));

CREATE POLICY reach ON window_places USING (((( SELECT reach() AS reach) IS NULL) OR (EXISTS ( SELECT
   FROM windows p
  WHERE (p.id = window_places.window_id)))));

CREATE POLICY reach ON windows USING (((( SELECT reach() AS reach) IS NULL) OR (division ^@ ANY (( SELECT reach() AS reach)::text[]))));

ALTER TABLE rulings ENABLE ROW LEVEL SECURITY;

ALTER TABLE window_lines ENABLE ROW LEVEL SECURITY;

ALTER TABLE window_places ENABLE ROW LEVEL SECURITY;

ALTER TABLE windows ENABLE ROW LEVEL SECURITY;

