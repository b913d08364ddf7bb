-- The database lika: one schema per service, three roles per schema, and one role that may only read.
--
--   lika_X_owner     NOLOGIN   owns schema X and everything in it
--   lika_X_migrate   LOGIN     becomes the owner, changes the schema
--   lika_X_app       LOGIN     the serving role: reads and writes rows of schema X, nothing else
--   lika_ledger      LOGIN     reads all four schemas (`lika ledger`, the rigs)
--
-- No role reaches a neighbour's schema. search_path is fixed per role, so that statements name no schema. The
-- database belongs to the cluster's administrator: a service that owned it could set search_path for the others.
-- An audit table is made insert-and-select only by the migration that creates it (REVOKE UPDATE, DELETE).
--
-- Run as the administrator, connected to any database; safe to repeat:
--   LIKA_ROLE_PASSWORD=… psql --set ON_ERROR_STOP=1 --file roles.sql
-- LIKA_ROLE_PASSWORD, if set, becomes the password of all nine login roles. In production leave it unset and give
-- each role its own (or a certificate).

\set QUIET on
\set role_password ''
\getenv role_password LIKA_ROLE_PASSWORD

SELECT 'CREATE DATABASE lika ENCODING ''UTF8'' TEMPLATE template0'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'lika')
\gexec
\connect lika

BEGIN;
-- Two that run this at once take turns.
SELECT pg_advisory_xact_lock(hashtext('lika roles'));

REVOKE ALL ON DATABASE lika FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

CREATE TEMPORARY TABLE service (name text) ON COMMIT DROP;
INSERT INTO service VALUES ('intake'), ('verification'), ('review'), ('notification');

CREATE TEMPORARY TABLE wanted (role text, attributes text) ON COMMIT DROP;
INSERT INTO wanted
    SELECT format('lika_%s_owner', name), 'NOLOGIN' FROM service
    UNION ALL SELECT format('lika_%s_migrate', name), 'LOGIN CONNECTION LIMIT 10' FROM service
    UNION ALL SELECT format('lika_%s_app', name), 'LOGIN CONNECTION LIMIT 60' FROM service
    UNION ALL SELECT 'lika_ledger', 'LOGIN CONNECTION LIMIT 20';

SELECT format('CREATE ROLE %I', role) FROM wanted WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)
\gexec
SELECT format('ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS %s', role, attributes)
FROM wanted
\gexec
SELECT format('ALTER ROLE %I PASSWORD %L', role, :'role_password')
FROM wanted WHERE attributes LIKE 'LOGIN%' AND :'role_password' <> ''
\gexec
SELECT format('GRANT CONNECT ON DATABASE lika TO %I', role) FROM wanted WHERE attributes LIKE 'LOGIN%'
\gexec
-- Batches stage their rows in temporary tables (COPY in, then merge).
SELECT format('GRANT TEMPORARY ON DATABASE lika TO %I', format('lika_%s_app', name)) FROM service
\gexec

-- Each service's schema, its owner, and who may become the owner.
SELECT format('GRANT %I TO %I', format('lika_%s_owner', name), format('lika_%s_migrate', name)) FROM service
\gexec
SELECT format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', name, format('lika_%s_owner', name)) FROM service
\gexec
SELECT format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', name) FROM service
\gexec
SELECT format('GRANT USAGE ON SCHEMA %I TO %I, lika_ledger', name, format('lika_%s_app', name)) FROM service
\gexec

-- What the owner will create is at once usable by the app role and readable by the ledger.
SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I %s', format('lika_%s_owner', name), format(rule, name, name))
FROM service, (VALUES
    ('IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lika_%s_app'),
    ('IN SCHEMA %I GRANT USAGE, SELECT ON SEQUENCES TO lika_%s_app'),
    ('IN SCHEMA %I GRANT EXECUTE ON FUNCTIONS TO lika_%s_app'),
    ('IN SCHEMA %I GRANT SELECT ON TABLES TO lika_ledger'),
    ('IN SCHEMA %I GRANT EXECUTE ON FUNCTIONS TO lika_ledger'),
    ('REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC')) AS rules (rule)
\gexec

-- Settings of a role's sessions. The migrator is the owner from its first statement on, so that nothing belongs to it.
SELECT format('ALTER ROLE %I IN DATABASE lika SET %s', format('lika_%s_%s', name, kind), format(setting, name))
FROM service, (VALUES
    ('migrate', 'search_path = %I'),
    ('migrate', 'role = lika_%s_owner'),
    ('migrate', 'lock_timeout = ''30s'''),
    ('app', 'search_path = %I'),
    ('app', 'lock_timeout = ''10s'''),
    ('app', 'statement_timeout = ''30s'''),
    ('app', 'idle_in_transaction_session_timeout = ''60s''')) AS settings (kind, setting)
\gexec
ALTER ROLE lika_ledger IN DATABASE lika SET default_transaction_read_only = on;
ALTER ROLE lika_ledger IN DATABASE lika SET search_path = '';

COMMIT;
