-- Who did, read and was refused what. It names an account, a route and the address asked for, never a person. Each row's hash covers
-- the one before, so that nothing in the middle can be changed, taken out or moved; that the end is missing is shown by checkpoints,
-- which lie elsewhere.
CREATE TABLE audit (
    seq bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    purpose text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('done', 'read', 'refused')),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

-- The end of the chain: the one row that whoever writes must hold, at last and until COMMIT. And up to where it was signed.
CREATE TABLE audit_head (
    chain uuid PRIMARY KEY,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    signed_seq bigint NOT NULL,
    signed_hash text NOT NULL,
    signed_at timestamptz NOT NULL,
    version integer NOT NULL
);
INSERT INTO audit_head VALUES (gen_random_uuid(), 0, decode(repeat('00', 32), 'hex'), 0, '', '-infinity', 0);

-- What other services signed of their chains.
CREATE TABLE audit_checkpoints (
    service text NOT NULL,
    chain uuid NOT NULL,
    seq bigint NOT NULL,
    hash text NOT NULL,
    signed_at timestamptz NOT NULL,
    signature text NOT NULL,
    PRIMARY KEY (service, chain, seq)
);

-- Texts one after the other, each behind its length in bytes: no two rows are written alike.
CREATE FUNCTION audit_hash(before bytea, VARIADIC fields text[]) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(before || string_agg(int4send(octet_length(f.bytes)) || f.bytes, ''::bytea ORDER BY f.place))
    FROM (SELECT convert_to(field, 'UTF8') AS bytes, place FROM unnest(fields) WITH ORDINALITY AS u (field, place)) AS f
$$;

CREATE FUNCTION audit_append(at timestamptz, actor text, action text, object text, purpose text, outcome text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    head audit_head;
BEGIN
    UPDATE audit_head SET seq = audit_head.seq + 1 RETURNING * INTO head;
    head.hash := audit_hash(head.hash, head.seq::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), actor, action, object, purpose, outcome);
    INSERT INTO audit VALUES (head.seq, at, actor, action, object, purpose, outcome, head.hash);
    UPDATE audit_head SET hash = head.hash;
END $$;

-- Whoever serves writes rows and reads them, moves the head on, and nothing else.
DO $$
DECLARE
    other regrole;
BEGIN
    FOR other IN SELECT DISTINCT grantee::regrole FROM pg_class, aclexplode(relacl) WHERE oid = 'audit'::regclass AND grantee NOT IN (0, relowner) LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit, audit_checkpoints FROM %s', other);
        EXECUTE format('REVOKE INSERT, DELETE, TRUNCATE ON audit_head FROM %s', other);
    END LOOP;
END $$;
