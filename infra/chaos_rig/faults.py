"""The faults: what is done to whom, and how long the suite then needs to work again.

A fault is injected, healed by the rig where it does not heal by itself, and counts as recovered once every process it
touched is ready and takes in messages again, or has none to take in, and the service's living instances hold all of its
partitions: those of a member that died are read by nobody until its session is over.
"""

import dataclasses
import random
import shutil
import signal
import time
import uuid

import log
from suite import SERVICES, Suite, instances_of, wait

# How long it may take until all is well again, on a machine that does other things as well; the figures are printed.
PATIENCE = 180
FAILPOINTS = {
    "relay.after_produce_before_ack": SERVICES, "relay.after_ack_before_mark": SERVICES, "inbox.after_insert": SERVICES,
    "inbox.after_effect_before_commit": SERVICES, "inbox.after_commit_before_offset": SERVICES,
    "intake.after_commit_before_reply": ["intake", "review"], "intake.after_piece": ["intake"], "scheduler.after_lease": ["review"],
    "scheduler.after_close_before_commit": ["review"], "verify.after_signature_check": ["verification"],
    "audit.after_head_lock": ["intake", "review"], "notify.after_intent_before_send": ["notification"], "notify.after_send_before_record": ["notification"],
}


@dataclasses.dataclass
class Fault:
    """One planned fault and what came of it."""
    kind: str
    target: str
    argument: str = ""
    at: float = 0
    healed: float = 0
    recovery: float | None = None
    note: str = ""
    failure: str = ""

    def heal(self) -> None:
        """From here on the suite recovers by itself."""
        self.healed = time.monotonic()

    @property
    def service(self) -> str:
        """Which service it hits; a topic stands for itself."""
        return self.target.partition("-")[0]

    def __str__(self) -> str:
        return f"{self.kind} {self.target}{f' {self.argument}' if self.argument else ''}"


