"""One run: the suite up, a round played under load, seeded faults, a quiet period, the books examined."""

import argparse
import dataclasses
import json
import statistics
import threading
import time

import canaries
from faults import Fault, Faults, plan
from invariants import Books, Model, Verdict, check_audits
from load import ENDED, Client, Round
from suite import INSTANCES, SERVICES, Suite, wait

SHORT_FAULTS = 27


class Run:
    def __init__(self, suite: Suite, arguments: argparse.Namespace):
        self.suite, self.arguments = suite, arguments
        self.began = time.monotonic()
        extra = {"LIKA_MUTANT": arguments.mutant} if arguments.mutant else {}
        self.faults = Faults(suite, INSTANCES, arguments.seed, extra)
        self.plan = plan(SHORT_FAULTS if arguments.short else arguments.faults, arguments.seed, INSTANCES)
        self.client = Client(suite, arguments.seed)
        self.round = Round(suite, self.client, suite.state / "sample", suite.state / "departments/keys", arguments.seed,
                           slices=len(self.plan) + 2)
        self.verdict = Verdict()

    def say(self, text: str) -> None:
        print(f"[{time.monotonic() - self.began:4.0f}s] {text}", flush=True)

    def __call__(self) -> bool:
        self.suite.start("departments")
        self.suite.start(*INSTANCES, **self.faults.extra)
        self.say(f"{len(INSTANCES)} processes run; {sum(map(len, self.plan))} faults are planned")
        books = None
        try:
            self.round.start()
            self.spoil()
            self.settle()
            self.say("Reading the log and the databases")
            books = Books(self.suite)
            books.check(self.verdict)
            Model(self.suite, books, self.client.log).check(self.verdict)
            check_audits(self.suite, self.verdict)
            print(canaries.check(self.suite, books, self.round.confided, self.client.read, self.verdict), flush=True)
        finally:
            self.round.stop()
            path = self.keep_history()
        for violation in self.verdict.violations:
            print(f"violation: {violation}", flush=True)
        done = [fault for faults in self.plan for fault in faults]
        failed = [fault for fault in done if fault.failure]
        for fault in failed:
            print(f"violation: {fault}: {fault.failure}", flush=True)
        recoveries = sorted(fault.recovery for fault in done if fault.recovery is not None) or [0]
        print(f"history: {path}", flush=True)
        print(f"chaos: seed={self.arguments.seed} events={books.events} faults={len(done)} kinds={len({kind_of(fault) for fault in done})} "
              f"{self.verdict} recovery_p50={statistics.median(recoveries):.1f} recovery_max={recoveries[-1]:.1f}", flush=True)
        return not self.verdict.violations and not failed

    def spoil(self) -> None:
        """Injects the planned faults, round after round, each once the one before has been recovered from."""
        for number, faults in enumerate(self.plan):
            if self.round.failure:
                raise self.round.failure
            self.round.let_in.release()
            time.sleep(self.faults.random.uniform(0, 1.5))
            threads = [threading.Thread(target=self.faults.inject, args=(fault,)) for fault in faults]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for fault in faults:
                recovered = "done" if fault.recovery is None else f"recovered in {fault.recovery:.1f} s"
                self.say(f"{fault}: {fault.failure or recovered}{f' ({fault.note})' if fault.note else ''}")
            if number % 4 == 3:
                self.say(f"cases: {dict(self.round.standing)}")

    def settle(self) -> None:
        """The faults are over: the round goes on to its end, then everything has its time to become quiet."""
        self.say("The faults are over; the round goes on to its end")
        self.suite.start("store", "broker", "postgres")
        self.suite.start(*INSTANCES, **self.faults.extra)
        wait(lambda: self.round.failure or self.is_played(), 300, 1)
        if self.round.failure:
            raise self.round.failure
        self.round.stop()
        began = time.monotonic()
        quiet = wait(self.is_quiet, 120, 0.5)
        if quiet:
            self.say(f"Quiet after {time.monotonic() - began:.1f} s")
        else:
            self.verdict.add("stuck", f"not quiet 120 s after the faults: {self.noise() | self.behind()}", [1])

    def is_played(self) -> bool:
        return self.round.fed.is_set() and not self.round.standing.keys() - ENDED - {"proposed"} and not self.noise(("requests", "files", "windows", "tips"))

    def is_quiet(self) -> bool:
        return not self.noise() and not self.behind()

    def behind(self) -> dict[str, int]:
        return {f"{service} behind": events for service in SERVICES if (events := self.suite.behind(service))}

    def noise(self, only: tuple[str, ...] = ()) -> dict[str, int]:
        """What still waits, by name."""
        waiting = {
            "requests": "SELECT count(*) FROM verification.requests WHERE status NOT IN ('accepted', 'superseded')",
            "files": "SELECT count(*) FROM verification.files WHERE status <> 'complete'",
            "sendings": "SELECT count(*) FROM verification.sendings",
            # Letters wait for somebody to carry them.
            "notices": "SELECT count(*) FROM notification.notices WHERE status <> 'delivered' AND channel <> 'letter'",
            "windows": "SELECT count(*) FROM review.windows WHERE stage NOT IN ('settled', 'recalled')",
            "tips": "SELECT count(*) FROM intake.tips WHERE state NOT IN ('answered', 'closed')",
        }
        for service in SERVICES:
            waiting[f"{service} outbox"] = f"SELECT count(*) FROM {service}.outbox_pending"
            waiting[f"{service} parked"] = f"SELECT count(*) FROM {service}.parked_messages WHERE NOT headers ? 'chaos'"
        found = {what: self.suite.rows(statement)[0][0] for what, statement in waiting.items() if not only or what in only}
        return {what: count for what, count in found.items() if count}

    def keep_history(self):
        """The client's log, the faults and the findings, to look into afterwards."""
        path = self.suite.state / f"history-{self.arguments.seed}.json"
        path.write_text(json.dumps({
            "arguments": vars(self.arguments),
            "faults": [[dataclasses.asdict(fault) for fault in faults] for faults in self.plan],
            "violations": [dataclasses.asdict(violation) for violation in self.verdict.violations],
            "commands": [dataclasses.asdict(command) for command in self.client.log],
        }, ensure_ascii=False, indent=1))
        return path


def kind_of(fault: Fault) -> str:
    """Each crash point is a kind of its own."""
    return fault.argument if fault.kind == "crash" else fault.kind


def run(suite: Suite, arguments: argparse.Namespace) -> bool:
    return Run(suite, arguments)()
