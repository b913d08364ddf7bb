"""The people of the round, played through the services' public HTTP interfaces while faults come and go.

Nothing is scripted by time: each player looks where the cases stand and does what is next, so that whatever a fault
delayed is done later. Every command carries an Idempotency-Key and is sent again with the same key until its outcome
is known; the client's log says invoke, ok, fail or unknown of each.
"""

import collections
import csv
import dataclasses
import http.client
import io
import json
import pathlib
import random
import threading
import time
import urllib.parse
import uuid

import yaml

from suite import ROOT, Suite, instances_of

ENDED = {"recorded", "withdrawn", "rejected", "carried_over"}


@dataclasses.dataclass
class Command:
    """One line of the client's log."""
    service: str
    path: str
    key: str
    at: float
    attempts: int = 0
    outcome: str = "unknown"
    status: int = 0
    reply: object = None
    seconds: float = 0


class Client:
    """Sends commands and keeps the log of what the services answered."""

    def __init__(self, suite: Suite, seed: int):
        self.suite, self.random = suite, random.Random(seed)
        self.log: list[Command] = []

    def _send(self, service: str, method: str, path: str, body: bytes | None, headers: dict) -> tuple[int, bytes]:
        instance = random.choice(instances_of(service))
        connection = http.client.HTTPConnection("127.0.0.1", self.suite.port(instance), timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, service: str, path: str, **query):
        """The answer; None while the service cannot say."""
        try:
            status, body = self._send(service, "GET", f"{path}?{urllib.parse.urlencode(query)}" if query else path, None, {})
            return json.loads(body) if status == 200 else None
        except (OSError, http.client.HTTPException, ValueError):
            return None

    def read(self, service: str, path: str) -> bytes:
        """A sheet or page; nothing where there is none."""
        status, body = self._send(service, "GET", path, None, {})
        return body if status == 200 else b""

    def list(self, service: str, path: str, identity: str, **query) -> list:
        """All pages of a list, or nothing while the service cannot say."""
        items: list = []
        while True:
            page = self.get(service, path, limit=500, **query)
            if page is None:
                return []
            items += page
            if len(page) < 500:
                return items
            query["after"] = page[-1][identity]

    def command(self, service: str, path: str, body, kind: str = "application/json", patience: float = 120) -> Command:
        """Sends a POST until its outcome is known, or `patience` is over."""
        command = Command(service, path, str(uuid.UUID(int=self.random.getrandbits(128), version=4)), time.time())
        self.log.append(command)
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        deadline = time.monotonic() + patience
        while True:
            command.attempts += 1
            try:
                status, answer = self._send(service, "POST", path, data, {"Content-Type": kind, "Idempotency-Key": command.key})
                command.status = status
                if status < 500 and status != 429:
                    command.outcome = "ok" if status < 300 else "fail"
                    command.reply = json.loads(answer) if answer else None
                    break
            except (OSError, http.client.HTTPException, ValueError):
                pass
            if time.monotonic() > deadline:
                break
            time.sleep(0.25)
        command.seconds = time.time() - command.at
        return command


