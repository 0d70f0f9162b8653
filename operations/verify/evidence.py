"""What lies in the topics, read to their ends as a read_committed consumer sees it."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    Message,
    TopicPartition,
)

from runtime.config import KafkaSettings
from runtime.errors import BrokerUnavailable
from runtime.kafka import client_properties, require_topics, to_broker_error
from runtime.records import Partition, Record, to_record

_BATCH = 2000
_POLL_S = 0.05
_SILENCE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicNames:
    """The three topics that the verifier compares."""

    inputs: str = "order-details"
    outputs: str = "order-processed"

    @property
    def dead_letters(self) -> str:
        """Where records go that cannot be processed."""
        return f"{self.inputs}.dlq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All records of the three topics, in the order of offsets within a partition."""

    inputs: Sequence[Record]
    outputs: Sequence[Record]
    dead_letters: Sequence[Record]


def read_evidence(kafka: KafkaSettings, names: TopicNames) -> Evidence:
    """Read the three topics.

    What comes out is read before what goes in: an order that is under way counts as
    missing, never as an output that comes from nowhere.

    Raises:
        TopicMissing: One of them does not exist.
        BrokerUnavailable: No broker answered, or it fell silent. Retryable.
    """
    outputs = read_to_end(kafka, names.outputs)
    dead_letters = read_to_end(kafka, names.dead_letters)
    inputs = read_to_end(kafka, names.inputs)
    return Evidence(inputs=inputs, outputs=outputs, dead_letters=dead_letters)


def read_to_end(kafka: KafkaSettings, topic: str) -> list[Record]:
    """Return every committed record of a topic.

    Raises:
        TopicMissing: It does not exist.
        BrokerUnavailable: No broker answered, or it fell silent. Retryable.
    """
    count = require_topics(kafka, [topic])[topic]
    return read_from(kafka, {(topic, n): OFFSET_BEGINNING for n in range(count)})


def read_from(kafka: KafkaSettings, starts: dict[Partition, int]) -> list[Record]:
    """Return every committed record at or after the offset given for its partition.

    Raises:
        BrokerUnavailable: No broker answered, or it fell silent. Retryable.
    """
    if not starts:
        return []
    consumer = Consumer(
        {
            **client_properties(kafka, client_id="accord-reader"),
            "group.id": f"accord-reader-{uuid.uuid4()}",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 10,  # the end of an idle topic is told at once
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )
    try:
        consumer.assign([TopicPartition(*each, at) for each, at in starts.items()])
        return _drain(consumer, set(starts), kafka)
    finally:
        consumer.close()


def _drain(
    consumer: Consumer, unfinished: set[Partition], kafka: KafkaSettings
) -> list[Record]:
    records: list[Record] = []
    last_heard = time.monotonic()
    while unfinished:
        messages = consumer.consume(_BATCH, _POLL_S)
        if messages:
            last_heard = time.monotonic()
        elif time.monotonic() - last_heard > _SILENCE_S:
            reason = f"nothing came for {_SILENCE_S:g} s"
            raise BrokerUnavailable(kafka.bootstrap_servers, reason)
        for message in messages:
            if message.error() is None:
                records.append(to_record(message))
            elif _is_end(message, kafka):
                unfinished.discard((message.topic() or "", message.partition() or 0))
    return records


def _is_end(message: Message, kafka: KafkaSettings) -> bool:
    error = message.error()
    if error is not None and error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its name
        return True
    raise to_broker_error(error or KafkaError(KafkaError.UNKNOWN), kafka, "reading")
