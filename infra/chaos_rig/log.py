"""The broker's log, read and written as any outsider may: with confluent-kafka and no knowledge of the services."""

import dataclasses
import uuid

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition


@dataclasses.dataclass(frozen=True)
class Entry:
    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: list[tuple[str, bytes]]
    value: bytes | None

    def header(self, name: str) -> str | None:
        return next((value.decode("utf-8", "replace") for header, value in self.headers if header == name and value), None)

    @property
    def is_injected(self) -> bool:
        """Put there by the rig itself, to be parked."""
        return self.header("chaos") is not None


def read(brokers: str, topics: list[str]) -> dict[str, list[Entry]]:
    """Every record that is in these topics now, read until the broker says that there are no more.

    Its watermarks are not asked: after a restart the embedded broker's are too low until something is written.
    """
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"chaos-{uuid.uuid4()}", "enable.auto.commit": False,
                         "auto.offset.reset": "earliest", "enable.partition.eof": True, "fetch.wait.max.ms": 1000,
                         "check.crcs": True, "log_level": 0})
    entries: dict[str, list[Entry]] = {topic: [] for topic in topics}
    try:
        present = consumer.list_topics(timeout=10).topics
        left = {(topic, partition) for topic in topics if topic in present for partition in present[topic].partitions}
        consumer.assign([TopicPartition(topic, partition, 0) for topic, partition in left])
        silence = 0
        while left:
            records = consumer.consume(num_messages=2000, timeout=1)
            silence = 0 if records else silence + 1
            if silence > 20:
                # A broker that was killed may have counted a record that it then did not store: behind the last one comes
                # nothing, and no word of it.
                silent = {place for place in left if consumer.get_watermark_offsets(TopicPartition(*place), cached=True)[1] < 0}
                if silent:
                    raise RuntimeError(f"the log does not answer for {sorted(silent)[:3]}")
                break
            for record in records:
                if not record.error():
                    entries[record.topic()].append(Entry(record.topic(), record.partition(), record.offset(), record.key(),
                                                         record.headers() or [], record.value()))
                elif record.error().code() == KafkaError._PARTITION_EOF:
                    left.discard((record.topic(), record.partition()))
                else:
                    raise KafkaException(record.error())
        return entries
    finally:
        consumer.close()


def write(brokers: str, records: list[tuple[str, bytes | None, bytes | None, list[tuple[str, bytes]], int]]) -> None:
    """Produces (topic, key, value, headers, partition or -1) and waits until all are acknowledged."""
    producer = Producer({"bootstrap.servers": brokers, "acks": "all", "linger.ms": 5, "message.max.bytes": 5_000_000,
                         "partitioner": "murmur2_random", "log_level": 0})
    failures = []
    for topic, key, value, headers, partition in records:
        producer.produce(topic, value, key, partition, headers=headers,
                         on_delivery=lambda error, _: failures.append(error) if error else None)
        producer.poll(0)
    if producer.flush(30) or failures:
        producer.purge()
        raise KafkaException(failures[0] if failures else KafkaError(KafkaError._TIMED_OUT))


def committed(brokers: str, group: str, places: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """The next offset of each partition as the group committed it; 0 where it did not."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": group, "log_level": 0})
    try:
        found = consumer.committed([TopicPartition(topic, partition) for topic, partition in places], timeout=10)
        return {(place.topic, place.partition): max(0, place.offset) for place in found}
    finally:
        consumer.close()
