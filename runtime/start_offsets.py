"""Where to begin on a partition: who remembers it, and what if nobody does."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from confluent_kafka import Consumer, TopicPartition

from runtime.config import KafkaSettings
from runtime.errors import OffsetMissing
from runtime.kafka import broker_errors
from runtime.records import Partition

_ASK_S = 10.0


class StartOffsets(Protocol):
    """Who remembers how far a partition has been read."""

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> Mapping[Partition, int]:
        """Return the next offset of each partition that has been read before.

        Raises:
            PipelineError: With `retryable`: ask again later.
        """
        ...


class GroupOffsets:
    """Start offsets that the consumer group has committed."""

    def __init__(self, consumer: Consumer, kafka: KafkaSettings) -> None:
        self._consumer = consumer
        self._kafka = kafka

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> Mapping[Partition, int]:
        """Return what is committed, waiting for transactions that are still open.

        Raises:
            BrokerUnavailable: The group's coordinator does not answer. Retryable.
        """
        with broker_errors(self._kafka, "reading committed offsets"):
            committed = self._consumer.committed(
                [TopicPartition(*each) for each in partitions], timeout=_ASK_S
            )
        return {
            (each.topic, each.partition): each.offset
            for each in committed
            if each.offset >= 0
        }


def choose_start(
    partition: Partition,
    committed: int | None,
    *,
    log: tuple[int, int],
    on_missing: str,
) -> int:
    """Return the offset to begin with.

    Args:
        partition: For the error.
        committed: The next offset as it is remembered, or None.
        log: First offset of the log, and the one after its last.
        on_missing: "earliest", "latest" or "fail".

    Raises:
        OffsetMissing: The log does not hold what comes next, and `on_missing` leaves
            that to people.
    """
    start, end = log
    if committed is None and start == 0:
        return 0
    if committed is not None and start <= committed <= end:
        return committed
    match on_missing:
        case "earliest":
            return start
        case "latest":
            return end
    raise OffsetMissing(*partition, reason=_missing(committed, start, end))


def _missing(committed: int | None, start: int, end: int) -> str:
    log_range = f"the log holds offsets {start} to {end}"
    if committed is None:
        return f"the group has read nothing yet, but {log_range}, not from 0"
    return f"offset {committed} comes next, but {log_range}"
