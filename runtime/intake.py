"""Batches from Kafka, from partitions that are really ours, without a gap.

Rebalance callbacks only write down facts. What follows from them, finding the place
to begin, seeking, dropping a held batch, happens before the next batch is taken
(docs/DESIGN.md, "Non-obvious").
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import structlog
from confluent_kafka import (
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from registry.errors import PipelineError
from runtime.config import KafkaSettings, LoopSettings
from runtime.errors import OffsetMissing
from runtime.kafka import broker_errors, to_broker_error
from runtime.records import Partition, Record, to_record

log = structlog.get_logger()

Result = TypeVar("Result")

_POLL_S = 0.2
_ASK_S = 10.0
_FIRST_RETRY_S = 0.1
_LAST_RETRY_S = 5.0
_NEVER = 1 << 63


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
        return {_key(each): each.offset for each in committed if each.offset >= 0}


class Intake:
    """A consumer that hands out batches and knows which offset comes next.

    The offsets to expect live here and not in librdkafka: its own position runs ahead
    of a batch that is only partly processed.

    Attributes:
        assigned: Set once the group has given this worker its partitions.
        held: Why the intake is waiting for its environment, or "".
        ticked: `time.monotonic()` of the last sign of life.
        placed: `time.monotonic()` when partitions were last given a place to begin.
    """

    def __init__(
        self,
        consumer: Consumer,
        start_offsets: StartOffsets,
        *,
        kafka: KafkaSettings,
        settings: LoopSettings,
        stop: threading.Event,
    ) -> None:
        self._consumer = consumer
        self._start_offsets = start_offsets
        self._kafka = kafka
        self._settings = settings
        self._stop = stop
        self._next: dict[Partition, int] = {}
        self._unplaced: set[Partition] = set()
        self._rebalance_count = 0
        self._early: list[Message] = []
        self.assigned = threading.Event()
        self.held = ""
        self.ticked = time.monotonic()
        self.placed = 0.0

    def subscribe(self, topics: Sequence[str]) -> None:
        """Join the group; partitions arrive while batches are collected."""
        self._consumer.subscribe(
            list(topics),
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_revoke,
        )

    @property
    def next_offsets(self) -> dict[Partition, int]:
        """The next offset to process of every partition that is ours."""
        return dict(self._next)

    @property
    def is_placed(self) -> bool:
        """True if every partition that is ours has a place to go on from."""
        return not self._unplaced

    def group_metadata(self) -> Any:  # noqa: ANN401 - opaque to Python
        """Return what a transaction needs to commit offsets of this group."""
        return self._consumer.consumer_group_metadata()

    def commit_hint(self) -> None:
        """Tell the group how far we are, for lag tools; nobody relies on it."""
        self._consumer.commit(
            offsets=[
                TopicPartition(*each, offset) for each, offset in self._next.items()
            ],
            asynchronous=True,
        )

    def lags(self) -> dict[Partition, int]:
        """Return, per partition that is ours, how many offsets lie ahead.

        librdkafka's own figure is -1 when offsets are committed by a producer.
        """
        return {
            partition: max(0, self._log_end(partition) - offset)
            for partition, offset in self._next.items()
        }

    def collect(self, limit: int) -> list[Record]:
        """Return the next records, at most `limit`, in order within a partition.

        Waits up to 0.2 s for the first and `collect_s` for more; empty if there was
        none. Every record belongs to a partition that is ours and follows the last
        one that `advance` was told of.

        Raises:
            OffsetMissing: The next record is no longer in the log.
            BrokerRefused: The consumer has ended for good.
        """
        self.ticked = time.monotonic()
        if self._unplaced and self.persist(self._place) is None:
            return []
        first = None if self._early else self._consumer.poll(_POLL_S)
        if first is None and not self._early:
            return []
        messages = [*self._early] if first is None else [first]
        self._early.clear()
        if limit > 1:
            messages += self._consumer.consume(limit - 1, self._settings.collect_s)
        return self._keep(messages)

    def advance(self, offsets: Mapping[Partition, int]) -> None:
        """Go on after what has been committed."""
        self._next.update(
            (partition, offset)
            for partition, offset in offsets.items()
            if partition in self._next
        )

    def rewind(self) -> None:
        """Go back, on every partition, to what has been committed."""
        self._unplaced |= self._next.keys()
        self._next.clear()
        self._early.clear()

    def persist(self, work: Callable[[], Result]) -> Result | None:
        """Do `work` again until the environment lets it succeed.

        Meanwhile the partitions are paused and the consumer is polled, so that the
        group does not give this worker up. There is no limit: an absent broker,
        registry or database is waited for.

        Returns:
            What `work` returned; None if a rebalance or the end of the service came
            first: then the intake has been rewound and the batch must be dropped.

        Raises:
            PipelineError: What `work` raised, if it is not retryable.
        """
        rebalance_count = self._rebalance_count
        retry_s = _FIRST_RETRY_S
        while True:
            try:
                result = work()
            except PipelineError as exc:
                if not exc.retryable:
                    raise
                self._hold(str(exc))
            else:
                self._release()
                return result
            is_quiet = self._poll_for(retry_s)
            retry_s = min(2 * retry_s, _LAST_RETRY_S)
            if (
                not is_quiet
                or self._stop.is_set()
                or rebalance_count != self._rebalance_count
            ):
                self._release()
                self.rewind()
                return None

    def touch(self) -> bool:
        """Let the group know, in the middle of a batch, that this worker lives.

        Returns:
            False if a rebalance or the end of the service came: then the intake has
            been rewound and the rest of the batch must be dropped.
        """
        rebalance_count = self._rebalance_count
        self.ticked = time.monotonic()
        message = self._consumer.poll(0)
        if message is not None:
            self._early.append(message)
        if self._stop.is_set() or rebalance_count != self._rebalance_count:
            self.rewind()
            return False
        return True

    def wait(self, duration_s: float) -> None:
        """Let so much time pass without giving the group up; call after `rewind`."""
        self._poll_for(duration_s)

    def close(self) -> None:
        """Leave the consumer; the group keeps its partitions for a successor."""
        self._consumer.close()

    # What the group says: facts, written down.

    def _on_assign(
        self, consumer: Consumer, partitions: Iterable[TopicPartition]
    ) -> None:
        assigned = list(partitions)
        self._rebalance_count += 1
        self._unplaced.update(_key(each) for each in assigned)
        # Fetching begins at the end, where nothing is lost by dropping what comes,
        # until `_place` seeks: without a start, a later seek would be refused.
        consumer.incremental_assign(
            [
                TopicPartition(each.topic, each.partition, OFFSET_END)
                for each in assigned
            ]
        )
        self.assigned.set()

    def _on_revoke(
        self, consumer: Consumer, partitions: Iterable[TopicPartition]
    ) -> None:
        del consumer
        self._rebalance_count += 1
        for each in partitions:
            self._unplaced.discard(_key(each))
            self._next.pop(_key(each), None)

    # Where to begin.

    def _place(self) -> bool:
        """Find the next offset of every partition that has none, and seek to it."""
        partitions = sorted(self._unplaced)
        found = self._start_offsets.find_start_offsets(partitions)
        for partition in partitions:
            offset = self._resolve(partition, found.get(partition))
            if not self._seek(partition, offset):
                break
            self._next[partition] = offset
            self._unplaced.discard(partition)
        self.placed = time.monotonic()
        return True

    def _resolve(self, partition: Partition, committed: int | None) -> int:
        """Return where to begin, or raise OffsetMissing if that is for people."""
        with broker_errors(self._kafka, "reading the ends of the log"):
            start, end = self._consumer.get_watermark_offsets(
                TopicPartition(*partition), timeout=_ASK_S
            )
        if committed is None and start == 0:
            return 0
        if committed is not None and start <= committed <= end:
            return committed
        match self._settings.on_missing_offset:
            case "earliest":
                return start
            case "latest":
                return end
        raise OffsetMissing(*partition, reason=_missing(committed, start, end))

    def _seek(self, partition: Partition, offset: int) -> bool:
        """Seek, or return False if the partition is not being fetched yet."""
        try:
            self._consumer.seek(TopicPartition(*partition, offset))
        except KafkaException as exc:
            error = exc.args[0]
            if error.code() == KafkaError._STATE:  # noqa: SLF001 - its name
                return False
            raise to_broker_error(error, self._kafka, "seeking") from exc
        return True

    # What to keep of what was fetched.

    def _keep(self, messages: Sequence[Message]) -> list[Record]:
        records = []
        due = dict(self._next)
        for message in messages:
            if message.error() is not None:
                self._heed(message)
                continue
            record = to_record(message)
            partition = (record.topic, record.partition)
            # Not ours (any more), not placed yet, or fetched before a seek.
            if record.offset < due.get(partition, _NEVER):
                continue
            records.append(record)
            due[partition] = record.offset + 1
        return records

    def _heed(self, message: Message) -> None:
        """Act on an error that stands where a record would."""
        error = message.error()
        if error is None:
            return
        if error.fatal():
            raise to_broker_error(error, self._kafka, "consuming")
        if error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - its name
            partition = (message.topic() or "", message.partition() or 0)
            if self._next.pop(partition, None) is not None:
                self._unplaced.add(partition)
            return
        log.warning("consumer.error", code=error.name(), reason=error.str())

    # Waiting.

    def _hold(self, reason: str) -> None:
        if not self.held:
            log.warning("intake.held", reason=reason)
            self._consumer.pause(self._consumer.assignment())
        self.held = reason

    def _release(self) -> None:
        if self.held:
            log.info("intake.released")
            self._consumer.resume(self._consumer.assignment())
        self.held = ""

    def _poll_for(self, duration_s: float) -> bool:
        """Poll for so long, dropping records; return True if there were none."""
        deadline = time.monotonic() + duration_s
        is_quiet = True
        while time.monotonic() < deadline and not self._stop.is_set():
            self.ticked = time.monotonic()
            message = self._consumer.poll(min(_POLL_S, duration_s))
            if message is None:
                continue
            if message.error() is None:
                is_quiet = False
            else:
                self._heed(message)
        return is_quiet

    def _log_end(self, partition: Partition) -> int:
        ends = self._consumer.get_watermark_offsets(
            TopicPartition(*partition), cached=True
        )
        return ends[1]


def _key(partition: TopicPartition) -> Partition:
    return partition.topic, partition.partition


def _missing(committed: int | None, start: int, end: int) -> str:
    log_range = f"the log holds offsets {start} to {end}"
    if committed is None:
        return f"the group has read nothing yet, but {log_range}, not from 0"
    return f"offset {committed} comes next, but {log_range}"
