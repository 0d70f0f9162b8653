"""How many records the services have still to process.

Offsets alone do not tell: a transaction's end takes an offset too, so the distance to
the end of the log never becomes 0. The records that lie ahead are counted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from operations.verify.evidence import read_from
from runtime.config import KafkaSettings
from runtime.kafka import broker_errors, client_properties, require_topics
from runtime.records import Partition

_ANSWER_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A service that reads a topic.

    Attributes:
        group: Its consumer group.
        statuses: What its running workers say at /status.
    """

    group: str
    topic: str
    statuses: Sequence[Mapping[str, Any]] = field(default_factory=list)


def count_lag(kafka: KafkaSettings, readers: Sequence[Reader]) -> int:
    """Return the sum of what lies ahead of every reader.

    A reader that neither runs nor ever committed an offset does not count.

    Raises:
        TopicMissing: A topic does not exist.
        BrokerUnavailable: No broker answered. Retryable.
    """
    with ThreadPoolExecutor() as pool:
        return sum(pool.map(lambda reader: _count_ahead(kafka, reader), readers))


def _count_ahead(kafka: KafkaSettings, reader: Reader) -> int:
    done = _committed(kafka, reader)
    for partition, offset in _reported(reader).items():
        done[partition] = max(offset, done.get(partition, 0))
    if not done and not reader.statuses:
        return 0
    count = require_topics(kafka, [reader.topic])[reader.topic]
    starts = {
        (reader.topic, number): done.get((reader.topic, number), 0)
        for number in range(count)
    }
    return len(read_from(kafka, starts))


def _committed(kafka: KafkaSettings, reader: Reader) -> dict[Partition, int]:
    admin = AdminClient(client_properties(kafka, client_id="accord-lag"))
    with broker_errors(kafka, "reading committed offsets"):
        answers = admin.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(reader.group)], request_timeout=_ANSWER_S
        )
        found: list[TopicPartition] = (
            answers[reader.group].result(_ANSWER_S).topic_partitions
        )
    return {
        (each.topic, each.partition): each.offset
        for each in found
        if each.topic == reader.topic and each.offset >= 0
    }


def _reported(reader: Reader) -> dict[Partition, int]:
    """Return the offsets that the workers name: what a sink commits is a hint."""
    reported: dict[Partition, int] = defaultdict(int)
    for status in reader.statuses:
        offsets = status.get("next_offsets", {}).get(reader.topic, {})
        for number, offset in offsets.items():
            partition = (reader.topic, int(number))
            reported[partition] = max(reported[partition], offset)
    return reported
