"""The loop under a sink: slow sinks, lost batches and the guard, without a broker."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import pytest
from prometheus_client import CollectorRegistry

from registry.errors import PipelineError
from runtime.config import LoopSettings
from runtime.errors import (
    DatabaseUnavailable,
    DeadLetterGuardTripped,
    OffsetsTaken,
    RejectedRecord,
)
from runtime.intake import Intake
from runtime.metrics import LoopMetrics
from runtime.records import Partition, Record
from runtime.sink_loop import SinkLoop
from tests.sinks.orders import TOPIC, record

Result = TypeVar("Result")

BATCH = [record(each, value=b"") for each in range(10)]


class OneBatch(Intake):
    """An intake without a broker that hands out the same batch again and again."""

    def __init__(self, batch: Sequence[Record]) -> None:
        self.batch = list(batch)
        self.advanced: list[Mapping[Partition, int]] = []
        self.rewind_count = 0
        self.touches: list[bool] = []
        self.hint_count = 0

    def collect(self, limit: int) -> list[Record]:
        """Return the batch."""
        return self.batch[:limit]

    def persist(self, work: Callable[[], Result]) -> Result | None:
        """Try once; what may be retried drops the batch, as a rebalance would."""
        try:
            return work()
        except PipelineError as exc:
            if exc.retryable:
                return None
            raise

    def touch(self) -> bool:
        """Answer as told, True when nothing is left to tell."""
        return self.touches.pop(0) if self.touches else True

    def advance(self, offsets: Mapping[Partition, int]) -> None:
        """Write down where the loop goes on."""
        self.advanced.append(offsets)

    def rewind(self) -> None:
        """Count it."""
        self.rewind_count += 1

    def commit_hint(self) -> None:
        """Count it."""
        self.hint_count += 1

    def close(self) -> None:
        """Nothing is open."""


class ScriptedSink:
    """A sink that answers each write as told."""

    def __init__(
        self, *answers: int | Exception, errors: Sequence[PipelineError | None] = ()
    ) -> None:
        self._answers = list(answers)
        self._errors = errors
        self.prepare_count = 0
        self.refusals: list[PipelineError] = []

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> Mapping[Partition, int]:
        """Know nothing."""
        del partitions
        return {}

    def prepare(self, records: Sequence[Record]) -> list[PipelineError | None]:
        """Find what was told, or nothing wrong."""
        self.prepare_count += 1
        return list(self._errors) or [None] * len(records)

    def write(self, records: Sequence[Record]) -> int:
        """Answer as told, then write everything."""
        answer = self._answers.pop(0) if self._answers else len(records)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def take_refusals(self) -> list[PipelineError]:
        """Return those that were told, once."""
        taken, self.refusals = self.refusals, []
        return taken

    def close(self) -> None:
        """Nothing is open."""


def build(sink: ScriptedSink, intake: OneBatch) -> tuple[SinkLoop, LoopMetrics]:
    """Return a loop and what it counts."""
    metrics = LoopMetrics(CollectorRegistry())
    settings = LoopSettings(group="sink")
    return SinkLoop(sink, intake=intake, settings=settings, metrics=metrics), metrics


def test_a_slow_sink_goes_on_in_the_same_batch() -> None:
    """It is called again without preparing anew, and the group hears in between."""
    sink, intake = ScriptedSink(3, 7), OneBatch(BATCH)
    loop, metrics = build(sink, intake)

    assert loop.run_once() == 10

    assert intake.advanced == [{(TOPIC, 0): 3}, {(TOPIC, 0): 7}, {(TOPIC, 0): 10}]
    assert (sink.prepare_count, metrics.counts.input) == (1, 10)


def test_a_rebalance_in_the_middle_of_a_batch_drops_the_rest() -> None:
    """What is written counts; the rest comes again, perhaps to somebody else."""
    intake = OneBatch(BATCH)
    intake.touches = [False]
    loop, metrics = build(ScriptedSink(3), intake)

    assert loop.run_once() == 3

    assert intake.advanced == [{(TOPIC, 0): 3}]
    assert metrics.counts.input == 3


def test_a_sink_that_stops_before_its_first_record_ends_the_batch() -> None:
    """A service that is stopping does not call it again and again."""
    intake = OneBatch(BATCH)
    intake.touches = [False]
    loop, metrics = build(ScriptedSink(0), intake)

    assert loop.run_once() == 0

    assert metrics.counts.transaction == 0


def test_a_batch_that_is_lost_twice_is_read_again() -> None:
    """From the offsets that the other worker wrote."""
    lost = OffsetsTaken(TOPIC, 0)
    intake = OneBatch(BATCH)
    loop, metrics = build(ScriptedSink(lost, lost), intake)

    assert [loop.run_once() for _ in range(3)] == [0, 0, 10]

    assert intake.rewind_count == metrics.counts.abort == 2


def test_a_batch_that_is_lost_a_third_time_ends_the_service() -> None:
    """Two services that fight for a partition do not go on for ever."""
    loop, _ = build(ScriptedSink(*[OffsetsTaken(TOPIC, 0)] * 3), OneBatch(BATCH))
    assert [loop.run_once() for _ in range(2)] == [0, 0]

    with pytest.raises(OffsetsTaken) as caught:
        loop.run_once()

    assert caught.value.exit_code == 75


def test_dead_letters_of_a_batch_that_comes_again_count_once() -> None:
    """A database that is locked for long does not trip the guard."""
    errors = [RejectedRecord("bad")] * 9 + [None]
    locked = DatabaseUnavailable("sqlite:///x", "locked")
    sink = ScriptedSink(*[locked] * 20, errors=errors)
    loop, metrics = build(sink, OneBatch(BATCH))

    assert [loop.run_once() for _ in range(21)] == [0] * 20 + [10]

    assert metrics.counts.dead_letter == 9


def test_dead_letters_of_batches_that_are_written_add_up() -> None:
    """The guard stops the service before the batch that is too much is written."""
    errors = [RejectedRecord("bad")] * 9 + [None]
    loop, metrics = build(ScriptedSink(errors=errors), OneBatch(BATCH))
    assert [loop.run_once() for _ in range(5)] == [10] * 5

    with pytest.raises(DeadLetterGuardTripped):
        loop.run_once()

    assert metrics.counts.dead_letter == 45


def test_group_knows_of_the_last_batch_when_the_sink_rests() -> None:
    """Lag tools show nothing ahead after the end, and no hint is sent twice."""
    intake = OneBatch(BATCH)
    loop, _ = build(ScriptedSink(), intake)
    run_twice = [loop.run_once(), loop.run_once()]
    after_batches = intake.hint_count

    loop.close()
    loop.close()

    assert run_twice == [len(BATCH), len(BATCH)]
    assert (after_batches, intake.hint_count) == (1, 2)


def test_what_only_the_sink_refuses_is_counted_with_its_reason() -> None:
    """A letter that the mail server refuses is a dead letter like any other."""
    sink, intake = ScriptedSink(), OneBatch(BATCH)
    sink.refusals = [RejectedRecord("refused: 550"), RejectedRecord("refused: 551")]
    loop, metrics = build(sink, intake)

    loop.run_once()
    loop.run_once()

    assert (metrics.counts.dead_letter, metrics.counts.output) == (2, 18)
    assert [
        (each["error"], each["example"], each["count"])
        for each in metrics.causes.tell()
    ] == [("RejectedRecord", "refused: 551", 2)]
