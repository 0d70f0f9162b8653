"""One transaction a batch: outputs and input offsets commit together or not at all.

What the loop answers to an error of librdkafka is decided in `decide`; the table of
`docs/reference/errors.md` shows it by error.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple, TypeVar

import structlog
from confluent_kafka import (
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from runtime.deadline import call_within
from runtime.errors import BrokerRefused, ProducerFenced, TransactionAborted
from runtime.records import OutputFields, Partition

log = structlog.get_logger()

Result = TypeVar("Result")

_RETRY_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 1.0, 2.0, 2.0, 5.0, 5.0, 5.0)
_REBUILDS_ALLOWED = 3
_REBUILD_WINDOW_S = 600.0
_QUEUE_FULL_S = 0.05
_LOOK_S = 0.1
_INIT = "acquiring the transactional id"

# A broker, or librdkafka itself, refuses one record: the same batch would be refused
# again, whereas any other abort has its cause outside the batch.
_RECORD_FAULTS = {
    KafkaError.INVALID_RECORD,
    KafkaError.INVALID_TIMESTAMP,
    KafkaError.MSG_SIZE_TOO_LARGE,
    KafkaError.RECORD_LIST_TOO_LARGE,
}


class Answer(Enum):
    """What to do about an error inside a transaction."""

    RETRY = auto()
    """The same call again: it has not been done."""
    ABORT = auto()
    """End the transaction, rewind, take the batch again."""
    REBUILD = auto()
    """The producer is of no more use: build a new one, rewind."""


def decide(error: KafkaError) -> Answer:
    """Return the answer to an error of the transactional producer.

    Fatal comes first: an error can be fatal and retriable at once. A call that did not
    end in time may still go on inside the producer, so that one is given up. What is
    neither retriable nor abortable is treated as fatal, known or not.
    """
    if error.fatal() or _is_late(error):
        return Answer.REBUILD
    if error.txn_requires_abort():
        return Answer.ABORT
    if error.retriable():
        return Answer.RETRY
    return Answer.ABORT if error.code() in _RECORD_FAULTS else Answer.REBUILD


class CallLimits(NamedTuple):
    """The longest that a call of the producer may take.

    Attributes:
        init_s: Seconds to wait for the transactional id.
        batch_s: Seconds for each call within a transaction; beyond it the producer is
            given up.
    """

    init_s: float = 10.0
    batch_s: float = 10.0


class Transactor:
    """Commits batches under one transactional id.

    A producer that met a fatal error is never used again, whatever its later calls
    answer. None of its calls takes longer than `limits` say.
    """

    def __init__(
        self,
        build_producer: Callable[[], Producer],
        *,
        transactional_id: str,
        limits: CallLimits = CallLimits(),  # noqa: B008 - it cannot be changed
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._build_producer = build_producer
        self._transactional_id = transactional_id
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._producer: Producer | None = None
        self._rebuilt_at: deque[float] = deque(maxlen=_REBUILDS_ALLOWED)
        self._is_fresh = True
        self._refused: list[KafkaError] = []

    def open(self) -> None:
        """Have a producer that can begin a transaction; nothing if there is one.

        Ends what a predecessor under the same id left open.

        Raises:
            TransactionAborted: The coordinator is not ready. Retryable.
            ProducerFenced: The coordinator gives the id to another instance.
            BrokerRefused: The coordinator refuses for a reason that will stay.
        """
        if self._producer is not None:
            return
        producer = self._build_producer()
        try:
            producer.init_transactions(self._limits.init_s)
        except KafkaException as exc:
            error = exc.args[0]
            if decide(error) is Answer.RETRY or _is_late(error):
                raise TransactionAborted(error.str(), is_record_fault=False) from exc
            if _is_fence(error):
                raise ProducerFenced(self._transactional_id, error.str()) from exc
            raise BrokerRefused(_INIT, error.str()) from exc
        self._producer = producer

    def commit(
        self,
        outputs: Sequence[OutputFields],
        offsets: Mapping[Partition, int],
        group_metadata: Any,  # noqa: ANN401 - opaque to Python
    ) -> None:
        """Write `outputs` and commit `offsets` of the group, all or nothing.

        Raises:
            TransactionAborted: Nothing is committed, or that is unknown; either way
                the group's committed offsets tell. Retryable after a rewind.
            ProducerFenced: The id was lost too often to be tried again.
        """

        def write(producer: Producer) -> None:
            self._produce_all(producer, outputs)
            self._call(lambda: self._send_offsets(producer, offsets, group_metadata))

        self._transact(write)

    def commit_outputs(self, outputs: Sequence[OutputFields]) -> None:
        """Write `outputs`, all or nothing; no group's offsets move.

        Raises:
            TransactionAborted: Nothing is committed, or that is unknown; what the
                topics hold tells once `open` has succeeded again. Retryable.
            ProducerFenced: The id was lost too often to be tried again.
        """
        self._transact(lambda producer: self._produce_all(producer, outputs))

    def close(self) -> None:
        """Drop the producer; between batches nothing is open under it."""
        self._producer = None

    def _transact(self, write: Callable[[Producer], None]) -> None:
        """Do `write` in a transaction of its own."""
        self.open()
        producer = self._producer
        if producer is None:  # pragma: no cover - `open` has set it or raised
            raise TypeError
        self._refused.clear()
        try:
            self._call(producer.begin_transaction)
            write(producer)
            self._await_delivery(producer)
            self._call(lambda: producer.commit_transaction(self._limits.batch_s))
        except KafkaException as exc:
            self._recover(producer, exc.args[0])
            raise self._aborted(exc.args[0]) from exc
        self._is_fresh = False

    def _call(self, step: Callable[[], Result]) -> Result:
        """Do one step, again while its error says that it was not done."""
        for pause_s in _RETRY_S:
            try:
                return step()
            except KafkaException as exc:
                if decide(exc.args[0]) is not Answer.RETRY:
                    raise
                log.info("transaction.step_retried", reason=exc.args[0].str())
                self._sleep(pause_s)
        return step()

    def _send_offsets(
        self,
        producer: Producer,
        offsets: Mapping[Partition, int],
        group_metadata: Any,  # noqa: ANN401 - opaque to Python
    ) -> None:
        """Add the offsets to the transaction.

        The timeout that librdkafka takes is not heeded when the group's coordinator
        goes away, and the call may then never end (librdkafka issues 5456 and 5511).
        """
        places = [TopicPartition(*each, offset) for each, offset in offsets.items()]
        call_within(
            self._limits.batch_s,
            lambda: producer.send_offsets_to_transaction(places, group_metadata),
        )

    def _produce_all(self, producer: Producer, outputs: Sequence[OutputFields]) -> None:
        # By position: names would cost a tenth of the call, which is once a record.
        produce, note = producer.produce, self._note_refusal
        for topic, key, value, headers, partition, timestamp_ms in outputs:
            pairs = headers if type(headers) is list else list(headers)
            while True:
                try:
                    produce(
                        topic, value, key, partition, note, None, timestamp_ms, pairs
                    )
                except BufferError:
                    producer.poll(_QUEUE_FULL_S)
                else:
                    break

    def _await_delivery(self, producer: Producer) -> None:
        """Return once brokers have everything; raise as soon as they refuse a record.

        A flush, that of a commit too, goes on waiting to its time limit for what can
        no longer be sent after a refusal.
        """
        deadline = self._clock() + self._limits.batch_s
        while producer.flush(_LOOK_S) and not self._refused:
            if self._clock() > deadline:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))  # noqa: SLF001 - its name
        for error in self._refused:
            if error.code() in _RECORD_FAULTS:
                raise KafkaException(error)

    def _note_refusal(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._refused.append(error)

    def _recover(self, producer: Producer, error: KafkaError) -> None:
        """Leave no transaction open that this producer could still commit."""
        if decide(error) is Answer.ABORT:
            try:
                self._call(lambda: producer.abort_transaction(self._limits.batch_s))
            except KafkaException as exc:
                error = exc.args[0]
            else:
                return
        self._discard(error)

    def _discard(self, error: KafkaError) -> None:
        """Give the producer up, or give up altogether if that happens too often.

        A fence does not prove a rival: a transaction that timed out looks the same. A
        broker that does not answer proves nothing at all and may be waited for.
        """
        self._producer = None
        log.warning("producer.discarded", code=error.name(), reason=error.str())
        if _is_late(error):
            return
        now = self._clock()
        is_too_often = (
            len(self._rebuilt_at) == _REBUILDS_ALLOWED
            and now - self._rebuilt_at[0] < _REBUILD_WINDOW_S
        )
        is_at_once = self._is_fresh and bool(self._rebuilt_at) and _is_fence(error)
        if is_too_often or is_at_once:
            raise ProducerFenced(self._transactional_id, error.str())
        self._rebuilt_at.append(now)
        self._is_fresh = True

    def _aborted(self, error: KafkaError) -> TransactionAborted:
        faults = [
            each for each in (error, *self._refused) if each.code() in _RECORD_FAULTS
        ]
        return TransactionAborted(
            (faults or [error])[0].str(), is_record_fault=bool(faults)
        )


def _is_late(error: KafkaError) -> bool:
    return error.code() == KafkaError._TIMED_OUT  # noqa: SLF001 - its name


def _is_fence(error: KafkaError) -> bool:
    return error.code() in {
        KafkaError._FENCED,  # noqa: SLF001 - librdkafka's own codes start so
        KafkaError.PRODUCER_FENCED,
        KafkaError.INVALID_PRODUCER_EPOCH,
    }
