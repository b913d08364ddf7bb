"""What infra/kafka/acls.sh would grant, read from its output; no broker is needed. Run by infra/test."""

import os
import pathlib
import re
import stat
import subprocess
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).parent
SCRIPT = FOLDER / "acls.sh"
DEPARTMENTS = "police culture civil finance socsec land planning agri health econ market disabled".split()


def run(*arguments, check=True, **environment) -> subprocess.CompletedProcess:
    return subprocess.run([SCRIPT, *arguments], check=check, capture_output=True, text=True, env={**os.environ, **environment})


def granted(output: str) -> set:
    """(principal, operation, kind, name, pattern) of each right."""
    rights = set()
    for line in output.splitlines():
        if not line.startswith("kafka-acls.sh"):
            continue
        words = line.split()
        value = {words[place]: words[place + 1] for place in range(len(words) - 1) if words[place].startswith("--")}
        kind = "--topic" if "--topic" in value else "--group"
        for operation in re.findall(r"--operation (\w+)", line):
            rights.add((value["--allow-principal"], operation, kind, value[kind], value["--resource-pattern-type"]))
    return rights


class Rights(unittest.TestCase):
    def test_a_department_may_read_its_requests_write_its_results_and_use_its_groups_and_nothing_else(self):
        expected = {
            (f"User:dept-{name}", operation, kind, resource, pattern)
            for name in DEPARTMENTS for operations, kind, resource, pattern in [
                (("Read", "Describe"), "--topic", f"lika.verification.request.{name}.v1", "literal"),
                (("Write", "Describe"), "--topic", f"lika.verification.result.{name}.v1", "literal"),
                (("Read", "Describe"), "--group", f"dept-{name}.", "prefixed")]
            for operation in operations}
        for variant in ("--scram", "--mtls"):
            self.assertEqual(granted(run(variant).stdout), expected)

    def test_every_department_has_a_quota_and_with_scram_a_password(self):
        for variant, passwords in (("--scram", 12), ("--mtls", 0)):
            lines = [line for line in run(variant).stdout.splitlines() if line.startswith("kafka-configs.sh")]
            quotas = [line for line in lines if "producer_byte_rate=262144,consumer_byte_rate=1048576,request_percentage=25" in line]
            self.assertEqual((len(quotas), len(lines) - len(quotas)), (12, passwords))

    def test_only_the_named_departments_are_touched_and_unknown_ones_are_refused(self):
        self.assertEqual({right[0] for right in granted(run("--mtls", "police", "CIVIL").stdout)}, {"User:dept-police", "User:dept-civil"})
        refused = run("--mtls", "polize", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("there is no department polize", refused.stderr)

    def test_applied_the_tools_get_what_was_printed_and_no_password_is_shown(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for tool in ("kafka-acls.sh", "kafka-configs.sh"):
                (folder / tool).write_text(
                    f'#!/bin/bash\necho "{tool} $*" >>"{folder}/calls"\n'
                    f'[[ $* != *--add-config-file* ]] || cat "${{@: -1}}" >>"{folder}/passwords"\n')
                (folder / tool).chmod(0o755)
            output = run("--scram", "--apply", "police", LIKA_KAFKA_ADMIN="kafka:9093", LIKA_KAFKA_BIN=name, LIKA_KAFKA_PASSWORDS=f"{name}/made").stdout
            self.assertEqual(output, (folder / "calls").read_text())
            self.assertIn("--bootstrap-server kafka:9093", output)
            password = (folder / "made" / "dept-police").read_text()
            self.assertGreaterEqual(len(password), 32)
            self.assertEqual(stat.S_IMODE((folder / "made" / "dept-police").stat().st_mode), 0o600)
            self.assertEqual((folder / "passwords").read_text(), f"SCRAM-SHA-512=[iterations=8192,password={password}]\n")
            self.assertNotIn(password, output)

    def test_the_check_tries_every_department_of_the_script(self):
        source = (FOLDER / "check_access.py").read_text()
        compile(source, "check_access.py", "exec")
        self.assertIn(f'"{" ".join(DEPARTMENTS)}".split()', source)


if __name__ == "__main__":
    unittest.main()
