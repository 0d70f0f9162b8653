"""The transactional loop: each input record is processed exactly once.

One transaction is one batch, and the consumer is never polled while a transaction is
open: rebalance callbacks then run only between transactions, and what the group did
meanwhile is caught by the broker's generation check (KIP-447).
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import structlog

from registry.errors import PipelineError, SchemaNotFound, SerdeError
from runtime.config import LoopSettings
from runtime.dead_letters import DeadLetterGuard, to_dead_letter
from runtime.errors import OutputRefused, RejectedRecord, TransactionAborted
from runtime.intake import Intake
from runtime.metrics import LoopMetrics
from runtime.records import OutputFields, Partition, Process, Record
from runtime.transactions import Transactor

log = structlog.get_logger()

RECORD_ERRORS = (RejectedRecord, SchemaNotFound, SerdeError)
"""What is wrong with one record alone and makes it a dead letter."""

_ABORTS_BEFORE_ISOLATION = 3
_ABORT_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0

Place = tuple[str, int, int]
"""Topic, partition, offset."""

ToMarks = Callable[[Mapping[Partition, int]], Sequence[OutputFields]]
"""What is written besides, so that the next offsets are found again."""


class Outcome(NamedTuple):
    """What became of a batch.

    Attributes:
        outputs: What is to be written, dead letters among it, in the records' order.
        errors: What is wrong with each record; None where nothing is.
    """

    outputs: list[OutputFields]
    errors: list[PipelineError | None]


class TransactionalLoop:
    """Reads, processes, and commits outputs with input offsets, batch by batch.

    Attributes:
        intake: Where the batches come from.
    """

    def __init__(  # noqa: PLR0913 - its parts, one each
        self,
        process: Process,
        *,
        intake: Intake,
        transactor: Transactor,
        to_marks: ToMarks,
        settings: LoopSettings,
        metrics: LoopMetrics,
    ) -> None:
        self._process = process
        self.intake = intake
        self._transactor = transactor
        self._to_marks = to_marks
        self._settings = settings
        self._metrics = metrics
        self._guard = DeadLetterGuard()
        self._isolation = Isolation()
        self._pause_s = _ABORT_PAUSE_S

    def run_once(self) -> int:
        """Take one batch and commit it.

        Returns:
            Records committed; 0 if none arrived, or if the batch was aborted and
            will be taken again.

        Raises:
            DeadLetterGuardTripped: Nothing of this batch was committed.
            ProducerFenced: The transactional id keeps being taken away.
            OffsetMissing: The next record is no longer in the log.
        """
        if self.intake.persist(self._open) is None:
            return 0
        limit = 1 if self._isolation.is_on else self._settings.batch_records
        batch = self.intake.collect(limit)
        if not batch:
            return 0
        outcome = self.intake.persist(lambda: self._process_all(batch))
        if outcome is None:
            return 0
        self._guard.check(outcome.errors)
        return self._commit(batch, outcome)

    def close(self) -> None:
        """Let go of the transactional id and of the group."""
        self._transactor.close()
        self.intake.close()

    def _open(self) -> bool:
        self._transactor.open()
        return True

    def _process_all(self, batch: Sequence[Record]) -> Outcome:
        process = self._checked if self._isolation.is_on else self._process
        outputs: list[OutputFields] = []
        errors: list[PipelineError | None] = [None] * len(batch)
        group = self._settings.group
        for index, record in enumerate(batch):
            try:
                outputs += process(record)
            except RECORD_ERRORS as exc:
                errors[index] = exc
                outputs.append(to_dead_letter(record, exc, service=group))
        return Outcome(outputs, errors)

    def _checked(self, record: Record) -> Sequence[OutputFields]:
        self._isolation.check(record)
        return self._process(record)

    def _commit(self, batch: Sequence[Record], outcome: Outcome) -> int:
        started = time.monotonic()
        offsets = self.intake.collected_up_to
        try:
            group = self.intake.group_metadata()
            records = [*outcome.outputs, *self._to_marks(offsets)]
            self._transactor.commit(records, offsets, group)
        except TransactionAborted as exc:
            self._after_abort(batch, exc)
            return 0
        self.intake.advance(offsets)
        self._isolation.passed(batch)
        self._pause_s = _ABORT_PAUSE_S
        self._report(batch, outcome, duration_s=time.monotonic() - started)
        return len(batch)

    def _after_abort(self, batch: Sequence[Record], abort: TransactionAborted) -> None:
        """Go back, and leave a sick coordinator some time."""
        log.warning("transaction.aborted", reason=abort.reason, input_count=len(batch))
        self._metrics.aborted()
        self._guard.undo()
        self.intake.rewind()
        if abort.is_record_fault:
            self._isolation.aborted(batch, abort)
            return
        self.intake.wait(self._pause_s)
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)

    def _report(
        self, batch: Sequence[Record], outcome: Outcome, *, duration_s: float
    ) -> None:
        errors = [error for error in outcome.errors if error is not None]
        output_count = len(outcome.outputs) - len(errors)
        self._metrics.committed(
            batch,
            output_count=output_count,
            errors=errors,
            duration_s=duration_s,
        )
        log.debug(
            "transaction.committed",
            input_count=len(batch),
            output_count=output_count,
            dead_letter_count=len(errors),
            duration_s=round(duration_s, 6),
        )
        if errors:
            kinds = Counter(type(error).__name__ for error in errors)
            log.warning(
                "records.dead_lettered", kinds=dict(kinds), newest=str(errors[-1])
            )


class Isolation:
    """Finds the one record that makes its batch abort.

    After three aborts of batches in which a partition begins with the same record, for
    a reason that one record can cause, batches hold a single record until all of the
    last such batch has passed; the record that aborts alone is condemned. Any other
    abort changes nothing: a sick coordinator must not drain good records.
    """

    def __init__(self) -> None:
        # By partition: which of several comes first in a batch is chance.
        self._abort_counts: Counter[Place] = Counter()
        self._suspects: set[Place] = set()
        self._condemned: dict[Place, RejectedRecord] = {}

    @property
    def is_on(self) -> bool:
        """True while batches must hold a single record."""
        return bool(self._suspects)

    def check(self, record: Record) -> None:
        """Raise RejectedRecord if the record is condemned."""
        if self._condemned and _place(record) in self._condemned:
            raise self._condemned[_place(record)]

    def aborted(self, batch: Sequence[Record], abort: TransactionAborted) -> None:
        """Note that a batch aborted for a reason that one record can cause."""
        if self.is_on and len(batch) == 1:
            self._condemned[_place(batch[0])] = OutputRefused(
                abort.reason, attempts=_ABORTS_BEFORE_ISOLATION + 1
            )
            return
        firsts = _find_firsts(batch)
        self._abort_counts.update(firsts)
        if max(self._abort_counts[each] for each in firsts) >= _ABORTS_BEFORE_ISOLATION:
            log.warning("isolation.started", record_count=len(batch))
            self._suspects = {_place(record) for record in batch}

    def passed(self, batch: Sequence[Record]) -> None:
        """Note that a batch was committed."""
        if not (self._abort_counts or self._suspects):
            return
        for place in map(_place, batch):
            self._abort_counts.pop(place, None)
            self._suspects.discard(place)
            self._condemned.pop(place, None)


def _find_firsts(batch: Sequence[Record]) -> list[Place]:
    """Return with which record each partition begins."""
    firsts: dict[Partition, Place] = {}
    for record in batch:
        firsts.setdefault((record.topic, record.partition), _place(record))
    return [*firsts.values()]


def _place(record: Record) -> Place:
    return record.topic, record.partition, record.offset
