#!/usr/bin/env python3
"""A department's side of the verification exchange, written from the published contract alone (README.md beside it).

For every department named it consumes lika.verification.request.<department>.v1, answers each request from
<data>/<department>.json, signs the answer and produces it to lika.verification.result.<department>.v1. A request that
arrives twice is answered twice with the very same bytes: everything in an answer follows from the request, the data
file and the keys. The offset is committed only when the broker has acknowledged the answer.
"""

import argparse
import hashlib
import json
import os
import pathlib
import signal
import sys
import threading
import uuid
from datetime import datetime, timezone

from confluent_kafka import Consumer, KafkaException, Producer
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

REQUEST_TYPE = "lika.verification.request.sent.v1"
SENT_BACK_TYPE = "lika.verification.request.sent-back.v1"
RESULT_TYPE = "lika.verification.result.returned.v1"
# The name space of result ids, fixed by the contract.
RESULT_IDS = uuid.UUID("6f1c2a0e-7d4b-5a7e-9c55-2f0d8be41a66")
# The worst finding decides the whole answer.
OUTCOMES = ["consistent", "cannot_determine", "discrepant"]
FACT = ["field", "outcome", "code", "remark"]
OUTPUT = threading.Lock()


def log(department: str, event: str, **values) -> None:
    """One JSON object a line; never a name, an ID number or anything else about a person."""
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with OUTPUT:
        print(json.dumps({"ts": now, "department": department, "event": event, **values}), flush=True)


