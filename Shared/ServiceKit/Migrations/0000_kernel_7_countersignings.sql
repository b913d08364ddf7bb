-- Commands that take two people: what the first one asked for, until another one has confirmed or refused it. The body holds codes and
-- reasons, never a person.
CREATE TABLE countersignings (
    id uuid PRIMARY KEY,
    route text NOT NULL,
    address text NOT NULL,
    path jsonb NOT NULL,
    body bytea NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'confirmed', 'refused')),
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decided_by text,
    decided_at timestamptz,
    CHECK ((status = 'open') = (decided_by IS NULL) AND (status = 'open') = (decided_at IS NULL)),
    CHECK (status <> 'confirmed' OR decided_by <> proposed_by)
);
-- The same is not asked for twice at a time.
CREATE UNIQUE INDEX countersignings_open ON countersignings (address) WHERE status = 'open';
