-- The desk: a page in which a department without software of its own answers.

-- Whoever proved to hold a key of the department; the token itself is not kept. Times are real ones, also in a rehearsal.
CREATE TABLE desk_sessions (
    token_digest text PRIMARY KEY,
    kid text NOT NULL REFERENCES department_keys,
    -- So that the same proof opens no second session.
    nonce text NOT NULL UNIQUE,
    expires_at timestamptz NOT NULL
);

-- What a clerk prepared for the signatory. It counts for nothing until somebody signs.
CREATE TABLE prepared_answers (
    request uuid PRIMARY KEY REFERENCES requests,
    digest text NOT NULL,
    value bytea NOT NULL,
    kid text NOT NULL REFERENCES department_keys,
    at timestamptz NOT NULL
);

-- The question as it was told, found by its request.
CREATE INDEX requests_told ON outbox (subject) WHERE type = 'lika.verification.request.sent.v1';
