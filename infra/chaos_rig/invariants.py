"""Invariants I1-I6, I9, I10 and I13 of the suite, from SQL and topic dumps alone.

    lost        I1  told or acknowledged, and not where it must be
    duplicated  I2  an effect that happened more often than its cause
    ghost       I3  in the log or in an inbox, and told by nobody; an effect of a command that failed
    misordered  I4  applied in another order than 1, 2, 3 … per subject; I5 a history no state machine allows; I6 a window
                    closed before its time
    lost, duplicated  I9  also: an audit that is not whole, or has other rows than there were commands
    leaked      I10 an ID number or another secret in clear where it has no business (canaries.py)
    stuck       I13, I15 the faults are over and something still waits for nothing
"""

import collections
import dataclasses
import datetime
import json
import uuid

import lifecycles
import log
from suite import SERVICES, Suite

KINDS = ["lost", "duplicated", "ghost", "misordered", "stuck", "leaked"]


@dataclasses.dataclass
class Violation:
    kind: str
    what: str
    count: int
    examples: list

    def __str__(self) -> str:
        return f"{self.kind} {self.count}: {self.what}" + (f", as {', '.join(map(str, self.examples))}" if self.examples else "")


class Verdict:
    def __init__(self):
        self.violations: list[Violation] = []

    def add(self, kind: str, what: str, culprits) -> None:
        culprits = list(culprits)
        if culprits:
            self.violations.append(Violation(kind, what, len(culprits), [str(culprit) for culprit in culprits[:3]]))

    def equal(self, what: str, expected: collections.Counter, found: collections.Counter) -> None:
        """The model and the rows, as multisets: what is missing is lost, what is too much is duplicated."""
        self.add("lost", what, (expected - found).elements())
        self.add("duplicated", what, (found - expected).elements())

    def count(self, kind: str) -> int:
        return sum(violation.count for violation in self.violations if violation.kind == kind)

    def __str__(self) -> str:
        return " ".join(f"{kind}={self.count(kind)}" for kind in KINDS)


def check_audits(suite: Suite, verdict: Verdict) -> None:
    """I9: every chain verifies up to its head and up to what the other services keep; and has a row for each command that was answered."""
    said = suite.ask("run", "lika", "audit", "verify").splitlines()
    verdict.add("lost", "audit chains that are not whole", [line for line in said if line.startswith("audit:") and not line.endswith(" intact")])
    verdict.add("stuck", "audits that could not be verified", SERVICES[len([line for line in said if line.startswith("audit:")]):])
    for service in SERVICES:
        # A reply is kept in the transaction of its command, and so is its row; but for those whose replies hold a secret.
        answered, written = suite.rows(
            f"SELECT (SELECT count(*) FROM {service}.replies), (SELECT count(*) FROM {service}.audit WHERE outcome = 'done' AND action NOT LIKE 'PUT %'"
            f" AND action <> ALL(ARRAY['POST /v1/tips', 'POST /tip', 'POST /tip-entry', 'POST /v1/desk/sessions']))")[0]
        verdict.add("lost", f"{service}: commands without a row in the audit", range(max(0, answered - written)))
        verdict.add("duplicated", f"{service}: rows in the audit without a command", range(max(0, written - answered)))