class Round:
    """One yearly round, driven by where things stand."""

    MEETINGS = {"surveyed": "internal_review", "internally_reviewed": "public_review", "publicly_reviewed": "initial_decision",
                "community_publicity": "resolution", "resolved": "approval"}

    def __init__(self, suite: Suite, client: Client, sample: pathlib.Path, keys: pathlib.Path, seed: int, slices: int):
        self.suite, self.client, self.sample, self.keys = suite, client, sample, keys
        self.random = random.Random(seed)
        self.slices = slices
        # How many slices the register may have come in: whoever injects the faults lets them in, so that every fault
        # finds work at every stage.
        self.let_in = threading.Semaphore(2)
        self.campaign = ""
        self.fed = threading.Event()
        self.stopping = threading.Event()
        self.threads: list[threading.Thread] = []
        self.standing: collections.Counter = collections.Counter()
        # What tipsters said for their handler's eyes alone.
        self.confided: set[str] = set()
        self.failure: Exception | None = None

    def start(self) -> None:
        self.begin()
        for work in (self.feed, self.decide):
            thread = threading.Thread(target=self._guarded, args=(work,), name=work.__name__)
            thread.start()
            self.threads.append(thread)

    def _guarded(self, work) -> None:
        try:
            work()
        except Exception as error:  # told by the main thread; a player that died must not look like a finished one
            self.failure = error
            self.stopping.set()

    def stop(self) -> None:
        self.stopping.set()
        self.let_in.release(self.slices)
        for thread in self.threads:
            thread.join()

    # What happens once

    def begin(self) -> None:
        """The plan is issued and the departments' keys are registered."""
        plan = yaml.safe_load((ROOT / "infra/sample/plan-2018.yaml").read_text())["campaign"]
        issued = self.client.command("intake", "/v1/campaigns", json.loads(json.dumps(plan, default=str)))
        if issued.outcome != "ok":
            raise RuntimeError(f"the campaign was not issued: {issued.status} {issued.reply}")
        self.campaign = issued.reply["campaign"]
        for path in sorted(self.keys.glob("*.jwk.json")):
            jwk = json.loads(path.read_text())
            key = {name: jwk[name] for name in ("kty", "crv", "x", "y", "kid", "use") if name in jwk}
            self.expect("verification", f"/v1/departments/{path.name.split('.')[0]}/keys",
                        key | {"validFrom": "2018-01-01T00:00:00Z", "validTo": "2038-01-01T00:00:00Z"})

    def expect(self, service: str, path: str, body, kind: str = "application/json") -> Command:
        """A command that no state of affairs may refuse."""
        command = self.client.command(service, path, body, kind)
        if command.outcome == "fail":
            raise RuntimeError(f"{service} refused {path}: {command.status} {json.dumps(command.reply, ensure_ascii=False)[:400]}")
        return command

    def bring_in(self, kind: str, sheet: bytes) -> None:
        """Hands a sheet in and waits until it is through, for as long as intake may be away."""
        accepted = self.expect("intake", f"/v1/imports?campaign={self.campaign}&kind={kind}", sheet, "text/csv").reply
        while not self.stopping.is_set():
            report = self.client.get("intake", f"/v1/imports/{accepted['import']}", limit=1) if accepted else None
            if report and report["state"] == "refused":
                raise RuntimeError(f"intake could not read a sheet: {json.dumps(report['faults'], ensure_ascii=False)[:400]}")
            if not accepted or report and report["state"] == "done":
                return
            self.stopping.wait(0.05)

    # Intake and verification: the register comes in slices, so that every stage has work at any moment

    def feed(self) -> None:
        parts = [self.sliced("registered.csv", "registered"), self.sliced("not-registered.csv", "not_registered"),
                 self.sliced("survey.csv", "survey")]
        for number in range(self.slices):
            self.let_in.acquire()
            for sheets, kind in parts:
                if self.stopping.is_set():
                    return
                if sheets[number]:
                    self.bring_in(kind, sheets[number])
                if kind == "not_registered":
                    self.expect("intake", f"/v1/campaigns/{self.campaign}/rosters", {})
            self.expect("intake", f"/v1/campaigns/{self.campaign}/assessments", {})
            self.client.command("verification", "/v1/batches", {"campaign": self.campaign})
        if (self.sample / "changes.csv").exists():
            self.bring_in("changes", (self.sample / "changes.csv").read_bytes())
        self.fed.set()

    def sliced(self, file: str, kind: str) -> tuple[list[bytes], str]:
        """The sheet in slices of whole households; a household is in the same slice of every sheet."""
        rows = list(csv.reader(io.StringIO((self.sample / file).read_text(encoding="utf-8-sig"))))
        slices: list[list] = [[] for _ in range(self.slices)]
        for row in rows[1:]:
            slices[int("0" + "".join(filter(str.isdigit, row[0]))) % self.slices].append(row)
        sheets = []
        for part in slices:
            text = io.StringIO()
            csv.writer(text).writerows([rows[0], *part])
            sheets.append(text.getvalue().encode() if part else b"")
        return sheets, kind

    # Review: whoever is to decide does so as soon as a case is before them

    def decide(self) -> None:
        while not self.stopping.is_set():
            cases = self.client.list("review", "/v1/cases", "case")
            self.standing = collections.Counter(case["status"] for case in cases)
            by_place: dict[tuple[str, str], list[dict]] = collections.defaultdict(list)
            for case in cases:
                by_place[case["division"][:12], case["status"]].append(case)
            for (community, status), there in sorted(by_place.items()):
                if self.stopping.is_set():
                    return
                self.act(community, status, there)
            self.answer_tips()
            self.take_down()
            if self.fed.is_set():
                # What was created since the last batch is still to be sent.
                self.client.command("verification", "/v1/batches", {"campaign": self.campaign})
            if not self.standing.keys() - ENDED:
                self.stopping.wait(1)
            self.stopping.wait(0.3)

    def act(self, community: str, status: str, cases: list[dict]) -> None:
        if status == "community_publicity":
            cases = [case for case in cases if "community_window" not in case["missing"] and not case["held"]]
        if status in self.MEETINGS and cases:
            self.meet(self.MEETINGS[status], community, cases[:200])
        elif status in ("initially_decided", "approved"):
            level, listed = ("community", "communityWindow") if status == "initially_decided" else ("subdistrict", "subdistrictWindow")
            if any(not case.get(listed) for case in cases):
                self.client.command("review", "/v1/windows", {"level": level, "community": community, "places": ["board", "gate"]})
            self.hang(community, level)
        elif status == "awaiting_gate":
            self.investigate([case for case in cases if "investigation" in case["missing"]])
            self.client.command("review", "/v1/reports", {"community": community})
        elif status == "reopened":
            self.investigate(cases[:50])
        elif status == "reported":
            self.client.command("review", "/v1/county-answers", {"answers": [self.county(case["case"]) for case in cases[:200]]})
        if status in ("community_publicity", "subdistrict_publicity") and cases and self.random.random() < 0.3:
            said, contact = (f"{self.random.getrandbits(64):016x}" for _ in range(2))
            self.confided |= {said, contact}
            self.client.command("intake", "/v1/tips", {
                "campaign": self.campaign, "place": community, "channel": "telephone", "text": f"来电反映，请核实。{said}",
                "tipster": {"name": "示例", "contact": contact}, "objectsTo": self.random.choice(cases)["case"]})

    def investigate(self, cases: list[dict]) -> None:
        for case in cases:
            finding = "dropped" if self.random.random() < 0.1 else "corrected_unchanged"
            self.client.command("review", f"/v1/cases/{case['case']}/investigations", {"finding": finding})

    def meet(self, kind: str, community: str, cases: list[dict]) -> None:
        decisions = []
        for case in cases:
            if self.random.random() < 0.02:
                decisions.append({"case": case["case"], "outcome": "reject", "for": 3, "against": 17, "abstain": 0, "reason": "not_convinced"})
            else:
                decisions.append({"case": case["case"], "outcome": "pass", "for": 18, "against": 1, "abstain": 1})
        self.client.command("review", "/v1/meetings",
                            {"kind": kind, "community": community, "called": 20, "present": 20, "decisions": decisions})

    def county(self, case: str) -> dict:
        if self.random.random() < 0.03:
            return {"case": case, "answer": "rejected", "reason": "exceeds_quota"}
        return {"case": case, "answer": "confirmed"}

    def hang(self, community: str, level: str) -> None:
        for window in self.client.get("review", "/v1/windows", level=level, community=community) or []:
            if window["stage"] in ("rendered", "posting"):
                for place in window["places"]:
                    if not place.get("postedAt"):
                        self.client.command("review", f"/v1/windows/{window['window']}/postings", {"place": place["place"]})

    def answer_tips(self) -> None:
        """Each open tip one step further: the acts of one are not one command, and a fault may come between two."""
        outcome = "upheld" if self.random.random() < 0.1 else "dismissed"
        answer = {"act": "answer", "manner": "notice", "text": "经核查，已按规定处理。"}
        steps = {"registered": {"act": "assign", "level": "subdistrict", "handler": "li.ming"}, "assigned": {"act": "investigate"},
                 "investigating": {"act": "find", "outcome": outcome, "text": "已入户核对。"}, "upheld": answer, "dismissed": answer}
        for state, step in reversed(steps.items()):
            for tip in (self.client.get("intake", "/v1/tips", campaign=self.campaign, state=state) or [])[:20]:
                self.client.command("intake", f"/v1/tips/{tip['tip']}/acts", step)

    def take_down(self) -> None:
        for window in self.client.get("review", "/v1/windows") or []:
            if window["stage"] in ("expired", "settled"):
                for place in window["places"]:
                    if not place.get("takenDownAt"):
                        self.client.command("review", f"/v1/windows/{window['window']}/recalls", {"place": place["place"], "how": "recalled"})
