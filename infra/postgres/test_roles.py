"""What each role may do, asked of a real cluster that roles.sql has set up.

LIKA_TEST_POSTGRES is the administrator's connection string (to the database lika); run by infra/test.
"""

import os
import re
import subprocess
import unittest
import uuid

SERVICES = ["intake", "verification", "review", "notification"]
ADMIN = os.environ["LIKA_TEST_POSTGRES"]
TABLE = "roles_test_" + uuid.uuid4().hex[:8]


def run(role: str, statement: str) -> str:
    """The statement's output, or the SQLSTATE with which PostgreSQL refused it."""
    conninfo = re.sub(r"user=\S+", f"user={role}", ADMIN)
    result = subprocess.run(
        ["psql", conninfo, "-X", "-q", "-A", "-t", "-v", "VERBOSITY=sqlstate", "-c", statement],
        capture_output=True, text=True, timeout=30)
    refusal = re.search(r"ERROR:\s+(\w{5})", result.stderr)
    return refusal.group(1) if refusal else result.stdout.strip() + result.stderr.strip()


class Roles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for service in SERVICES:
            made = run(f"lika_{service}_migrate", f"CREATE TABLE {TABLE} (id bigserial PRIMARY KEY, x int)")
            assert made == "", made

    @classmethod
    def tearDownClass(cls):
        for service in SERVICES:
            run(f"lika_{service}_migrate", f"DROP TABLE {TABLE}")

    def test_what_the_migrator_makes_belongs_to_the_owner(self):
        for service in SERVICES:
            owner = run("postgres", f"SELECT tableowner FROM pg_tables"
                                    f" WHERE schemaname = '{service}' AND tablename = '{TABLE}'")
            self.assertEqual(owner, f"lika_{service}_owner")

    def test_an_app_role_reads_and_writes_its_own_rows_without_naming_the_schema(self):
        for service in SERVICES:
            app = f"lika_{service}_app"
            self.assertEqual(run(app, f"INSERT INTO {TABLE} (x) VALUES (7) RETURNING x"), "7")
            self.assertEqual(run(app, f"UPDATE {TABLE} SET x = 8 RETURNING x"), "8")
            self.assertEqual(run(app, f"DELETE FROM {TABLE} RETURNING x"), "8")

    def test_an_app_role_changes_no_schema(self):
        for service in SERVICES:
            app = f"lika_{service}_app"
            for statement in (f"CREATE TABLE {service}.mine ()", f"DROP TABLE {TABLE}", f"TRUNCATE {TABLE}",
                              f"ALTER TABLE {TABLE} ADD y int", f"SET ROLE lika_{service}_owner",
                              "CREATE TABLE public.mine ()", "CREATE SCHEMA mine"):
                self.assertEqual(run(app, statement), "42501", (app, statement))

    def test_no_app_or_migrate_role_reaches_a_neighbour(self):
        for role in [f"lika_{s}_{kind}" for s in SERVICES for kind in ("app", "migrate")]:
            for foreign in SERVICES:
                if foreign in role:
                    continue
                for statement in (f"SELECT * FROM {foreign}.{TABLE}", f"INSERT INTO {foreign}.{TABLE} (x) VALUES (1)",
                                  f"UPDATE {foreign}.{TABLE} SET x = 1", f"DELETE FROM {foreign}.{TABLE}",
                                  f"SELECT nextval('{foreign}.{TABLE}_id_seq')"):
                    self.assertEqual(run(role, statement), "42501", (role, statement))

    def test_the_ledger_reads_everything_and_writes_nothing(self):
        for service in SERVICES:
            self.assertEqual(run("lika_ledger", f"SELECT count(*) FROM {service}.{TABLE}"), "0")
            writing = f"SET TRANSACTION READ WRITE; INSERT INTO {service}.{TABLE} (x) VALUES (1)"
            self.assertEqual(run("lika_ledger", writing), "42501")


if __name__ == "__main__":
    unittest.main()
