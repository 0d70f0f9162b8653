"""What Kafka carries, as values."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from confluent_kafka import Message

Header = tuple[str, bytes | None]
Partition = tuple[str, int]
"""Topic and partition number."""


class Record(NamedTuple):
    """A record read from a topic.

    Attributes:
        timestamp_ms: Milliseconds since 1970-01-01 UTC, or -1 if it has none.
        headers: In the order of the record; a name may repeat.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]
    timestamp_ms: int


class Output(NamedTuple):
    """A record to be written.

    Attributes:
        partition: Where it goes, or -1: the partitioner decides by the key.
        timestamp_ms: Milliseconds since 1970-01-01 UTC, or 0: the time of writing.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header] = ()
    partition: int = -1
    timestamp_ms: int = 0


class Process(Protocol):
    """The step between a record and what it becomes."""

    def __call__(self, record: Record) -> Sequence[Output]:
        """Return what the record becomes; no I/O but schema look-ups.

        Raises:
            RejectedRecord: The record is wrong: dead letter.
            SerdeError: The record cannot be decoded or its output encoded: the same.
            SchemaNotFound: The same.
            PipelineError: With `retryable`: the environment is down, ask again.
        """
        ...


def to_record(message: Message) -> Record:
    """Return a consumed message as a Record."""
    return Record(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        message.key(),
        message.value(),
        message.headers() or (),  # type: ignore[arg-type] # consumed headers are pairs
        message.timestamp()[1],
    )


def next_offsets(records: Sequence[Record]) -> dict[Partition, int]:
    """Return, per partition, the offset after the last of `records`."""
    # Kafka commits the next offset to read, not the last one processed.
    return {(record.topic, record.partition): record.offset + 1 for record in records}