class Faults:
    """Carries faults out, one at a time per target."""

    def __init__(self, suite: Suite, instances: list[str], seed: int, extra: dict[str, str]):
        self.suite, self.instances, self.extra = suite, instances, extra
        self.random = random.Random(seed)
        self.poisoned: list[tuple[str, str]] = []

    def inject(self, fault: Fault) -> None:
        fault.at = time.time()
        try:
            touched = getattr(self, "_" + fault.kind)(fault)
            if touched is not None:
                fault.recovery = self._recovery(touched, fault.healed)
                if fault.recovery is None:
                    fault.failure = f"not recovered after {PATIENCE} s: " + "; ".join(map(self._standing, touched))
        except Exception as error:  # a fault that could not be carried out fails the run, after all the others
            fault.failure = f"{type(error).__name__}: {error}"

    # Recovery

    def _recovery(self, touched: list[str], healed: float) -> float | None:
        before = {name: self._taken(name) for name in touched}
        if not wait(lambda: all(self.suite.ready(name) for name in touched), PATIENCE):
            return None
        if not wait(lambda: all(self._works(name, before[name]) for name in touched), PATIENCE, 0.3):
            return None
        services = {name.partition("-")[0] for name in touched}
        if not wait(lambda: all(self.suite.is_whole(service, instances_of(service)) for service in services), PATIENCE, 0.3):
            return None
        return time.monotonic() - healed

    def _standing(self, name: str) -> str:
        """What an operator would look at first."""
        status, text = self.suite.health(name)
        unmet = " ".join(line for line in text.splitlines() if line.startswith("NOT"))
        return f"{name} readyz {status} {unmet}, {self.suite.behind(name.partition('-')[0])} events behind"

    def _taken(self, name: str) -> int:
        """How much the service has taken in; nothing while the database cannot say."""
        try:
            return self.suite.rows(f"SELECT count(*) FROM {name.partition('-')[0]}.inbox")[0][0]
        except Exception:
            return 0

    def _works(self, name: str, before: int) -> bool:
        return self._taken(name) > before or self.suite.behind(name.partition("-")[0]) == 0

    # Processes of ours

    def _start(self, fault: Fault, **extra: str) -> None:
        """With a crash point armed it may die before it is ready."""
        fault.heal()
        self.suite.start(fault.target, check=not extra, **self.extra, **extra)

    def _restart(self, fault: Fault, *names: str) -> list[str]:
        """Starts again what everything stands on; everything has to recover."""
        fault.heal()
        self.suite.start(*names)
        return self.instances

    def _kill(self, fault: Fault) -> list[str]:
        self.suite.kill(fault.target)
        self._start(fault)
        return [fault.target]

    def _crash(self, fault: Fault) -> list[str] | None:
        """Restarted with a crash point armed; killed if it does not come past there."""
        self.suite.kill(fault.target)
        # Little falls due; the rest passes often.
        after = self.random.randrange(2 if fault.argument.startswith("scheduler.") else 6)
        self._start(fault, LIKA_FAILPOINT=f"{fault.argument}:abort:after={after}")
        reached = wait(lambda: not self.suite.runs(fault.target), 15)
        fault.note = f"after {after} passes" if reached else "not reached, killed"
        fault.kind = "crash" if reached else "kill"
        if not reached:
            self.suite.kill(fault.target)
        self._start(fault)
        return [fault.target]

    def _term(self, fault: Fault) -> list[str]:
        """Asked to stop: unready at once, gone in order within 30 s with status 0."""
        self.suite.signal(fault.target, signal.SIGTERM)
        began, unready = time.monotonic(), False
        while self.suite.runs(fault.target) and time.monotonic() - began < 31:
            unready = unready or self.suite.health(fault.target)[0] == 503
            time.sleep(0.005)
        status, took = self.suite.status(fault.target), time.monotonic() - began
        fault.note = f"status {status} in {took:.1f} s, {'unready first' if unready else 'never seen unready'}"
        if status != 0:
            fault.failure = f"SIGTERM ended with status {status} after {took:.1f} s"
        self.suite.kill(fault.target)
        self._start(fault)
        return [fault.target]

    def _freeze(self, fault: Fault) -> list[str]:
        """Stopped and woken; longer than its session lasts, the group has given its partitions away meanwhile."""
        self.suite.signal(fault.target, signal.SIGSTOP)
        time.sleep(float(fault.argument))
        self.suite.signal(fault.target, signal.SIGCONT)
        fault.heal()
        return [fault.target]

    def _leave(self, fault: Fault) -> list[str]:
        """An instance goes and comes: its partitions move twice."""
        self.suite.act("stop", fault.target)
        time.sleep(1)
        self._start(fault)
        return [fault.target]

    # What they stand on

    def _broker_kill(self, fault: Fault) -> list[str]:
        self.suite.kill("broker")
        time.sleep(self.random.uniform(0.5, 3))
        return self._restart(fault, "broker")

    def _store_kill(self, fault: Fault) -> list[str]:
        """What the broker stores to; it must come back before the broker can acknowledge anything."""
        self.suite.kill("store")
        time.sleep(self.random.uniform(0.5, 3))
        return self._restart(fault, "store", "broker")

    def _broker_wipe(self, fault: Fault) -> list[str]:
        """A new, empty cluster at the old address, in mid-round: the log is to be rebuilt from the outboxes."""
        told = sum(self.suite.rows(f"SELECT count(*) FROM {service}.outbox")[0][0] for service in SERVICES)
        fault.note = f"{told} events had been told"
        self.suite.kill("broker")
        self.suite.kill("store")
        shutil.rmtree(self.suite.state / "broker")
        self._restart(fault, "store", "broker")
        self.suite.act("run", "lika", "topics")
        return self.instances

    def _postgres_restart(self, fault: Fault) -> list[str]:
        self.suite.act("stop", "postgres")
        return self._restart(fault, "postgres")

    def _postgres_kill(self, fault: Fault) -> list[str]:
        self.suite.kill("postgres")
        return self._restart(fault, "postgres")

    # What comes in

    def _poison(self, fault: Fault) -> None:
        """Messages that nobody can read are parked by every subscriber with their reason, while others flow."""
        topic, mark = fault.target, str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        headers = {"ce_specversion": "1.0", "ce_id": mark, "ce_source": "/" + "/".join(topic.split(".")[:2]), "ce_subject": mark,
                   "ce_sequence": "0000000001", "ce_time": "2018-10-06T01:00:00.000Z", "content-type": "application/json", "chaos": mark}
        contract = topic.removesuffix(".v1")
        forms = [
            ("json", b"{not json", {"ce_type": KNOWN_TYPES.get(topic, f"{contract}.v1")}),
            ("no-ce-id", b"{}", {"ce_id": ""}), ("unknown-type", b"{}", {"ce_type": f"{contract}.transmuted.v9"}),
            ("too-large", b'{"text": "' + b"x" * 2_000_000 + b'"}', {"ce_type": f"{contract}.moved.v1"}),
        ]
        log.write(self.suite.brokers, [
            (topic, mark.encode(), value, [(name, text.encode()) for name, text in (headers | own).items() if text], -1)
            for _, value, own in forms])
        readers = self.suite.subscriptions()[topic]
        wanted = sorted(reason for reason, *_ in forms)
        began = time.monotonic()

        def parked(reader: str) -> list[str]:
            found = self.suite.rows(f"SELECT reason FROM {reader}.parked_messages WHERE headers->>'chaos' = %s", mark)
            return sorted(reason.partition(".")[0] for reason, in found)

        if not wait(lambda: all(parked(reader) == wanted for reader in readers), PATIENCE):
            raise RuntimeError(f"poison not parked as {wanted}: " + "; ".join(f"{reader} {parked(reader)}" for reader in readers))
        fault.recovery = time.monotonic() - began

    def _repeat(self, fault: Fault) -> None:
        """A whole topic arrives a second time, byte for byte."""
        entries = [entry for entry in log.read(self.suite.brokers, [fault.target])[fault.target] if not entry.is_injected]
        chosen = entries if len(entries) <= 3000 else self.random.sample(entries, 3000)
        log.write(self.suite.brokers, [(entry.topic, entry.key, entry.value, entry.headers, entry.partition) for entry in chosen])
        fault.note = f"{len(chosen)} records"


