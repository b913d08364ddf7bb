"""The running suite as the rig sees it: processes by name, their health, the databases, the broker."""

import ctypes
import functools
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import psycopg

SERVICES = ["intake", "verification", "review", "notification"]
# The processes of a run: some services share their work.
INSTANCES = [*SERVICES, "verification-2", "verification-3", "review-2"]
ROOT = pathlib.Path(__file__).resolve().parents[2]


def instances_of(service: str) -> list[str]:
    return [name for name in INSTANCES if name.partition("-")[0] == service]


class Suite:
    """Acts through infra/suite, the one place that starts processes; signals go to the pids it recorded."""

    def __init__(self):
        self.state = pathlib.Path(os.environ["LIKA_STATE"])
        self.brokers = os.environ["LIKA_BROKERS"]
        self.settings = dict(self._settings())
        self._statuses: dict[int, int] = {}
        self._children: set[int] = set()
        self._reaping = threading.Lock()
        # Processes outlive the script that started them; as their subreaper the rig learns how they ended.
        ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0)

    def _settings(self):
        for line in (self.state / "run/settings").read_text().splitlines():
            name, _, value = line.partition("=")
            yield name, "".join(shlex.split(value))

    # Processes

    def act(self, *arguments: str, check: bool = True, **extra: str) -> bool:
        """Runs infra/suite; `extra` are further environment variables, such as LIKA_FAILPOINT."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LIKA_")}
        environment |= {"LIKA_HOME": os.environ["LIKA_HOME"], "LIKA_STATE": str(self.state), **extra}
        done = subprocess.run([str(ROOT / "infra/suite"), *arguments], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if check and done.returncode:
            raise RuntimeError(f"infra/suite {' '.join(arguments)} ended with {done.returncode}: {done.stdout.strip()[-2000:]}")
        return done.returncode == 0

    def ask(self, *arguments: str) -> str:
        """What infra/suite prints, however it ends."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LIKA_")}
        environment |= {"LIKA_HOME": os.environ["LIKA_HOME"], "LIKA_STATE": str(self.state)}
        return subprocess.run([str(ROOT / "infra/suite"), *arguments], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout

    def start(self, *names: str, check: bool = True, **extra: str) -> bool:
        try:
            return self.act("start", *names, check=check, **extra)
        finally:
            self._children |= {pid for name in names if (pid := self.pid(name)) is not None}

    def pid(self, name: str) -> int | None:
        try:
            return int((self.state / f"run/{name}.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def status(self, name: str) -> int | None:
        """How a process ended: its exit status, or minus the signal; None while it runs."""
        pid = self.pid(name)
        if pid is None:
            return 0
        with self._reaping:
            for child in self._children - self._statuses.keys():
                try:
                    ended, status = os.waitpid(child, os.WNOHANG)
                    if ended:
                        self._statuses[child] = os.waitstatus_to_exitcode(status)
                except ChildProcessError:
                    self._children.discard(child)
            if pid in self._statuses:
                return self._statuses[pid]
            if pid in self._children:
                # Its first thread may be dead already, and the others still hold its ports.
                return None
        try:
            state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            return 0 if state == "Z" else None
        except OSError:
            return 0

    def runs(self, name: str) -> bool:
        return self.status(name) is None

    def signal(self, name: str, number: int) -> None:
        if self.runs(name):
            os.kill(self.pid(name), number)

    def kill(self, name: str) -> None:
        self.signal(name, signal.SIGKILL)
        wait(lambda: not self.runs(name), 10)

    def log(self, name: str) -> str:
        return (self.state / f"log/{name}.log").read_text(errors="replace")

    # Health

    def port(self, name: str, suffix: str = "") -> int:
        service, _, instance = name.partition("-")
        return int(self.settings[f"LIKA_PORT_{service.upper()}{suffix}"]) + 10 * (int(instance or 1) - 1)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port(name)}"

    def health(self, name: str, path: str = "/readyz") -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port(name, '_HEALTH')}{path}", timeout=3) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except (OSError, ValueError):
            return 0, ""

    def ready(self, name: str) -> bool:
        return self.health(name)[0] == 200

    def metric(self, name: str, metric: str, where: str = "") -> float:
        """The sum of a metric's series whose labels contain `where`."""
        text = self.health(name, "/metrics")[1]
        return sum(float(value) for labels, value in re.findall(rf"^{metric}(\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
                   if where in labels)

    # Databases

    def database(self, admin: bool = False) -> psycopg.Connection:
        conninfo = os.environ["LIKA_POSTGRES_ADMIN" if admin else "LIKA_POSTGRES"]
        return psycopg.connect(conninfo, connect_timeout=3, autocommit=not admin,
                               options="-c statement_timeout=60000")

    def rows(self, statement: str, *values) -> list[tuple]:
        with self.database() as database:
            return database.execute(statement, values or None).fetchall()

    @functools.cached_property
    def contract(self) -> dict:
        return json.loads((ROOT / "Shared/Contracts/contracts/asyncapi.json").read_text())

    def is_whole(self, service: str, instances: list[str]) -> bool:
        """Whether living instances read each partition of the service's topics, and none is left with a member that is gone."""
        due = sum(self.contract["channels"][topic]["bindings"]["kafka"]["partitions"]
                  for topic, readers in self.subscriptions().items() if service in readers)
        held = [re.search(r"^ok consuming: partitions (\d+)$", self.health(name)[1], re.MULTILINE) for name in instances]
        return all(held) and sum(int(found[1]) for found in held) == due

    def subscriptions(self) -> dict[str, list[str]]:
        """Who reads what, from the published contract: topic → services."""
        readers: dict[str, list[str]] = {channel: [] for channel in self.contract["channels"]}
        for operation in self.contract["operations"].values():
            reader = operation["tags"][0]["name"]
            if operation["action"] == "receive" and reader in SERVICES:
                readers[operation["channel"]["$ref"].removeprefix("#/channels/")].append(reader)
        return readers


    def behind(self, service: str) -> int:
        """How many events that it subscribes to the service has neither taken in nor parked."""
        topics = [topic for topic, readers in self.subscriptions().items() if service in readers and ".verification.result." not in topic]
        told = " UNION ALL ".join(f"SELECT id, topic FROM {teller}.outbox" for teller in SERVICES)
        return self.rows(f"""
            SELECT count(*) FROM ({told}) AS told WHERE topic = ANY(%s)
                AND id NOT IN (SELECT id FROM {service}.inbox)
                AND id::text NOT IN (SELECT headers->>'ce_id' FROM {service}.parked_messages WHERE headers ? 'ce_id')""", topics)[0][0]


def wait(condition, seconds: float, pause: float = 0.1) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
