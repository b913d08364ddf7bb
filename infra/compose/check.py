"""Reads docker-compose.yml with a real Compose parser (podman-compose) and asserts what the suite relies on.

No container is started: this shows that the file is well-formed, that its services hang together, and that they are
given the environment that infra/lib gives them. Run by infra/test with the virtual environment's Python.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ["intake", "verification", "review", "notification"]
DOCKERFILE = (ROOT / "infra/Dockerfile").read_text()
# Set by infra/lib for one machine only: containers tell instances apart by host name and talk to Apache Kafka.
ONLY_IN_PROCESSES = {
    "LIKA_INSTANCE", "LIKA_KAFKA_SESSION_TIMEOUT_MS", "LIKA_KAFKA_FETCH_WAIT_MAX_MS", "LIKA_KAFKA_ENABLE_IDEMPOTENCE"}


def parsed(*profiles: str) -> dict:
    """The file as the parser understands it: anchors merged, variables filled in, profiles applied."""
    command = [pathlib.Path(sys.executable).with_name("podman-compose"),
               "--podman-path", "/bin/echo", "--file", ROOT / "docker-compose.yml"]
    for profile in profiles:
        command += ["--profile", profile]
    # Only a variable of the caller could change what is read.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIKA_")}
    # The settings that have no default.
    environment |= {"LIKA_INTAKE_KEY": "a key", "LIKA_ACCESS_KEY": "a key", "LIKA_AUDIT_KEY": "a key"}
    result = subprocess.run([*command, "config"], capture_output=True, text=True, check=True, env=environment)
    return yaml.safe_load(result.stdout)


def process_environment(service: str) -> set[str]:
    """The variables that infra/lib starts this service with."""
    script = f'source infra/lib.sh; use_state /nowhere; service_environment {service}'
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIKA_")}
    result = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=True, cwd=ROOT,
                            env=environment)
    # A process finds its secrets in files, a container in its environment.
    return {line.split("=", 1)[0].removesuffix("_FILE") for line in result.stdout.splitlines()}


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.services = parsed()["services"]

    def test_without_a_profile_the_suite_and_what_it_stands_on_start(self):
        self.assertEqual(set(self.services), {"postgres", "kafka", "roles", "migrate", "topics", *SERVICES})

    def test_profiles_add_the_departments_and_a_browser(self):
        self.assertIn("departments", parsed("departments")["services"])
        self.assertIn("kafka-ui", parsed("ui")["services"])

    def test_the_database_and_the_broker_are_the_versions_we_build_for(self):
        self.assertRegex(self.services["postgres"]["image"], r"^postgres:15")
        self.assertRegex(self.services["kafka"]["image"], r"^apache/kafka:4\.")
        kafka = self.services["kafka"]["environment"]
        self.assertEqual(kafka["KAFKA_PROCESS_ROLES"], "broker,controller")
        self.assertEqual(kafka["KAFKA_AUTO_CREATE_TOPICS_ENABLE"], "false")

    def test_a_service_has_the_environment_that_the_process_set_up_gives_it(self):
        for name in SERVICES:
            environment = self.services[name]["environment"]
            # What is empty is not set.
            given = {key for key, value in environment.items() if key.startswith("LIKA_") and value}
            self.assertEqual(given, process_environment(name) - ONLY_IN_PROCESSES, name)
            self.assertIn(f"user=lika_{name}_app", environment["LIKA_POSTGRES"])
            self.assertNotIn("migrate", environment["LIKA_POSTGRES"])
            self.assertNotIn("password", environment["LIKA_POSTGRES"])
            self.assertEqual(environment["LIKA_BROKERS"], "kafka:9092")

    def test_a_service_is_healthy_when_its_readyz_on_the_health_port_says_so(self):
        for name in SERVICES:
            port = self.services[name]["environment"]["LIKA_HEALTH_PORT"]
            self.assertEqual(self.services[name]["healthcheck"]["test"][-1], f"http://127.0.0.1:{port}/readyz")
        self.assertRegex(DOCKERFILE, r"apt-get install [^\n]*\bcurl\b")

    def test_a_service_starts_after_the_migrations_and_the_topics(self):
        for name in SERVICES:
            conditions = {other: wanted["condition"] for other, wanted in self.services[name]["depends_on"].items()}
            self.assertEqual(conditions, {
                "postgres": "service_healthy", "kafka": "service_healthy",
                "migrate": "service_completed_successfully", "topics": "service_completed_successfully"})
        for name in ("postgres", "kafka"):
            self.assertIn("healthcheck", self.services[name])
        for name in ("roles", "migrate", "topics"):
            self.assertEqual(self.services[name]["restart"], "no")

    def test_every_service_can_be_scaled(self):
        taken = set()
        for name in SERVICES:
            self.assertNotIn("container_name", self.services[name])
            inside = self.services[name]["environment"]["LIKA_HTTP_PORT"]
            for published in self.services[name].get("ports", []):
                first, last = re.fullmatch(rf"127\.0\.0\.1:(\d+)-(\d+):{inside}", published).groups()
                ports = set(range(int(first), int(last) + 1))
                self.assertGreaterEqual(len(ports), 3)
                self.assertFalse(taken & ports)
                taken |= ports

    def test_a_service_has_time_to_stop_in_order(self):
        for name in SERVICES:
            self.assertGreater(int(self.services[name]["stop_grace_period"].removesuffix("s")), 30)

    def test_what_the_services_run_is_in_the_image(self):
        copied = re.search(r"&& cp (.*?)\s+/lika/", DOCKERFILE, re.DOTALL).group(1).replace("\\", "").split()
        for name in SERVICES:
            self.assertEqual(self.services[name]["command"], [f"lika-{name}"])
            self.assertIn(f"lika-{name}", copied)
        self.assertIn("lika", copied)

    def test_the_image_copies_only_what_exists_and_runs_as_nobody_in_particular(self):
        for sources in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE):
            for source in sources.split():
                self.assertTrue(source.endswith("*") or (ROOT / source).exists(), source)
        stages = re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE)
        self.assertEqual({service["build"]["target"] for service in parsed("departments")["services"].values()
                          if "build" in service}, {"services", "departments"})
        for stage in ("services", "departments"):
            self.assertIn(stage, stages)
            body = DOCKERFILE.split(f" AS {stage}\n")[1].split("\nFROM ")[0]
            self.assertRegex(body, r"(?m)^USER (?!root)\w+$")

    def test_what_is_mounted_from_the_checkout_is_there(self):
        for service in self.services.values():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0] if isinstance(volume, str) else volume["source"]
                if source.startswith("."):
                    self.assertTrue((ROOT / source).exists(), source)


if __name__ == "__main__":
    unittest.main()