class Keys:
    """An Ed25519 key to sign with, and a P-256 key to which persons are sealed.

    The private halves never leave the folder; an operator registers the public ones, named by their RFC 7638 thumbprints.
    """

    def __init__(self, folder: pathlib.Path, department: str):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.signing = self.load(folder / department.lower(), OKPKey, "Ed25519", use="sig", alg="Ed25519")
        self.opening = self.load(folder / f"{department.lower()}.enc", ECKey, "P-256", use="enc", alg="ECDH-ES")

    @staticmethod
    def load(path: pathlib.Path, kind, curve: str, **purpose):
        private = path.with_name(f"{path.name}.key")
        if not private.exists():
            with os.fdopen(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(kind.generate_key(curve).as_pem(private=True))
        key = kind.import_key(private.read_bytes())
        public = {**key.as_dict(private=False), "kid": key.thumbprint(), **purpose}
        path.with_name(f"{path.name}.jwk.json").write_text(json.dumps(public, indent=1) + "\n")
        return key

    def sign(self, value: bytes) -> str:
        """A detached JWS (RFC 7515, appendix F) over exactly these bytes."""
        header = {"alg": "Ed25519", "kid": self.signing.thumbprint(), "typ": "verification-result+jws"}
        return jws.detach_content(jws.serialize_compact(header, value, self.signing, algorithms=["Ed25519"]))

    def open(self, sealed: str) -> list:
        return json.loads(jwe.decrypt_compact(sealed, self.opening, algorithms=["ECDH-ES", "A256GCM"]).plaintext)


class Refused(Exception):
    """A message that is no request; its argument is a code."""


def answer(department: str, data: dict, headers: dict, value: bytes, keys: Keys) -> tuple[bytes, dict]:
    """The result's value and headers, which depend on nothing but the arguments."""
    if headers.get("ce_type") != REQUEST_TYPE:
        raise Refused("sent_back" if headers.get("ce_type") == SENT_BACK_TYPE else "other_type")
    try:
        request = json.loads(value)
        if request["department"] != department:
            raise Refused("other_department")
        identity, topic, household = str(uuid.UUID(request["request"])), request["topic"], request["household"]
        if not isinstance(topic, str):
            raise ValueError("topic")
        persons = keys.open(request["sealedPersons"]) if request.get("sealedPersons") else request["persons"]
        # Signed as of the instant at which the request was sent: a resend must yield the same bytes.
        sent = datetime.fromisoformat(headers["ce_time"].replace("Z", "+00:00")).astimezone(timezone.utc)
        findings = [{"member": person["member"], **{name: fact[name] for name in FACT if name in fact}}
                    for person in persons if (fact := data.get(person["idNumber"], {}).get(topic))]
    except JoseError as error:
        raise Refused("sealed_for_another") from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Refused("malformed") from error
    digest = hashlib.sha256(value).hexdigest()
    signed_at = sent.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    result = json.dumps({
        "request": identity, "requestDigest": digest, "household": household, "department": department, "topic": topic,
        "outcome": max((finding["outcome"] for finding in findings), key=OUTCOMES.index, default="consistent"),
        "findings": findings, "signatory": "示例责任人", "post": "信息数据复核责任人", "signedAt": signed_at,
    }, ensure_ascii=False, separators=(",", ":")).encode()
    answered = {
        "ce_specversion": "1.0", "ce_type": RESULT_TYPE, "ce_source": f"/departments/{department.lower()}",
        "ce_id": str(uuid.uuid5(RESULT_IDS, f"{identity}:{hashlib.sha256(result).hexdigest()}")), "ce_subject": identity,
        "ce_time": signed_at, "content-type": "application/json", "jws": keys.sign(result),
    }
    return result, answered | {name: headers[name] for name in ("traceparent",) if name in headers}


def serve(department: str, arguments: argparse.Namespace, stopping: threading.Event) -> None:
    """Consume, answer, wait for the acknowledgements, commit; until asked to stop."""
    name, keys = department.lower(), Keys(arguments.keys, department)
    path = arguments.data / f"{name}.json"
    data = json.loads(path.read_text()) if path.exists() else {}
    connection = {"bootstrap.servers": arguments.brokers, **dict(setting.split("=", 1) for setting in arguments.set)}
    reading = {"session.timeout.ms": 6000, "fetch.wait.max.ms": 20}
    writing = {option: value for option, value in connection.items() if option not in reading}
    # A topic that was missing for a moment, as on a new cluster, is looked for again soon, not after five minutes.
    patience = {"topic.metadata.refresh.interval.ms": 10000}
    producer = Producer({"acks": "all", "linger.ms": 5, "partitioner": "murmur2_random", **patience, **writing})
    consumer = Consumer({"group.id": f"dept-{name}.answers", "enable.auto.commit": False, "auto.offset.reset": "earliest",
                         **patience, **reading, **connection})
    consumer.subscribe([f"lika.verification.request.{name}.v1"])
    log(department, "subscribed", facts=len(data), kid=keys.signing.thumbprint())
    try:
        while not stopping.is_set():
            records = consumer.consume(num_messages=200, timeout=0.2)
            member, answers = consumer.memberid(), []
            for record in records:
                if record.error():
                    log(department, "broker_error", code=record.error().name())
                    continue
                headers = {header: (raw or b"").decode("utf-8", "replace") for header, raw in record.headers() or []}
                try:
                    answers.append((record.key(), *answer(department, data, headers, record.value() or b"", keys)))
                except Refused as refusal:
                    log(department, "passed_over", code=str(refusal), request=headers.get("ce_subject"),
                        partition=record.partition(), offset=record.offset())
            if deliver(producer, f"lika.verification.result.{name}.v1", answers, stopping) and records:
                commit(consumer, member, department)
                log(department, "answered", count=len(answers))
    finally:
        consumer.close()
        log(department, "stopped")


def commit(consumer: Consumer, member: str, department: str) -> None:
    """If the broker refuses, the requests will come again and get the same answers.

    Who has lost the membership meanwhile does not commit: librdkafka would do so as one who reads outside any group. A group that
    is still empty believes that, and an emptied log, told anew, would be read from an offset of the old one.
    """
    if not member or consumer.memberid() != member:
        log(department, "not_committed", code="membership_lost")
        return
    try:
        consumer.commit(asynchronous=False)
    except KafkaException as error:
        log(department, "not_committed", code=error.args[0].name())


def deliver(producer: Producer, topic: str, answers: list, stopping: threading.Event) -> bool:
    """Whether the broker has acknowledged every answer; what it did not is sent again, with the same id."""
    while answers and not stopping.is_set():
        lost = []
        for entry in answers:
            producer.produce(topic, entry[1], entry[0], headers=entry[2],
                             on_delivery=lambda error, _, entry=entry: lost.append(entry) if error else None)
        if producer.flush(30) > 0:
            producer.purge()
            producer.flush(5)
        answers = lost
    return not answers


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--departments", required=True, help="comma separated codes, as POLICE,CIVIL")
    parser.add_argument("--brokers", required=True, help="host:port,…")
    parser.add_argument("--keys", required=True, type=pathlib.Path, help="folder of the keys, made when absent")
    parser.add_argument("--data", required=True, type=pathlib.Path, help="folder of <department>.json; absent = consistent")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a further librdkafka setting")
    arguments = parser.parse_args()
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    threads = [threading.Thread(target=serve, args=(department, arguments, stopping), name=department)
               for department in arguments.departments.split(",")]
    for thread in threads:
        thread.start()
    # If one department fails, the whole process ends, so that whoever started it notices.
    while all(thread.is_alive() for thread in threads) and not stopping.is_set():
        stopping.wait(0.1)
    failed = not stopping.is_set()
    stopping.set()
    for thread in threads:
        thread.join()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
