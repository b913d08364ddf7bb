"""Proof that the rig can fail: bugs sown into the kernel (LIKA_MUTANT), each shown by a scenario in which it must bite.

One service runs, review; the rig plays intake by writing intake's events as they stand in the log. Each scenario is
played without the bug first and must then find nothing.
"""

import json
import random
import time
import uuid

import log
from invariants import Books, Verdict
from suite import Suite, wait

COMMUNITY = "530427001001"
CASES, HOUSEHOLDS, CAMPAIGNS = "lika.intake.case.v1", "lika.intake.household.v1", "lika.intake.campaign.v1"
CLOSINGS = "lika.review.case.v1"
GROUP = "lika.review.cases"


class Intake:
    """Tells what intake would tell, with the headers of the published contract."""

    def __init__(self, suite: Suite, seed: int):
        self.suite, self.random = suite, random.Random(seed)
        self.campaign = self.identity()

    def identity(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def record(self, topic: str, kind: str, key: str, subject: str, sequence: int, data: dict) -> tuple:
        headers = {"ce_specversion": "1.0", "ce_id": self.identity(), "ce_source": "/lika/intake", "ce_type": kind,
                   "ce_time": "2018-10-06T01:00:00.000Z", "ce_subject": subject, "ce_sequence": f"{sequence:010}",
                   "content-type": "application/json"}
        return (topic, key.encode(), json.dumps(data).encode(), [(name, text.encode()) for name, text in headers.items()], -1)

    def issue(self) -> tuple:
        return self.record(CAMPAIGNS, "lika.intake.campaign.issued.v1", self.campaign, self.campaign, 1, {
            "campaign": self.campaign, "year": 2018, "subdistrict": COMMUNITY[:9], "entryLine": 295200, "exitLine": 350000,
            "publicityDays": 5, "countFirstDay": True, "verificationDueOn": "2018-11-02", "dataFreezeOn": "2018-11-10",
            "stages": [], "issuedAt": "2018-09-30T01:00:00.000Z"})

    def register(self, household: str) -> tuple:
        return self.record(HOUSEHOLDS, "lika.intake.household.registered.v1", household, household, 1, {
            "household": household, "campaign": self.campaign, "population": "registered", "division": f"{COMMUNITY}-01",
            "headName": "示例", "memberCount": 3, "registeredAt": "2018-10-01T01:00:00.000Z"})

    def propose(self, case: str, household: str) -> tuple:
        return self.record(CASES, "lika.intake.case.proposed.v1", household, case, 1, {
            "case": case, "household": household, "campaign": self.campaign, "kind": "EXIT", "population": "registered",
            "division": f"{COMMUNITY}-01", "headName": "示例", "memberCount": 3, "proposedAt": "2018-10-06T01:00:00.000Z"})

    def survey(self, case: str, household: str) -> tuple:
        return self.record(CASES, "lika.intake.case.surveyed.v1", household, case, 2, {
            "case": case, "household": household, "met": True, "ruleSet": "2018", "reasons": [],
            "surveyedAt": "2018-10-14T01:00:00.000Z"})


class Scenario:
    """Twenty cases before review, all of which intake has surveyed or will survey, and one beside them that it leaves alone."""

    def __init__(self, suite: Suite, mutant: str | None, seed: int):
        self.suite, self.intake = suite, Intake(suite, seed)
        self.extra = {"LIKA_MUTANT": mutant} if mutant else {}
        self.cases = [(self.intake.identity(), self.intake.identity()) for _ in range(20)]
        self.beside = (self.intake.identity(), self.intake.identity())
        self.surveys = [self.intake.survey(*case) for case in self.cases]
        self.written: list[tuple] = []

    def __enter__(self):
        self.suite.start("review", **self.extra)
        before = [*self.cases, self.beside]
        self.write([self.intake.issue()] + [self.intake.register(household) for _, household in before]
                   + [self.intake.propose(*case) for case in before])
        self.settle()
        return self

    def __exit__(self, *_):
        self.suite.act("stop", "review")

    def write(self, records: list[tuple]) -> None:
        log.write(self.suite.brokers, records)
        self.written += records

    def ends(self) -> dict:
        held = log.read(self.suite.brokers, [CAMPAIGNS, HOUSEHOLDS, CASES])
        ends: dict = {}
        for entry in (entry for entries in held.values() for entry in entries):
            place = (entry.topic, entry.partition)
            ends[place] = max(ends.get(place, 0), entry.offset + 1)
        return ends

    def is_through(self, ends: dict) -> bool:
        """The service has committed all there is and nothing waits in its outbox."""
        if log.committed(self.suite.brokers, GROUP, list(ends)) != ends:
            return False
        return self.suite.rows("SELECT count(*) FROM review.outbox_pending")[0][0] == 0

    def settle(self, patience: float = 20) -> bool:
        ends = self.ends()
        return wait(lambda: self.is_through(ends), patience)

    def blocked(self) -> bool:
        """The service's consumer is inside its transaction and waits for the rig's lock."""
        with self.suite.database(admin=True) as database:
            return bool(database.execute("SELECT FROM pg_locks WHERE relation = 'review.inbox'::regclass AND NOT granted").fetchall())

    def holding_inbox(self):
        """While this transaction is open nobody gets at review's inbox."""
        held = self.suite.database(admin=True)
        held.execute("LOCK TABLE review.inbox IN ACCESS EXCLUSIVE MODE")
        return held

    def carry_over(self) -> str:
        """A command about the one case that waits for no survey."""
        from load import Client
        case = self.beside[0]
        command = Client(self.suite, self.intake.random.getrandbits(32)).command(
            "review", "/v1/carry-overs", {"cases": [case], "reason": "rerun_does_not_fit"})
        if command.outcome != "ok":
            raise RuntimeError(f"review carried nothing over: {command.status} {command.reply}")
        return case

    def verdict(self) -> Verdict:
        verdict = Verdict()
        Books(self.suite, ["review"]).check(verdict)
        return verdict


def offset_before_commit(scenario: Scenario) -> Verdict:
    """The service dies inside a transaction. Whoever committed the offsets before has lost what was in it."""
    suite = scenario.suite
    held = scenario.holding_inbox()
    scenario.write(scenario.surveys)
    ends = scenario.ends()
    if not wait(scenario.blocked, 10):
        raise RuntimeError("review did not begin to take the surveys")
    wait(lambda: log.committed(suite.brokers, GROUP, list(ends)) == ends, 1.5)
    suite.kill("review")
    held.close()
    suite.start("review", **scenario.extra)
    scenario.settle()
    return scenario.verdict()


def no_inbox_key(scenario: Scenario) -> Verdict:
    """Everything arrives a second time, as after a resend. Whoever does not know it again does it again."""
    suite = scenario.suite
    scenario.write(scenario.surveys)
    scenario.settle()
    log.write(suite.brokers, [record for record in scenario.written if b"case.proposed" not in dict(record[3])["ce_type"]])
    scenario.settle()
    verdict = scenario.verdict()
    applied = int(suite.metric("review", "lika_events_processed_total", "applied"))
    verdict.add("duplicated", "review: messages that took effect again", range(max(0, applied - len(scenario.written))))
    return verdict


def cursor_relay(scenario: Scenario) -> Verdict:
    """A transaction that began first commits last. Whoever reads the outbox behind the last id does not see it."""
    suite = scenario.suite
    held = scenario.holding_inbox()
    scenario.write(scenario.surveys)
    if not wait(scenario.blocked, 10):
        raise RuntimeError("review did not begin to take the surveys")
    case = scenario.carry_over()
    arrived = wait(lambda: any(entry.header("ce_subject") == case for entry in log.read(suite.brokers, [CLOSINGS])[CLOSINGS]), 10)
    held.close()
    if not arrived:
        raise RuntimeError("the closed case did not reach the log")
    scenario.settle(8)
    return scenario.verdict()


SCENARIOS = {"offset-before-commit": (offset_before_commit, "lost"), "no-inbox-key": (no_inbox_key, "duplicated"),
             "cursor-relay": (cursor_relay, "lost")}


def prove(suite: Suite, seed: int, only: str | None = None) -> bool:
    """Whether every sown bug is caught as what it is, and nothing is found where none is sown."""
    caught = 0
    chosen = {name: scenario for name, scenario in SCENARIOS.items() if only in (None, name)}
    for number, (name, (play, kind)) in enumerate(chosen.items()):
        began = time.monotonic()
        found = []
        for mutant in (None, name):
            empty(suite)
            with Scenario(suite, mutant, seed + number * 2 + bool(mutant)) as scenario:
                found.append(play(scenario))
        sound, sick = found
        if sound.violations:
            print(f"mutant {name}: NOT PROVEN, violations without it: {'; '.join(map(str, sound.violations))}", flush=True)
        elif not sick.count(kind):
            print(f"mutant {name}: NOT CAUGHT ({sick})", flush=True)
        else:
            caught += 1
            print(f"mutant {name}: caught in {time.monotonic() - began:.0f} s: {'; '.join(map(str, sick.violations))}", flush=True)
    print(f"mutants: {caught}/{len(chosen)} caught", flush=True)
    return caught == len(chosen)


def empty(suite: Suite) -> None:
    """Nothing of an earlier scenario is left but its audit: an emptied broker (in memory) and empty tables."""
    suite.act("stop", "broker")
    with suite.database(admin=True) as database:
        tables = [row[0] for row in database.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'review' AND tablename NOT LIKE '%migration%' AND tablename NOT LIKE 'audit%'")]
        database.execute("TRUNCATE " + ", ".join(f'review."{table}"' for table in tables))
        # What the service tells of its own accord would come between the two readings of a verdict.
        database.execute("UPDATE review.audit_head SET signed_at = now()")
    suite.start("broker")
    suite.act("run", "lika", "topics")