class Books:
    """What every service told and took in, and what the log holds."""

    def __init__(self, suite: Suite, services: list[str] = SERVICES):
        self.suite, self.services = suite, services
        self.readers = {topic: [reader for reader in readers if reader in services]
                        for topic, readers in suite.subscriptions().items()}
        self.told: dict[str, dict[str, tuple]] = collections.defaultdict(dict)
        self.taken: dict[tuple[str, str], list[tuple]] = collections.defaultdict(list)
        self.parked: dict[tuple[str, str], list[tuple]] = collections.defaultdict(list)
        self.pending: dict[str, int] = {}
        with suite.database() as database:
            for service in services:
                for identity, topic, subject, sequence, kind in database.execute(
                        f"SELECT id::text, topic, subject::text, sequence, type FROM {service}.outbox"):
                    self.told[topic][identity] = (subject, sequence, kind)
                for consumer, topic, subject, sequence, identity in database.execute(
                        f"SELECT consumer, topic, subject::text, sequence, id::text FROM {service}.inbox"):
                    self.taken[service, topic].append((consumer, subject, sequence, identity))
                for topic, reason, identity, injected, value in database.execute(
                        f"SELECT topic, reason, headers->>'ce_id', headers->>'chaos', length(value) FROM {service}.parked_messages"):
                    self.parked[service, topic].append((reason, identity, injected, value))
                self.pending[service] = database.execute(f"SELECT count(*) FROM {service}.outbox_pending").fetchone()[0]
        self.log = log.read(suite.brokers, list(self.readers))

    @property
    def events(self) -> int:
        return sum(map(len, self.told.values())) + sum(
            len({entry.header("ce_id") for entry in entries}) for topic, entries in self.log.items() if not self.is_ours(topic))

    def is_ours(self, topic: str) -> bool:
        """Whether one of the running services tells it."""
        return topic.split(".")[1] in self.services and ".verification.result." not in topic

    def check(self, verdict: Verdict) -> None:
        for topic in self.readers:
            self._check_topic(topic, verdict)
        for service in self.services:
            verdict.add("stuck", f"{service}: batches in the outbox that are not acknowledged", range(self.pending[service]))

    def _check_topic(self, topic: str, verdict: Verdict) -> None:
        ids: dict[str, tuple] = {}
        for entry in self.log[topic]:
            if entry.is_injected:
                continue
            identity = entry.header("ce_id")
            said = (entry.header("ce_subject"), int(entry.header("ce_sequence") or 0), entry.header("ce_type"))
            if ids.setdefault(identity, said) != said:
                verdict.add("ghost", f"{topic}: one ce_id, two messages", [identity])
        if self.is_ours(topic):
            told = self.told.get(topic, {})
            verdict.add("lost", f"{topic}: in the outbox, not in the log", told.keys() - ids.keys())
            verdict.add("ghost", f"{topic}: in the log, not in the outbox", ids.keys() - told.keys())
            verdict.add("ghost", f"{topic}: another message than the outbox has",
                        [identity for identity in told.keys() & ids.keys() if told[identity] != ids[identity]])
            self._check_numbers(topic, told, verdict)
        for reader in self.readers[topic]:
            self._check_inbox(reader, topic, ids, verdict)

    def _check_numbers(self, topic: str, told: dict, verdict: Verdict) -> None:
        numbers = collections.defaultdict(list)
        for subject, sequence, _ in told.values():
            numbers[subject].append(sequence)
        verdict.add("misordered", f"{topic}: told with other numbers than 1, 2, 3 …",
                    [subject for subject, found in numbers.items() if sorted(found) != list(range(1, len(found) + 1))])

    def _check_inbox(self, reader: str, topic: str, ids: dict[str, tuple], verdict: Verdict) -> None:
        rows = self.taken.get((reader, topic), [])
        parked = self.parked.get((reader, topic), [])
        applied = collections.Counter((consumer, identity) for consumer, _, _, identity in rows)
        consumers = {consumer for consumer, *_ in rows} or {reader}
        expected = {_inbox_id(identity) for identity in ids}
        waiting = {identity for _, identity, injected, _ in parked if not injected}
        for consumer in consumers:
            mine = {identity for name, identity in applied if name == consumer}
            verdict.add("lost", f"{topic}: in the log, not in the inbox of {consumer}", expected - mine - waiting)
            verdict.add("ghost", f"{topic}: in the inbox of {consumer}, not in the log", mine - expected)
        verdict.add("duplicated", f"{topic}: taken twice by {reader}", [key for key, count in applied.items() if count > 1])
        verdict.add("stuck", f"{topic}: parked by {reader}",
                    [f"{identity} ({reason})" for reason, identity, injected, _ in parked if not injected])
        if ".verification.result." not in topic:
            self._check_order(reader, topic, rows, ids, verdict)

    def _check_order(self, reader: str, topic: str, rows: list, ids: dict, verdict: Verdict) -> None:
        applied = collections.defaultdict(list)
        for consumer, subject, sequence, identity in rows:
            applied[consumer, subject].append(sequence)
            if identity in ids and ids[identity][:2] != (subject, sequence):
                verdict.add("misordered", f"{topic}: {reader} took it for another number", [identity])
        verdict.add("misordered", f"{topic}: {reader} applied other numbers than 1, 2, 3 …",
                    [subject for (_, subject), found in applied.items() if sorted(found) != list(range(1, len(found) + 1))])


