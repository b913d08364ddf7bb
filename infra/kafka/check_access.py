#!/usr/bin/env python3
"""Proves what infra/kafka/acls.sh granted, by trying: what a department may must go, everything else must be refused.

Runs wherever LIKA_KAFKA_ADMIN names a broker of a full Apache Kafka whose topics `lika topics` has created; the embedded broker
of the tests knows no rights, so this is not part of infra/test.

    check_access.py --scram FOLDER   a password in FOLDER/dept-<name>, as acls.sh --scram writes them
    check_access.py --mtls FOLDER    FOLDER/dept-<name>.pem and FOLDER/dept-<name>.key

    --departments police,civil       these; all twelve otherwise
    --set NAME=VALUE                 a further librdkafka setting, as ssl.ca.location=ca.pem

It writes no record that a service would take for an answer: where a write must go it sends one without any header, which the
service parks as unreadable (`lika parked discard`). Use a cluster before its campaign. Exits 1 if any rule does not hold.
"""

import argparse
import os
import pathlib
import sys
import uuid

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

DEPARTMENTS = "police culture civil finance socsec land planning agri health econ market disabled".split()
DENIED = {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED,
          KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED}
# What is not said to exist is not to be seen either.
HIDDEN = DENIED | {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC}
SECONDS = 15


class Department:
    """One principal and what it tries. Each attempt returns None, or the error that it met."""

    def __init__(self, name: str, settings: dict):
        self.name, self.settings = name, settings

    def read(self, topic: str, group: str):
        consumer = Consumer({**self.settings, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False,
                             "enable.partition.eof": True})
        try:
            consumer.assign([TopicPartition(topic, 0, 0)])
            message = consumer.poll(SECONDS)
            if message is None:
                return KafkaError(KafkaError._TIMED_OUT)
            error = message.error()
            return None if error is None or error.code() == KafkaError._PARTITION_EOF else error
        finally:
            consumer.close()

    def use_group(self, topic: str, group: str):
        """Membership is asked for by committing, which needs no wait for a rebalance."""
        consumer = Consumer({**self.settings, "group.id": group, "enable.auto.commit": False})
        try:
            consumer.commit(offsets=[TopicPartition(topic, 0, 0)], asynchronous=False)
            return None
        except KafkaException as refusal:
            return refusal.args[0]
        finally:
            consumer.close()

    def write(self, topic: str):
        producer = Producer({**self.settings, "message.timeout.ms": SECONDS * 1000, "enable.idempotence": False})
        met = []
        producer.produce(topic, b"access check", str(uuid.uuid4()), on_delivery=lambda error, _: met.append(error))
        producer.flush(SECONDS + 5)
        return met[0] if met else KafkaError(KafkaError._TIMED_OUT)

    def create(self, topic: str):
        return self.administer(lambda admin: admin.create_topics([NewTopic(topic, 1, 1)], request_timeout=SECONDS))

    def delete(self, topic: str):
        return self.administer(lambda admin: admin.delete_topics([topic], request_timeout=SECONDS))

    def look_into(self, topic: str):
        resource = ConfigResource(ResourceType.TOPIC, topic)
        return self.administer(lambda admin: admin.describe_configs([resource], request_timeout=SECONDS))

    def administer(self, ask):
        for future in ask(AdminClient(self.settings)).values():
            try:
                future.result(timeout=SECONDS + 5)
            except KafkaException as refusal:
                return refusal.args[0]
        return None

    def topics(self) -> set:
        return set(AdminClient(self.settings).list_topics(timeout=SECONDS).topics)


def request(name: str) -> str:
    return f"lika.verification.request.{name}.v1"


def result(name: str) -> str:
    return f"lika.verification.result.{name}.v1"


def rules(department: Department, other: str) -> list:
    """(what, what must come of it, the attempt) for each rule."""
    own = department.name
    return [
        ("reads its requests", True, lambda: department.read(request(own), f"dept-{own}.check")),
        ("commits in a group of its own", True, lambda: department.use_group(request(own), f"dept-{own}.check")),
        ("writes results", True, lambda: department.write(result(own))),
        (f"reads the requests of {other}", False, lambda: department.read(request(other), f"dept-{own}.check")),
        ("reads its own results", False, lambda: department.read(result(own), f"dept-{own}.check")),
        (f"reads the results of {other}", False, lambda: department.read(result(other), f"dept-{own}.check")),
        ("reads the households of intake", False, lambda: department.read("lika.intake.household.v1", f"dept-{own}.check")),
        ("reads the files of verification", False, lambda: department.read("lika.verification.file.v1", f"dept-{own}.check")),
        (f"uses a group of {other}", False, lambda: department.use_group(request(own), f"dept-{other}.check")),
        ("uses a group of ours", False, lambda: department.use_group(request(own), "lika.verification.files")),
        ("uses a group of a name that only begins alike", False, lambda: department.use_group(request(own), f"dept-{own}x.check")),
        ("writes requests", False, lambda: department.write(request(own))),
        (f"writes results of {other}", False, lambda: department.write(result(other))),
        ("writes cases of review", False, lambda: department.write("lika.review.case.v1")),
        ("creates a topic", False, lambda: department.create(f"dept-{own}.check")),
        ("deletes its topic of requests", False, lambda: department.delete(request(own))),
        ("looks into the settings of a topic", False, lambda: department.look_into(request(own))),
    ]


def check(department: Department, other: str) -> int:
    broken = 0
    for what, allowed, attempt in rules(department, other):
        error = attempt()
        held = error is None if allowed else error is not None and error.code() in HIDDEN
        broken += not held
        print(f"{'pass' if held else 'FAIL'}  dept-{department.name} {'may' if allowed else 'may not'}: {what}"
              + ("" if held else f" ({'it went' if error is None else error.name()})"))
    seen = department.topics() - {request(department.name), result(department.name)}
    broken += bool(seen)
    print(f"{'FAIL' if seen else 'pass'}  dept-{department.name} sees no other topic" + (f" ({len(seen)} of them)" if seen else ""))
    return broken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--scram", type=pathlib.Path, metavar="FOLDER")
    way.add_argument("--mtls", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--departments", default=",".join(DEPARTMENTS))
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    brokers = os.environ.get("LIKA_KAFKA_ADMIN")
    if not brokers:
        parser.error("LIKA_KAFKA_ADMIN is not set: host:port of a broker of a full Apache Kafka")
    broken = 0
    names = arguments.departments.split(",")
    for name in names:
        settings = {"bootstrap.servers": brokers, "log_level": 0, **dict(setting.split("=", 1) for setting in arguments.set)}
        if arguments.scram:
            settings = {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": f"dept-{name}",
                        "sasl.password": (arguments.scram / f"dept-{name}").read_text().strip(), **settings}
        else:
            settings = {"security.protocol": "SSL", "ssl.certificate.location": str(arguments.mtls / f"dept-{name}.pem"),
                        "ssl.key.location": str(arguments.mtls / f"dept-{name}.key"), **settings}
        broken += check(Department(name, settings), "civil" if name != "civil" else "police")
    print(f"access: departments={len(names)} broken={broken}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
