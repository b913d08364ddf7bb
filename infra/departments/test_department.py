"""The department programs against a real broker: LIKA_BROKERS names it, LIKA_BIN the folder of the `lika` command; run by infra/test.

Every test plays a department of its own, so that its topics and groups are fresh.
"""

import base64
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jwe
from joserfc.jwk import ECKey

BROKERS = os.environ["LIKA_BROKERS"]
LIKA = f"{os.environ['LIKA_BIN']}/lika"
FOLDER = pathlib.Path(__file__).parent
BUILT = tempfile.TemporaryDirectory()
# Both reference clients; the second is built from the line that its own comment gives.
PYTHON, CPP = [sys.executable, str(FOLDER / "department.py")], [f"{BUILT.name}/department"]
# Invented: the area prefix 999999 is assigned to nobody.
WANG, LI = "999999198001010018", "999999198202020024"


def setUpModule():
    line = next(line for line in (FOLDER / "department.cpp").read_text().splitlines() if "g++" in line and " -o " in line)
    command = line.removeprefix("//").replace("-o department", f"-o {CPP[0]}").split()
    subprocess.run([*command, "-Wall", "-Wextra", "-Werror"], check=True, cwd=FOLDER)


def tearDownModule():
    BUILT.cleanup()


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class Played(unittest.TestCase):
    """A department of its own, its topics, its data, and what is around them."""

    program = PYTHON

    def setUp(self):
        self.code = "T" + uuid.uuid4().hex[:8].upper()
        self.requests = f"lika.verification.request.{self.code.lower()}.v1"
        self.results = f"lika.verification.result.{self.code.lower()}.v1"
        admin = AdminClient({"bootstrap.servers": BROKERS})
        created = admin.create_topics([NewTopic(self.requests, 3, 1), NewTopic(self.results, 3, 1)])
        for future in created.values():
            future.result(timeout=20)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "data").mkdir()
        (self.folder / "data" / f"{self.code.lower()}.json").write_text(self.facts())
        self.producer = Producer({"bootstrap.servers": BROKERS, "acks": "all"})
        self.consumer = Consumer({"bootstrap.servers": BROKERS, "group.id": "unused", "fetch.wait.max.ms": 20,
                                  "enable.auto.commit": False})
        self.consumer.assign([TopicPartition(self.results, partition, 0) for partition in range(3)])
        self.addCleanup(self.consumer.close)
        self.process = None
        self.start()

    def facts(self) -> str:
        return json.dumps({
            WANG: {"VEHICLE": {"outcome": "discrepant", "code": "VEHICLE_OVER_30000", "field": "vehicle"}},
            LI: {"RESIDENCE": {"outcome": "cannot_determine", "code": "NO_RECORD", "field": "residence"}}})

    def start(self):
        self.log = open(self.folder / "log", "a+")
        self.addCleanup(self.log.close)
        self.process = subprocess.Popen(
            [*self.program, "--departments", self.code, "--brokers", BROKERS,
             "--keys", self.folder / "keys", "--data", self.folder / "data"], stdout=self.log, stderr=self.log)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def tearDown(self):
        if self.process.poll() is None:
            self.stop()

    def request(self, topic="VEHICLE", persons=((WANG, "王甲"), (LI, "李乙")), **changes) -> dict:
        return {"request": str(uuid.uuid4()), "household": str(uuid.uuid4()), "campaign": str(uuid.uuid4()),
                "department": self.code, "topic": topic, "population": "registered", "dueOn": "2018-11-02",
                "persons": [{"member": str(uuid.uuid4()), "name": name, "idNumber": number} for number, name in persons],
                "unknownField": {"is": "ignored"}, **changes}

    def send(self, request, kind="lika.verification.request.sent.v1") -> bytes:
        value = request if isinstance(request, bytes) else json.dumps(request).encode()
        key = request["household"] if isinstance(request, dict) else "poison"
        self.producer.produce(self.requests, value, key, headers={
            "ce_specversion": "1.0", "ce_type": kind, "ce_id": str(uuid.uuid4()), "ce_time": "2018-10-20T01:02:03.456Z",
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
        self.assertEqual(self.producer.flush(20), 0)
        return value

    def receive(self, count: int) -> list:
        deadline, received = time.monotonic() + 40, []
        while len(received) < count and time.monotonic() < deadline:
            message = self.consumer.poll(0.2)
            if message is not None and not message.error():
                received.append(message)
        self.log.seek(0)
        self.assertEqual(len(received), count, self.log.read())
        return received

    def verify(self, jws: str, value: bytes):
        public = json.loads((self.folder / "keys" / f"{self.code.lower()}.jwk.json").read_text())
        protected, middle, signature = jws.split(".")
        self.assertEqual(middle, "")
        self.assertEqual(json.loads(decoded(protected)),
                         {"alg": public["alg"], "kid": public["kid"], "typ": "verification-result+jws"})
        payload = base64.urlsafe_b64encode(value).rstrip(b"=").decode()
        Ed25519PublicKey.from_public_bytes(decoded(public["x"])).verify(
            decoded(signature), f"{protected}.{payload}".encode())

    def public(self, name: str) -> pathlib.Path:
        """A public key, which the program writes before it subscribes."""
        path = self.folder / "keys" / f"{self.code.lower()}{name}.jwk.json"
        deadline = time.monotonic() + 20
        while not (path.exists() and path.read_text().endswith("\n")) and time.monotonic() < deadline:
            time.sleep(0.02)
        return path


class Department(Played):
    def test_a_request_is_answered_from_the_data_and_signed_over_the_exact_bytes(self):
        request = self.request()
        sent = self.send(request)
        message = self.receive(1)[0]
        headers = {name: value.decode() for name, value in message.headers()}
        result = json.loads(message.value())
        self.assertEqual(message.key().decode(), request["household"])
        self.assertEqual(headers["ce_type"], "lika.verification.result.returned.v1")
        self.assertEqual(headers["ce_source"], f"/departments/{self.code.lower()}")
        self.assertEqual(headers["ce_subject"], request["request"])
        self.assertEqual(headers["traceparent"], "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        self.assertEqual(result["requestDigest"], hashlib.sha256(sent).hexdigest())
        self.assertEqual((result["request"], result["household"], result["department"], result["topic"]),
                         (request["request"], request["household"], self.code, "VEHICLE"))
        self.assertEqual(result["outcome"], "discrepant")
        self.assertEqual(result["findings"], [{"member": request["persons"][0]["member"], "field": "vehicle",
                                               "outcome": "discrepant", "code": "VEHICLE_OVER_30000"}])
        self.assertEqual(result["signedAt"], "2018-10-20T01:02:03.456Z")
        self.assertTrue(result["signatory"] and result["post"])
        self.verify(headers["jws"], message.value())
        with self.assertRaises(InvalidSignature):
            self.verify(headers["jws"], message.value().replace(b"discrepant", b"consistent", 1))

    def test_sealed_persons_are_opened(self):
        request = self.request()
        key = ECKey.import_key(json.loads(self.public(".enc").read_text()))
        header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": key.thumbprint(), "apu": "cmVxdWVzdA", "apv": "a2V5"}
        sealed = jwe.encrypt_compact(header, json.dumps(request["persons"]).encode(), key)
        self.send({**request, "persons": [], "sealedPersons": sealed})
        result = json.loads(self.receive(1)[0].value())
        self.assertEqual((result["request"], result["outcome"]), (request["request"], "discrepant"))

    def test_silence_in_the_data_is_consistent_and_an_unclear_record_is_said_to_be_unclear(self):
        first, second = self.request(topic="PENSION"), self.request(topic="RESIDENCE")
        self.send(first)
        self.send(second)
        outcomes = {(result := json.loads(message.value()))["request"]: result["outcome"] for message in self.receive(2)}
        self.assertEqual(outcomes, {first["request"]: "consistent", second["request"]: "cannot_determine"})

    def test_the_same_request_again_gets_the_same_bytes_and_the_same_id_after_a_restart_too(self):
        request = self.request()
        self.send(request)
        first = self.receive(1)[0]
        self.assertEqual(self.stop(), 0)
        self.start()
        self.send(request)
        again = self.receive(1)[0]
        self.assertEqual((again.value(), again.headers()), (first.value(), first.headers()))

    def test_what_was_answered_and_acknowledged_is_not_answered_again_after_a_restart(self):
        self.send(self.request())
        self.receive(1)
        self.assertEqual(self.stop(), 0)
        self.start()
        later = self.request()
        self.send(later)
        self.assertEqual(json.loads(self.receive(1)[0].value())["request"], later["request"])

    def test_what_is_no_request_of_its_own_is_passed_over_and_the_next_is_answered(self):
        self.send(b"\xff not json")
        self.send(b"[" * 100_000)
        self.send(self.request(department="ANOTHER"))
        self.send(self.request(request="no uuid"))
        self.send(self.request(), kind="lika.verification.request.withdrawn.v1")
        good = self.request()
        self.send(good)
        self.assertEqual(json.loads(self.receive(1)[0].value())["request"], good["request"])

    def test_the_private_key_is_for_its_owner_only_and_nothing_personal_is_logged(self):
        self.send(self.request())
        self.receive(1)
        self.assertEqual((self.folder / "keys" / f"{self.code.lower()}.key").stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.stop(), 0)
        self.log.seek(0)
        written = self.log.read()
        for line in written.splitlines():
            json.loads(line)
        for secret in (WANG, LI, "王甲", "李乙"):
            self.assertNotIn(secret, written)


class SecondDepartment(Played):
    """What restarts prove of the second client; the rest is in the conformance kit."""

    program = CPP

    test_the_same_request_again_gets_the_same_bytes_and_the_same_id_after_a_restart_too = \
        Department.test_the_same_request_again_gets_the_same_bytes_and_the_same_id_after_a_restart_too
    test_the_private_key_is_for_its_owner_only_and_nothing_personal_is_logged = \
        Department.test_the_private_key_is_for_its_owner_only_and_nothing_personal_is_logged

    def test_it_answers_with_the_bytes_of_the_first_client_and_goes_on_where_that_one_stopped(self):
        request = self.request()
        self.send(request)
        first = self.receive(1)[0]
        self.assertEqual(self.stop(), 0)
        self.program = PYTHON
        self.start()
        self.send(request)
        again = self.receive(1)[0]
        self.assertEqual(again.value(), first.value())
        differing = {name for name, value in dict(again.headers()).items() if value != dict(first.headers())[name]}
        # The one says EdDSA and the other Ed25519, which are the same signature under two names (RFC 9864).
        self.assertEqual(differing, {"jws"})


class Conformance(Played):
    """Both clients keep every rule of the contract, as `lika conformance` tries them."""

    def facts(self) -> str:
        return subprocess.run([LIKA, "conformance", "--facts"], check=True, capture_output=True, text=True).stdout

    def conformance(self) -> str:
        self.public(".enc")
        kit = subprocess.run(
            [LIKA, "conformance", "--department", self.code, "--keys", self.folder / "keys"],
            capture_output=True, text=True, timeout=120)
        self.log.seek(0)
        self.assertEqual(kit.returncode, 0, kit.stdout + kit.stderr + self.log.read())
        print(kit.stdout.splitlines()[-1])
        return kit.stdout

    def test_the_first_client_conforms(self):
        self.assertIn("failed=0 skipped=0", self.conformance())

    def test_the_second_client_conforms(self):
        self.stop()
        self.program = CPP
        self.start()
        self.assertIn("failed=0 skipped=0", self.conformance())

    def test_the_kit_finds_a_client_that_breaks_rules(self):
        """A copy of the first client with a bug sown for each of these rules."""
        self.stop()
        source = (FOLDER / "department.py").read_text()
        for right, wrong in [
                ('hashlib.sha256(value).hexdigest()', '"0" * 64'), ('"post": "信息数据复核责任人"', '"post": persons[0]["name"]'),
                ('uuid.uuid5(RESULT_IDS, f"{identity}:{hashlib.sha256(result).hexdigest()}")', "uuid.uuid4()"),
                ('if headers.get("ce_type") != REQUEST_TYPE:', "if False:"), ("key=OUTCOMES.index", "key=len"),
                ("record.key(), *answer(", 'b"one for all", *answer('), ('headers[name] for name in ("traceparent",)', '"00" for name in ("traceparent",)')]:
            self.assertIn(right, source)
            source = source.replace(right, wrong)
        (self.folder / "broken.py").write_text(source)
        self.program = [sys.executable, str(self.folder / "broken.py")]
        self.start()
        self.public(".enc")
        kit = subprocess.run(
            [LIKA, "conformance", "--department", self.code, "--keys", self.folder / "keys", "--patience", "10"],
            capture_output=True, text=True, timeout=120)
        self.assertEqual(kit.returncode, 1, kit.stderr)
        broken = {line.split()[1] for line in kit.stdout.splitlines() if line.startswith("FAIL")}
        self.assertLessEqual({"digest", "privacy", "id", "other-types", "worst-finding", "key", "headers", "duplicate"}, broken, kit.stdout)


if __name__ == "__main__":
    unittest.main()