def _inbox_id(identity: str) -> str:
    return str(uuid.UUID(identity))


def _day(instant: str) -> datetime.date:
    """The day that it was in China."""
    return (datetime.datetime.fromisoformat(instant.replace("Z", "+00:00")) + datetime.timedelta(hours=8)).date()


class Model:
    """What the rows must be, given what was told: each effect as often as its cause, no more and no less."""

    # Rows that are aggregates: table, identity, the topics in which it tells. Its version counts its events.
    AGGREGATES = [
        ("intake", "campaigns", "id", "lika.intake.campaign.v1"), ("intake", "households", "id", "lika.intake.household.v1"),
        ("intake", "cases", "id", "lika.intake.case.v1"), ("intake", "tips", "id", "lika.intake.tip.v1"),
        ("verification", "files", "household", "lika.verification.file.v1"),
        ("verification", "requests", "id", "lika.verification.request."),
        ("verification", "deadlines", "id", "lika.verification.deadline.v1"),
        ("verification", "refused_results", "id", "lika.verification.refusal.v1"), ("review", "cases", "id", "lika.review.case.v1"),
        ("review", "windows", "id", "lika.review.window.v1"),
        ("notification", "notices", "id", "lika.notification.notice.v1"),
        ("notification", "announced_results", '"case"', "lika.notification.announcement.v1"),
    ]
    # Its reply holds a receipt code and is kept nowhere; the tip itself is known again.
    UNKEPT = "/v1/tips"
    OF_MORNINGS = ["recall_overdue", "recall_escalated", "answer_due"]
    PUBLICISED = {"EXIT", "RETURN", "NEW", "REMOVAL", "CLEAROUT"}

    def __init__(self, suite: Suite, books: Books, commands: list):
        self.suite, self.books, self.commands = suite, books, commands
        self.events = {topic: [(entry, _json(entry.value)) for entry in _first(entries)] for topic, entries in books.log.items()}

    def check(self, verdict: Verdict) -> None:
        with self.suite.database() as database:
            for service, table, identity, topic in self.AGGREGATES:
                self._versions(database, service, table, identity, topic, verdict)
            self._rows(database, verdict)
            self._commands(database, verdict)
            self._leftovers(database, verdict)
        self._histories(verdict)

    def data(self, topic: str, kind: str) -> list[dict]:
        return [data for name, entries in self.events.items() if name.startswith(topic)
                for entry, data in entries if entry.header("ce_type").startswith(kind)]

    def _versions(self, database, service: str, table: str, identity: str, topic: str, verdict: Verdict) -> None:
        told = collections.Counter(subject for name, entries in self.books.told.items() if name.startswith(topic)
                                   for subject, _, _ in entries.values())
        rows = dict(database.execute(f"SELECT {identity}::text, version FROM {service}.{table}").fetchall())
        verdict.add("ghost", f"{service}.{table}: events of rows that are not there", told.keys() - rows.keys())
        verdict.add("duplicated", f"{service}.{table}: version above the number of its events",
                    [row for row, version in rows.items() if version > told[row]])
        verdict.add("lost", f"{service}.{table}: version below the number of its events",
                    [row for row, version in rows.items() if version < told[row]])

    def _rows(self, database, verdict: Verdict) -> None:
        def rows(statement: str) -> collections.Counter:
            return collections.Counter(row[0] for row in database.execute(statement))

        proposed = self.data("lika.intake.case.v1", "lika.intake.case.proposed")
        verdict.equal("review's cases are the publicised proposals",
                      collections.Counter(case["case"] for case in proposed if case["kind"] in self.PUBLICISED),
                      rows("SELECT id::text FROM review.cases"))
        files = {data["household"] for data in self.data("lika.intake.household.v1", "lika.intake.household.registered")
                 if data["population"] in ("registered", "exited")}
        files |= {case["household"] for case in proposed if case["population"] != "not_registered" or case["kind"] == "NEW"}
        verdict.equal("verification's files are the households on file and those proposed as new",
                      collections.Counter(files), rows("SELECT household::text FROM verification.files"))
        opened = self.data("lika.verification.file.v1", "lika.verification.file.opened")
        verdict.equal("a file asks each of its questions once at a time",
                      collections.Counter((data["household"], check["department"], check["topic"]) for data in opened for check in data["required"]),
                      collections.Counter(database.execute("SELECT household::text, department, topic FROM verification.requests "
                                                           "WHERE status <> 'superseded'").fetchall()))
        verdict.equal("each accepted request is told once",
                      rows("SELECT request::text FROM verification.accepted_results"),
                      collections.Counter(data["request"] for data in self.data("lika.verification.file.v1", "lika.verification.file.result-accepted")))
        causes = [("lika.review.case.v1", "lika.review.case.closed"), ("lika.review.case.v1", "lika.review.case.confirmed"),
                  ("lika.review.window.v1", "lika.review.window.expired"), ("lika.intake.tip.v1", "lika.intake.tip.raised")]
        causes += [("lika.verification.deadline.v1", f"lika.verification.deadline.{what}")
                   for what in ("asked", "answer-returned", "reminded", "missed", "escalated")]
        told = sum(len(self.data(topic, kind)) for topic, kind in causes)
        told += sum("outcome" in tip for tip in self.data("lika.intake.tip.v1", "lika.intake.tip.settled"))
        # What was not answered by its day goes one level up, which the poverty office is told.
        told += database.execute("SELECT count(*) FROM notification.promises WHERE responsible = 'poverty_office'").fetchone()[0]
        # Each team hears of its roster once a day.
        told += len({(case["campaign"], case["division"][:12], _day(case["proposedAt"])) for case in proposed if case["kind"] in self.PUBLICISED})
        # What a morning brings depends on when it came: these are told by timers of notification's own, at most once a day each.
        noticed = database.execute(f"SELECT count(*) FROM notification.notices WHERE channel = 'inbox' AND template <> ALL(ARRAY{self.OF_MORNINGS})").fetchone()[0]
        verdict.equal("one notice for each thing to be told", collections.Counter(notice=told), collections.Counter(notice=noticed))
        verdict.equal("each notice is delivered once", rows("SELECT id::text FROM notification.notices WHERE channel = 'inbox'"),
                      rows("SELECT notice::text FROM notification.letters"))
        verdict.equal("each notice tells once that it was delivered", rows("SELECT id::text FROM notification.notices WHERE channel = 'inbox'"),
                      collections.Counter(data["notice"] for data in self.data("lika.notification.notice.v1", "lika.notification.notice.delivered")))
        verdict.equal("each household's result is also written on paper",
                      rows("SELECT recipient || template FROM notification.notices WHERE channel = 'inbox' AND audience = 'household'"),
                      rows("SELECT recipient || template FROM notification.notices WHERE channel = 'letter'"))
        confirmed = collections.Counter(data["case"] for data in self.data("lika.review.case.v1", "lika.review.case.confirmed"))
        verdict.equal("each confirmed case is on an announcement", confirmed, rows('SELECT "case"::text FROM notification.announced_results'))
        marked = collections.Counter(data["case"] for data in self.data("lika.intake.household.v1", "lika.intake.household.marked"))
        announced = collections.Counter(data["case"] for data in self.data("lika.review.case.v1", "lika.review.case.announced"))
        natural = {case["case"] for case in proposed if case["kind"] not in self.PUBLICISED}
        verdict.equal("the register is marked once for each announced case", announced,
                      collections.Counter({case: count for case, count in marked.items() if case not in natural}))

    def _commands(self, database, verdict: Verdict) -> None:
        """The client's log against the services' books: acknowledged is kept, failed left nothing, unknown is all or nothing."""
        for service in self.books.services:
            kept = dict(database.execute(f"SELECT key, status FROM {service}.replies").fetchall())
            mine = [command for command in self.commands if command.service == service]
            verdict.add("lost", f"{service}: acknowledged commands of which nothing is kept",
                        [command.path for command in mine if command.outcome == "ok" and command.path != self.UNKEPT
                         and kept.get(command.key) != command.status])
            verdict.add("ghost", f"{service}: commands that failed and left a reply",
                        [command.path for command in mine if command.outcome == "fail" and command.key in kept])
            verdict.add("stuck", f"{service}: commands whose outcome never became known",
                        [command.path for command in mine if command.outcome == "unknown"])
            verdict.add("ghost", f"{service}: replies to commands that nobody sent", kept.keys() - {command.key for command in mine})
        def created(path: str, field: str) -> collections.Counter:
            return collections.Counter(command.reply[field] for command in self.commands
                                       if command.path == path and command.outcome == "ok" and field in (command.reply or {}))
        for path, field, table in [(self.UNKEPT, "tip", "intake.tips"), ("/v1/windows", "window", "review.windows"),
                                   ("/v1/meetings", "meeting", "review.meetings")]:
            found = collections.Counter(row[0] for row in database.execute(f"SELECT id::text FROM {table}"))
            verdict.equal(f"{table} are the acknowledged commands", created(path, field), found)
        accepted = collections.Counter(command.reply["import"] for command in self.commands
                                       if command.path.startswith("/v1/imports") and command.outcome == "ok" and command.reply)
        imports = database.execute("SELECT id::text, kind, state, entered FROM intake.imports").fetchall()
        verdict.equal("intake.imports are the acknowledged sheets", accepted, collections.Counter(row[0] for row in imports))
        verdict.add("stuck", "sheets that are not through", [row[0] for row in imports if row[2] != "done"])
        entered = sum(row[3] for row in imports if row[1] in ("registered", "not_registered"))
        verdict.equal("each household that a sheet entered is registered once", collections.Counter(household=entered),
                      collections.Counter(household=len(self.data("lika.intake.household.v1", "lika.intake.household.registered"))))

    def _leftovers(self, database, verdict: Verdict) -> None:
        for what, statement in [
                ("requests neither answered nor superseded", "SELECT id FROM verification.requests WHERE status NOT IN ('accepted', 'superseded')"),
                ("files not complete", "SELECT household FROM verification.files WHERE status <> 'complete'"),
                ("households whose questions wait to be sent", "SELECT household FROM verification.sendings"),
                ("refused results", "SELECT id FROM verification.refused_results WHERE reason <> 'verification.request-superseded'"),
                ("notices not delivered", "SELECT id FROM notification.notices WHERE status <> 'delivered' AND channel <> 'letter'"),
                ("cases that have not ended",
                 "SELECT id FROM review.cases WHERE status NOT IN ('recorded', 'withdrawn', 'rejected', 'carried_over', 'proposed')"),
                ("windows still open", "SELECT id FROM review.windows WHERE stage NOT IN ('settled', 'recalled')"),
                ("tips not answered", "SELECT id FROM intake.tips WHERE state NOT IN ('answered', 'closed')")]:
            verdict.add("stuck", what, [row[0] for row in database.execute(statement)])
        for service in self.books.services:
            verdict.add("stuck", f"{service}: timers that are overdue", [row[0] for row in database.execute(
                f"SELECT timer FROM {service}.timers WHERE due < {service}.lika_now() - interval '20 days'")])

    def _histories(self, verdict: Verdict) -> None:
        for topic, life in lifecycles.LIVES.items():
            histories = collections.defaultdict(list)
            for entry, data in self.events[topic]:
                histories[entry.header("ce_subject")].append((int(entry.header("ce_sequence")), entry.header("ce_type"), data))
            verdict.add("misordered", f"{topic}: histories that the state machine does not allow",
                        [f"{subject}: {fault}" for subject, history in histories.items()
                         if (fault := life([step[1:] for step in sorted(history, key=lambda step: step[0])]))])
        verdict.add("misordered", "windows that closed before the end of their last day",
                    [data["window"] for data in self.data("lika.review.window.v1", "lika.review.window.expired")
                     if data["expiredAt"] < data["closesAt"]])


def _first(entries: list[log.Entry]) -> list[log.Entry]:
    """Each message once, however often it was sent."""
    return list({entry.header("ce_id"): entry for entry in reversed(entries) if not entry.is_injected}.values())


def _json(value: bytes) -> dict:
    return json.loads(value)
