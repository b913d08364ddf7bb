-- Routing with history, sealed persons, answers sent back, deadlines.

-- Routing becomes a list of its own for each version, so that it can be said what was asked when, by whom it was changed and
-- why. Version 1 is what the campaign started with. A route may hold for one kind of case alone: the police's word on a natural
-- change was part of the program before.
CREATE TABLE check_routings (
    campaign uuid NOT NULL REFERENCES check_plans,
    version int NOT NULL,
    routes jsonb NOT NULL,
    -- Nobody set what a campaign starts with.
    actor text,
    reason text,
    at timestamptz NOT NULL DEFAULT lika_now(),
    PRIMARY KEY (campaign, version),
    CHECK ((version = 1) = (actor IS NULL)),
    CHECK ((actor IS NULL) = (reason IS NULL))
);
INSERT INTO check_routings (campaign, version, routes)
SELECT campaign, 1,
    jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'population', population, 'kind', CASE population WHEN 'proposed_new' THEN 'NEW' END, 'department', department,
        'topic', topic)) ORDER BY population, place)
    || '[{"population": "registered", "kind": "NATURAL", "department": "POLICE", "topic": "RESIDENCE"}]'::jsonb
FROM check_routes GROUP BY campaign;
DROP TABLE check_routes;

-- What sheets may show of a household, and what was proposed for it: some kinds of case have questions of their own.
ALTER TABLE files ADD COLUMN head_name text NOT NULL DEFAULT '';
ALTER TABLE files ADD COLUMN proposed text[] NOT NULL DEFAULT '{}';

-- A request may take the place of another, whose answer is remembered, and answers may be sent back, each of which counts never
-- again. `sent_at` tells how long a department took.
ALTER TABLE requests RENAME COLUMN contradiction TO objection;
ALTER TABLE requests ADD COLUMN replaces uuid;
ALTER TABLE requests ADD COLUMN previous text CHECK (previous IN ('consistent', 'discrepant', 'cannot_determine'));
ALTER TABLE requests ADD COLUMN objected text[] NOT NULL DEFAULT '{}';
ALTER TABLE requests ADD COLUMN sent_at timestamptz;

-- A key is for signatures or for the desk (Ed25519, 32 bytes), or for sealing (P-256, both coordinates).
ALTER TABLE department_keys ADD COLUMN use text NOT NULL DEFAULT 'sig' CHECK (use IN ('sig', 'enc', 'desk'));
ALTER TABLE department_keys ALTER COLUMN use DROP DEFAULT;
ALTER TABLE department_keys DROP CONSTRAINT department_keys_public_key_check;
ALTER TABLE department_keys ADD CHECK (length(public_key) = CASE use WHEN 'enc' THEN 64 ELSE 32 END);

-- An accepted answer may be sent back and another one accepted: each is kept. The person who answers for it (R19) stands beside
-- the bytes that say so.
ALTER TABLE accepted_results DROP CONSTRAINT accepted_results_pkey;
ALTER TABLE accepted_results ADD PRIMARY KEY (request, digest);
ALTER TABLE accepted_results ADD COLUMN outcome text CHECK (outcome IN ('consistent', 'discrepant', 'cannot_determine'));
ALTER TABLE accepted_results ADD COLUMN signatory text;
ALTER TABLE accepted_results ADD COLUMN post text;
ALTER TABLE accepted_results ADD COLUMN signed_at timestamptz;
UPDATE accepted_results a SET outcome = said.it->>'outcome', signatory = said.it->>'signatory', post = said.it->>'post',
    signed_at = (said.it->>'signedAt')::timestamptz
FROM (SELECT request, convert_from(value, 'UTF8')::jsonb AS it FROM accepted_results) AS said WHERE said.request = a.request;
ALTER TABLE accepted_results ALTER COLUMN outcome SET NOT NULL;
ALTER TABLE accepted_results ALTER COLUMN signatory SET NOT NULL;
ALTER TABLE accepted_results ALTER COLUMN post SET NOT NULL;
ALTER TABLE accepted_results ALTER COLUMN signed_at SET NOT NULL;

-- A refused result tells an event.
ALTER TABLE refused_results ADD COLUMN version int NOT NULL DEFAULT 0;
ALTER TABLE refused_results ALTER COLUMN version DROP DEFAULT;

-- Which answers a person sent back, and why.
CREATE TABLE sent_back (
    id uuid PRIMARY KEY,
    request uuid NOT NULL REFERENCES requests,
    answer_digest text NOT NULL,
    reason text NOT NULL,
    remark text,
    actor text NOT NULL,
    at timestamptz NOT NULL
);

-- What has been said to a department about its last day in a campaign.
CREATE TABLE deadlines (
    id uuid PRIMARY KEY,
    campaign uuid NOT NULL REFERENCES check_plans,
    department text NOT NULL,
    due_on date NOT NULL,
    status text NOT NULL CHECK (status IN ('running', 'reminded', 'missed', 'escalated')),
    version int NOT NULL,
    UNIQUE (campaign, department)
);
