"""Where to begin on a partition: who remembers it, and what if nobody does."""

import json
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog
from confluent_kafka import Consumer, TopicPartition

from registry.errors import ConfigError
from runtime.config import KafkaSettings
from runtime.errors import OffsetMissing
from runtime.kafka import broker_errors, to_broker_error
from runtime.positions_topic import PositionsTopic
from runtime.records import Output, Partition
from runtime.topic_ids import find_topic_ids

log = structlog.get_logger()

_ASK_S = 10.0
_DOING = "reading committed offsets"


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
            BrokerRefused: It refuses.
        """
        with broker_errors(self._kafka, _DOING):
            committed = self._consumer.committed(
                [TopicPartition(*each) for each in partitions], timeout=_ASK_S
            )
        for each in committed:
            if each.error is not None:
                raise to_broker_error(each.error, self._kafka, _DOING)
        return {
            (each.topic, each.partition): each.offset
            for each in committed
            if each.offset >= 0
        }


class MarkedOffsets:
    """What the group has committed, and never less than it has marked.

    A group's coordinator can forget: offsets expire, and one that loads its log twice
    at once answers with offsets of long ago. So each transaction also writes, for each
    of its partitions, a mark into a topic of positions; marks of input partition N
    stand in partition N of it (docs/adr/0006-marks-beside-the-outputs.md).
    """

    def __init__(
        self,
        committed: StartOffsets,
        positions: PositionsTopic,
        *,
        group: str,
        kafka: KafkaSettings,
    ) -> None:
        self._committed = committed
        self._positions = positions
        self._group = group
        self._kafka = kafka
        self._topic_ids: dict[str, str] = {}

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> Mapping[Partition, int]:
        """Return what is committed or marked, whichever is further.

        The transactions that are open on those partitions have ended by then.

        Raises:
            BrokerUnavailable: Kafka does not answer, or a transaction does not end.
                Retryable.
            ConfigError: The topic of positions holds something else.
        """
        # In this order: once the offsets are settled, so is what was written before.
        committed = self._committed.find_start_offsets(partitions)
        found = {**committed}
        for partition, marked in self._find_marks(partitions).items():
            if marked > committed.get(partition, -1):
                log.warning(
                    "offset.behind_mark",
                    topic=partition[0],
                    partition=partition[1],
                    committed=committed.get(partition),
                    marked=marked,
                )
                found[partition] = marked
        return found

    def to_outputs(self, offsets: Mapping[Partition, int]) -> list[Output]:
        """Return the marks to write in the transaction that commits `offsets`.

        Args:
            offsets: Next offsets of partitions whose start was asked for before.
        """
        return [
            Output(
                self._positions.name,
                _mark_key(self._group, partition),
                _to_mark(self._topic_ids[partition[0]], offset),
                partition=partition[1],
            )
            for partition, offset in offsets.items()
        ]

    def _find_marks(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        self._topic_ids = find_topic_ids(
            self._kafka, {topic for topic, _ in partitions}
        )
        keys = {_mark_key(self._group, each): each for each in partitions}
        numbers = {number for _, number in partitions}
        newest = self._positions.find_newest(keys, partitions=numbers)
        marks: dict[Partition, int] = {}
        for key, content in newest.items():
            topic_id, offset = self._read_mark(content)
            # A topic that was deleted and created again counts from 0 again.
            if topic_id == self._topic_ids[keys[key][0]]:
                marks[keys[key]] = offset
        return marks

    def _read_mark(self, content: bytes) -> tuple[str, int]:
        try:
            mark = json.loads(content)
            return str(mark["topic_id"]), int(mark["next_offset"])
        except (ValueError, TypeError, KeyError) as exc:
            raise ConfigError(
                f"topic {self._positions.name} holds no mark of group {self._group}",
                hint="name a topic of positions with --positions-topic",
            ) from exc


def _mark_key(group: str, partition: Partition) -> bytes:
    topic, number = partition
    return json.dumps([group, topic, number]).encode()


def _to_mark(topic_id: str, next_offset: int) -> bytes:
    return json.dumps({"topic_id": topic_id, "next_offset": next_offset}).encode()


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