# Of each topic one type that every reader reacts to: of the others none looks at the data.
KNOWN_TYPES = {
    "lika.intake.household.v1": "lika.intake.household.registered.v1", "lika.intake.case.v1": "lika.intake.case.proposed.v1",
    "lika.verification.file.v1": "lika.verification.file.completed.v1", "lika.review.case.v1": "lika.review.case.closed.v1",
    "lika.review.window.v1": "lika.review.window.opened.v1",
}


def plan(count: int, seed: int, instances: list[str]) -> list[list[Fault]]:
    """Rounds of faults that run at the same time: up to three services at once, or one of what all stand on.

    The first faults are one of every kind, so that even a short run has them all; which service, which crash point and
    which order the seed decides.
    """
    dice = random.Random(seed)
    alone, paired = [], []

    def service(names=instances) -> str:
        return dice.choice([name for name in instances if name.partition("-")[0] in names or name in names])

    def crash(point: str) -> Fault:
        return Fault("crash", dice.choice(FAILPOINTS[point]), point)

    def whole(kind: str) -> Fault:
        return Fault(kind, {"broker": "broker", "store": "store", "postgres": "postgres"}[kind.partition("_")[0]])

    topics = list(KNOWN_TYPES)
    every = [Fault("kill", name) for name in SERVICES] + [crash(point) for point in FAILPOINTS]
    every += [Fault("term", service()), Fault("freeze", service(), "3"), Fault("freeze", service(), "12"),
              Fault("leave", dice.choice([name for name in instances if "-" in name])),
              Fault("poison", dice.choice(topics)), Fault("repeat", dice.choice(topics))]
    kinds = ["broker_kill", "store_kill", "broker_wipe", "postgres_restart", "postgres_kill"]
    every += [whole(kind) for kind in kinds]
    while len(every) < count:
        match dice.choices(["kill", "crash", "term", "freeze", "leave", "poison", "repeat", "whole"], [5, 6, 2, 2, 1, 1, 1, 4])[0]:
            case "kill": every.append(Fault("kill", service()))
            case "crash": every.append(crash(dice.choice(list(FAILPOINTS))))
            case "term": every.append(Fault("term", service()))
            case "freeze": every.append(Fault("freeze", service(), dice.choice(["3", "5", "12"])))
            case "leave": every.append(Fault("leave", dice.choice([name for name in instances if "-" in name])))
            case "poison": every.append(Fault("poison", dice.choice(topics)))
            case "repeat": every.append(Fault("repeat", dice.choice(topics)))
            case "whole": every.append(whole(dice.choice(kinds)))
    dice.shuffle(every)
    # Crash points of the end of the round are passed only when something has come that far.
    every.sort(key=lambda fault: fault.argument.startswith(("scheduler.", "notify.")))
    for fault in every[:count]:
        (alone if fault.kind in kinds else paired).append(fault)
    rounds: list[list[Fault]] = []
    while paired:
        together: list[Fault] = []
        for fault in list(paired):
            if len(together) < 3 and fault.service not in [other.service for other in together]:
                together.append(fault)
                paired.remove(fault)
        rounds.append(together)
    for fault in alone:
        # Nothing is proven by emptying a log that holds little, or one that nobody needs any more.
        first, last = (len(rounds) // 3, len(rounds) * 2 // 3) if fault.kind == "broker_wipe" else (2, len(rounds))
        rounds.insert(dice.randrange(first, last + 1), [fault])
    return rounds
