"""That no service reaches another one's rows, asked for every table, sequence and function of the migrated schemas.

LIKA_TEST_POSTGRES is the administrator's connection string (to the database lika); run by infra/test.
"""

import os
import re
import unittest

import psycopg

SERVICES = ["intake", "verification", "review", "notification"]
ADMIN = os.environ["LIKA_TEST_POSTGRES"]
ROLES = [(service, f"lika_{service}_{kind}") for service in SERVICES for kind in ("app", "migrate")]


def connect(role: str | None = None) -> psycopg.Connection:
    return psycopg.connect(re.sub(r"user=\S+", f"user={role}", ADMIN) if role else ADMIN, autocommit=True)


def sqlstate(session: psycopg.Connection, statement: str) -> str:
    """With which PostgreSQL refuses the statement; nothing if it does not."""
    try:
        session.execute(statement)
        return ""
    except psycopg.Error as error:
        return error.sqlstate or "?"


class Isolation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with connect() as admin:
            cls.tables = admin.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s) ORDER BY 1, 2", (SERVICES,)).fetchall()
            cls.sequences = admin.execute(
                "SELECT schemaname, sequencename FROM pg_sequences WHERE schemaname = ANY(%s)", (SERVICES,)).fetchall()
            cls.functions = admin.execute(
                "SELECT n.nspname, p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                " WHERE n.nspname = ANY(%s) AND p.pronargs = 0 AND p.prokind = 'f'", (SERVICES,)).fetchall()

    def test_the_schemas_are_the_real_ones(self):
        for service in SERVICES:
            names = {table for schema, table in self.tables if schema == service}
            self.assertTrue({"outbox", "inbox", "audit", "audit_head", "schema_migrations"} <= names, service)
        self.assertGreater(len(self.tables), 80)

    def test_no_role_reaches_a_row_a_number_or_a_function_of_a_neighbour(self):
        for service, role in ROLES:
            with connect(role) as session:
                for schema, table in self.tables:
                    if schema != service:
                        for statement in (f'SELECT FROM {schema}."{table}"', f'DELETE FROM {schema}."{table}"'):
                            self.assertEqual(sqlstate(session, statement), "42501", (role, statement))
                for schema, sequence in self.sequences:
                    if schema != service:
                        self.assertEqual(sqlstate(session, f"SELECT nextval('{schema}.{sequence}')"), "42501", (role, sequence))
                for schema, function in self.functions:
                    if schema != service:
                        self.assertEqual(sqlstate(session, f"SELECT {schema}.{function}()"), "42501", (role, function))

    def test_what_was_audited_stays(self):
        for service in SERVICES:
            with connect(f"lika_{service}_app") as session:
                for table in ("audit", "audit_checkpoints"):
                    for statement in (f"UPDATE {table} SET seq = seq", f"DELETE FROM {table}", f"TRUNCATE {table}"):
                        self.assertEqual(sqlstate(session, statement), "42501", (service, statement))
                    self.assertEqual(sqlstate(session, f"SELECT FROM {table}"), "", (service, table))
                self.assertEqual(sqlstate(session, "DELETE FROM audit_head"), "42501", service)

    def test_who_is_confined_sees_nothing_elsewhere_and_cannot_turn_it_off(self):
        for service, table in (("intake", "households"), ("review", "cases"), ("verification", "files")):
            with connect(f"lika_{service}_app") as session:
                self.assertEqual(sqlstate(session, f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"), "42501", service)
                self.assertEqual(sqlstate(session, f"DROP POLICY reach ON {table}"), "42501", service)
                found = session.execute("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", (table,)).fetchone()
                self.assertEqual(found, (True,), service)


if __name__ == "__main__":
    unittest.main()
