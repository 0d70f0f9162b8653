"""The loop of a sink: records and their offset are written in one database transaction.

The database is the only memory of how far a partition has been read. The group's
committed offsets follow as a hint for lag tools.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog

from registry.errors import PipelineError
from runtime.config import LoopSettings
from runtime.dead_letters import DeadLetterGuard
from runtime.errors import OffsetsTaken
from runtime.intake import Intake
from runtime.metrics import LoopMetrics
from runtime.records import Partition, Record, next_offsets

log = structlog.get_logger()

_LOSSES_ALLOWED = 2
_HINT_EVERY_S = 1.0


class Sink(Protocol):
    """Where records end: a database that also remembers the offsets."""

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> Mapping[Partition, int]:
        """Return the next offset of each partition that was written before.

        Raises:
            DatabaseUnavailable: Ask again later. Retryable.
        """
        ...

    def prepare(self, records: Sequence[Record]) -> list[PipelineError | None]:
        """Decode a batch and keep it for `write`; return what is wrong with each.

        Raises:
            PipelineError: With `retryable`: the registry is down, ask again.
        """
        ...

    def write(self, records: Sequence[Record]) -> int:
        """Write the prepared batch and the offsets after it.

        A sink that takes its time returns before the end and is called again with the
        same batch, as it is after a retryable error: it goes on where it was.

        Returns:
            How many records, from the first on, are written with their offsets by
            now; more than at the call before, unless the service is stopping.

        Raises:
            OffsetsTaken: Another worker wrote one of the partitions meanwhile.
            DatabaseUnavailable: What is not written comes again. Retryable.
            MailUnavailable: What was not sent is not written. Retryable.
            DeadLetterGuardTripped: The sink itself found too many dead letters.
        """
        ...

    def take_refusals(self) -> list[PipelineError]:
        """Return what became a dead letter in `write` alone, since the last call."""
        ...

    def close(self) -> None:
        """Close the database."""
        ...


class SinkLoop:
    """Reads, and hands each batch to a sink."""

    def __init__(
        self,
        sink: Sink,
        *,
        intake: Intake,
        settings: LoopSettings,
        metrics: LoopMetrics,
    ) -> None:
        self._sink = sink
        self._intake = intake
        self._settings = settings
        self._metrics = metrics
        self._guard = DeadLetterGuard()
        self._loss_count = 0
        self._has_news = False
        self._hinted = 0.0

    def run_once(self) -> int:
        """Take one batch and write it.

        Returns:
            Records written; 0 if none arrived or the batch must be taken again.

        Raises:
            DeadLetterGuardTripped: Too much of what comes is a dead letter.
            OffsetsTaken: Another worker keeps writing our partitions.
            OffsetMissing: The next record is no longer in the log.
        """
        batch = self._intake.collect(self._settings.batch_records)
        if not batch:
            self._hint()
            return 0
        errors = self._intake.persist(lambda: self._sink.prepare(batch))
        if errors is None:
            return 0
        self._guard.check(errors)
        return self._write(batch, errors)

    def close(self) -> None:
        """Leave the group and close the database."""
        self._hinted = 0.0
        self._hint()
        self._intake.close()
        self._sink.close()

    def _write(
        self, batch: Sequence[Record], errors: Sequence[PipelineError | None]
    ) -> int:
        started = time.monotonic()
        done = 0
        try:
            while (count := self._write_on(batch)) is not None:
                done = count
                if done == len(batch) or not self._intake.touch():
                    break
        except OffsetsTaken as exc:
            self._after_loss(exc)
        else:
            self._loss_count = 0
        if done < len(batch):
            self._guard.undo(keep=done)
        if done:
            duration_s = time.monotonic() - started
            self._report(batch[:done], errors[:done], duration_s=duration_s)
        return done

    def _write_on(self, batch: Sequence[Record]) -> int | None:
        """Return how far the batch is written; None if it must be dropped."""
        done = self._intake.persist(lambda: self._sink.write(batch))
        if done is not None:
            self._intake.advance(next_offsets(batch[:done]))
        return done

    def _after_loss(self, loss: OffsetsTaken) -> None:
        """Read the offsets again; a third time in a row is not an accident."""
        self._loss_count += 1
        if self._loss_count > _LOSSES_ALLOWED:
            raise loss
        log.warning("batch.lost", reason=str(loss))
        self._metrics.aborted()
        self._intake.rewind()

    def _report(
        self,
        records: Sequence[Record],
        errors: Sequence[PipelineError | None],
        *,
        duration_s: float,
    ) -> None:
        dead_letters = [error for error in errors if error is not None]
        dead_letters += self._sink.take_refusals()
        self._metrics.committed(
            records,
            output_count=len(records) - len(dead_letters),
            errors=dead_letters,
            duration_s=duration_s,
        )
        if dead_letters:
            log.warning(
                "records.dead_lettered",
                record_count=len(dead_letters),
                newest=str(dead_letters[-1]),
            )
        self._has_news = True
        self._hint()

    def _hint(self) -> None:
        """Tell the group how far we are, once a second, if it does not know yet."""
        now = time.monotonic()
        if self._has_news and now - self._hinted >= _HINT_EVERY_S:
            self._intake.commit_hint()
            self._has_news = False
            self._hinted = now
