"""What Kafka carries, as values."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
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


OutputFields = tuple[str, bytes | None, bytes | None, Sequence[Header], int, int]
"""What an Output holds: a plain tuple of it is made and read in a third of the time."""

PARTITION = itemgetter(0, 1)
"""Topic and partition number of a Record."""
OFFSET = itemgetter(2)
TIMESTAMP_MS = itemgetter(6)


class Process(Protocol):
    """The step between a record and what it becomes."""

    def __call__(self, record: Record) -> Sequence[OutputFields]:
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
    return to_records([message])[0]


def to_records(messages: Iterable[Message]) -> list[Record]:
    """Return consumed messages as Records, in their order."""
    # A named tuple's own constructor takes longer than all the calls inside.
    new = tuple.__new__
    return [
        new(
            Record,
            (
                each.topic(),
                each.partition(),
                each.offset(),
                each.key(),
                each.value(),
                each.headers() or (),
                each.timestamp()[1],
            ),
        )
        for each in messages
    ]


def next_offsets(records: Sequence[Record]) -> dict[Partition, int]:
    """Return, per partition, the offset after the last of `records`."""
    # Kafka commits the next offset to read, not the last one processed.
    return {
        partition: max(map(OFFSET, run)) + 1
        for partition, run in groupby(records, PARTITION)
    }
