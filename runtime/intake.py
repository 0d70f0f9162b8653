"""Batches from Kafka, from partitions that are really ours, without a gap.

Rebalance callbacks only write down facts. What follows from them, finding the place
to begin, seeking, dropping a held batch, happens before the next batch is taken
(docs/DESIGN.md, "Non-obvious").
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import structlog
from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from registry.errors import PipelineError
from runtime.config import KafkaSettings, LoopSettings
from runtime.kafka import broker_errors, to_broker_error
from runtime.log_ends import LogEnds
from runtime.positions import Positions
from runtime.records import Partition, Record, to_records
from runtime.start_offsets import StartOffsets, choose_start

log = structlog.get_logger()

Result = TypeVar("Result")

_POLL_S = 0.2
_FIRST_RETRY_S = 0.1
_LAST_RETRY_S = 5.0


class Intake:
    """A consumer that hands out batches and knows which offset comes next.

    The offsets to expect live here and not in librdkafka: its own position runs ahead
    of a batch that is only partly processed.

    Attributes:
        kafka: How its broker is reached.
        assigned: Set once the group has given this worker its partitions.
        held: Why the intake is waiting for its environment, or "".
        ticked: `time.monotonic()` of the last sign of life.
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
        self._topics: list[str] = []
        self._must_rejoin = False
        self._start_offsets = start_offsets
        self.kafka = kafka
        self._settings = settings
        self._stop = stop
        self._log_ends = LogEnds(kafka)
        self._positions = Positions()
        self._fetched: set[Partition] = set()
        self._must_refetch = False
        self._early: list[Message] = []
        self.assigned = threading.Event()
        self.held = ""
        self.ticked = time.monotonic()

    def subscribe(self, topics: Sequence[str]) -> None:
        """Join the group; partitions arrive while batches are collected."""
        self._topics = list(topics)
        self._subscribe(self._topics)

    @property
    def next_offsets(self) -> dict[Partition, int]:
        """The next offset to process of every partition that is ours."""
        return self._positions.next_offsets

    @property
    def collected_up_to(self) -> dict[Partition, int]:
        """Per partition, the offset behind the records that `collect` returned last."""
        return self._positions.found_up_to

    @property
    def is_drained(self) -> bool:
        """True if nothing is left to read on the partitions that are ours."""
        is_settled = self.assigned.is_set() and not self._must_rejoin
        is_placed = not self._positions.unplaced
        return is_settled and is_placed and not sum(self.lags().values())

    def group_metadata(self) -> Any:  # noqa: ANN401 - opaque to Python
        """Return what a transaction needs to commit offsets of this group."""
        return self._consumer.consumer_group_metadata()

    def commit_hint(self) -> None:
        """Tell the group how far we are, for lag tools; nobody relies on it."""
        with suppress(KafkaException):
            self._consumer.commit(
                offsets=[
                    TopicPartition(*each, offset)
                    for each, offset in self._positions.next_offsets.items()
                ],
                asynchronous=True,
            )

    def lags(self) -> dict[Partition, int]:
        """Return, per partition that is ours, how many offsets lie ahead.

        librdkafka's own figure is -1 when offsets are committed by a producer. Where
        the end of the log has been reached, markers of transactions do not count.
        """
        for partition in self._positions.next_offsets:
            self._positions.note_log_end(partition, self._find_log_end(partition))
        return self.known_lags

    @property
    def known_lags(self) -> dict[Partition, int]:
        """The same by what is known, for other threads: the consumer is not asked."""
        return self._positions.lags()

    def note_log_ends(self, log_ends: Mapping[Partition, int]) -> None:
        """Take down where logs end, from any thread.

        Of a partition that it cannot fetch, librdkafka knows no end by itself.
        """
        for partition, log_end in log_ends.items():
            self._positions.note_log_end(partition, log_end)

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
        if self._must_rejoin:
            self._rejoin()
        if self._must_refetch:
            self._refetch()
        if self._positions.unplaced and self.persist(self._place) is None:
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
        self._positions.advance(offsets)

    def rewind(self) -> None:
        """Go back, on every partition, to what has been committed."""
        self._positions.rewind()
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
        rebalance_count = self._positions.rebalance_count
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
                or rebalance_count != self._positions.rebalance_count
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
        rebalance_count = self._positions.rebalance_count
        self.ticked = time.monotonic()
        message = self._consumer.poll(0)
        if message is not None:
            self._early.append(message)
        if self._stop.is_set() or rebalance_count != self._positions.rebalance_count:
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

    def _subscribe(self, topics: Sequence[str]) -> None:
        self._consumer.subscribe(
            list(topics),
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_revoke,
        )

    def _rejoin(self) -> None:
        """Join once more with the partitions that we own.

        A static member that comes back is given its old assignment without a
        rebalance. If its predecessor died between the two halves of a cooperative
        one, the partitions that it was to hand over would stay without an owner.
        librdkafka joins again when the subscription is written another way: as
        patterns that match the same topics.
        """
        self._must_rejoin = False
        self._subscribe([f"^{topic.replace('.', '[.]')}$" for topic in self._topics])

    def _on_assign(
        self, consumer: Consumer, partitions: Iterable[TopicPartition]
    ) -> None:
        self._positions.assign(_key(each) for each in partitions)
        self._must_refetch = True
        # Nothing is fetched before `_place` knows from where.
        _tell(consumer.incremental_assign, [])
        self._must_rejoin = self._must_rejoin or not self.assigned.is_set()
        self.assigned.set()

    def _on_revoke(
        self, consumer: Consumer, partitions: Iterable[TopicPartition]
    ) -> None:
        revoked = {_key(each) for each in partitions}
        self._positions.revoke(revoked)
        self._must_refetch = True
        fetched = sorted(revoked & self._fetched)
        self._fetched -= revoked
        _tell(consumer.incremental_unassign, fetched)

    # Where to begin.

    def _place(self) -> bool:
        """Have every partition fetched from its next offset that is not so yet."""
        partitions = sorted(self._positions.unplaced)
        found = self._start_offsets.find_start_offsets(partitions)
        for partition, log_range in self._log_ends.get_ranges(partitions).items():
            offset = choose_start(
                partition,
                found.get(partition),
                log=log_range,
                on_missing=self._settings.on_missing_offset,
            )
            self._fetch_from(partition, offset)
            self._positions.place(partition, offset, log_end=log_range[1])
        return True

    def _refetch(self) -> None:
        """Fetch every partition that stayed anew from its next offset.

        librdkafka pauses fetching during a rebalance. A partition of which nothing
        was handed out before stays silent when it resumes.
        """
        self._must_refetch = False
        for partition, offset in self._positions.next_offsets.items():
            self._fetch_from(partition, offset)

    def _fetch_from(self, partition: Partition, offset: int) -> None:
        """Fetch the partition from exactly there, whatever was fetched before.

        A partition is never started at a logical offset to be moved later: the late
        answer to "where is the end" would move it back.
        """
        start = [TopicPartition(*partition, offset)]
        with broker_errors(self.kafka, "starting to fetch"):
            if partition in self._fetched:
                self._consumer.incremental_unassign(start)
            self._consumer.incremental_assign(start)
        self._fetched.add(partition)

    # What to keep of what was fetched.

    def _keep(self, messages: Sequence[Message]) -> list[Record]:
        if any(map(Message.error, messages)):
            for message in messages:
                self._heed(message)
            messages = [each for each in messages if each.error() is None]
        return self._positions.find_due(to_records(messages))

    def _heed(self, message: Message) -> None:
        """Act on an error that stands where a record would."""
        error = message.error()
        if error is None:
            return
        partition = (message.topic() or "", message.partition() or 0)
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its name
            self._positions.reach_end(partition, message.offset() or 0)
            return
        # A consumer's error never says that it is fatal, but for its code.
        if error.fatal() or error.code() == KafkaError._FATAL:  # noqa: SLF001 - its name
            raise to_broker_error(error, self.kafka, "consuming")
        if error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - its name
            self._positions.displace(partition)
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

    def _find_log_end(self, partition: Partition) -> int:
        _, end = self._consumer.get_watermark_offsets(
            TopicPartition(*partition), cached=True
        )
        return end


def _tell(
    change: Callable[[list[TopicPartition]], None], what: list[Partition]
) -> None:
    """Tell librdkafka what a callback has to; an exception would lose records."""
    try:
        change([TopicPartition(*each) for each in what])
    except KafkaException as exc:
        log.warning("assignment.not_changed", reason=exc.args[0].str())


def _key(partition: TopicPartition) -> Partition:
    return partition.topic, partition.partition
