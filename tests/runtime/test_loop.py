"""What the transactional loop does with a batch that aborts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from runtime.config import LoopSettings
from runtime.errors import (
    DeadLetterGuardTripped,
    RejectedRecord,
    TransactionAborted,
)
from runtime.loop import TransactionalLoop
from runtime.metrics import LoopMetrics
from runtime.records import Output, Partition, Record

POISON = b"poison"
BAD = b"bad"


class ListIntake:
    """An intake on a list of records that are all there at once."""

    def __init__(self, values: Sequence[bytes]) -> None:
        self.records = [
            Record("in", 0, offset, None, value, (), 0)
            for offset, value in enumerate(values)
        ]
        self.next_offset = 0
        self.committed = 0
        self.collected_up_to: dict[Partition, int] = {}
        self.limits: list[int] = []
        self.waits_s: list[float] = []
        self.interruptions: list[int] = []
        self.is_closed = False
        self.polled_in_transaction = False
        self.is_in_transaction: Callable[[], bool] = lambda: False

    def persist(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - as it is done
        """Do the work, unless a rebalance comes first: after so many more works."""
        self.interruptions = [each - 1 for each in self.interruptions]
        if -1 in self.interruptions:
            self.rewind()
            return None
        return work()

    def collect(self, limit: int) -> list[Record]:
        """Return the next records."""
        self.limits.append(limit)
        self._poll()
        batch = self.records[self.next_offset :][:limit]
        self.next_offset += len(batch)
        self.collected_up_to = {("in", 0): self.next_offset}
        return batch

    def group_metadata(self) -> None:
        """Return nothing: the transactor asks for none."""

    def advance(self, offsets: Mapping[Partition, int]) -> None:
        """Go on after what was committed."""
        self.committed = offsets["in", 0]

    def rewind(self) -> None:
        """Go back to what was committed."""
        self.next_offset = self.committed

    def close(self) -> None:
        """Be left."""
        self.is_closed = True

    def touch(self) -> bool:
        """Poll, and find nothing new."""
        self._poll()
        return True

    def wait(self, duration_s: float) -> None:
        """Poll, and let no time pass."""
        self.waits_s.append(duration_s)
        self._poll()

    def _poll(self) -> None:
        self.polled_in_transaction |= self.is_in_transaction()


class ScriptedTransactor:
    """A transactor that commits into a list, or aborts as it is told."""

    def __init__(self, *, aborts: int = 0, refuses: bytes | None = None) -> None:
        self.committed: list[Output] = []
        self.marks: list[bytes | None] = []
        self.is_open = False
        self.is_closed = False
        self._aborts = aborts
        self._refuses = refuses

    def open(self) -> None:
        """Be open already."""

    def close(self) -> None:
        """Be left."""
        self.is_closed = True

    def commit(
        self, outputs: Sequence[Output], offsets: Mapping[Partition, int], group: object
    ) -> None:
        """Take the outputs, or abort."""
        del offsets, group
        self.is_open = True
        taken = [*outputs]
        self.is_open = False
        is_refused = any(
            each.value == self._refuses and each.topic == "out" for each in taken
        )
        if is_refused or self._aborts:
            self._aborts -= not is_refused
            raise TransactionAborted("refused", is_record_fault=is_refused)
        self.committed += [each for each in taken if each.topic != "marks"]
        self.marks += [each.value for each in taken if each.topic == "marks"]


def loop_on(intake: ListIntake, transactor: ScriptedTransactor) -> TransactionalLoop:
    """Return a loop that passes values on and rejects BAD."""

    def process(record: Record) -> list[Output]:
        if record.value == BAD:
            raise RejectedRecord("bad")
        return [Output("out", record.key, record.value)]

    intake.is_in_transaction = lambda: transactor.is_open
    return TransactionalLoop(
        process,
        intake=intake,  # type: ignore[arg-type] # behaves as one
        transactor=transactor,  # type: ignore[arg-type] # behaves as one
        to_marks=lambda offsets: [Output("marks", None, repr(offsets).encode())],
        settings=LoopSettings(group="worker"),
        metrics=LoopMetrics(CollectorRegistry()),
    )


def run(loop: TransactionalLoop, times: int) -> int:
    """Run so many batches; return how many records were committed."""
    return sum(loop.run_once() for _ in range(times))


def test_aborted_batch_is_taken_again() -> None:
    """Nothing is lost by an abort, and nothing is written twice."""
    transactor = ScriptedTransactor(aborts=2)

    count = run(loop_on(ListIntake([b"1", b"2"]), transactor), times=3)

    assert count == 2
    assert [each.value for each in transactor.committed] == [b"1", b"2"]


@pytest.mark.parametrize("works_before", [0, 1], ids=["opening", "processing"])
def test_batch_that_a_rebalance_interrupts_is_dropped(works_before: int) -> None:
    """It is taken again from what is committed, by whoever it then belongs to."""
    intake = ListIntake([b"1", b"2"])
    intake.interruptions = [works_before]
    transactor = ScriptedTransactor()

    counts = [run(loop_on(intake, transactor), times=1) for _ in range(2)]

    assert counts == [0, 2]
    assert [each.value for each in transactor.committed] == [b"1", b"2"]


def test_nothing_to_read_begins_no_transaction() -> None:
    """Idle costs the coordinator nothing."""
    transactor = ScriptedTransactor()

    assert run(loop_on(ListIntake([]), transactor), times=1) == 0
    assert (transactor.committed, transactor.marks) == ([], [])


def test_closed_loop_leaves_the_group_and_the_transactional_id() -> None:
    """Both are free for a successor."""
    intake, transactor = ListIntake([]), ScriptedTransactor()

    loop_on(intake, transactor).close()

    assert intake.is_closed
    assert transactor.is_closed


def test_marks_are_written_with_the_outputs() -> None:
    """How far the group came is there if and only if what it has done is."""
    transactor = ScriptedTransactor(aborts=1)

    run(loop_on(ListIntake([b"1", b"2"]), transactor), times=2)

    assert transactor.marks == [b"{('in', 0): 2}"]


def test_group_is_not_polled_in_a_transaction() -> None:
    """A rebalance can then only come between transactions, never within one."""
    intake = ListIntake([b"1", b"2", BAD])

    run(loop_on(intake, ScriptedTransactor(aborts=2)), times=3)

    assert intake.committed == 3
    assert not intake.polled_in_transaction


def test_record_that_poisons_its_batch_goes_to_the_dead_letters_alone() -> None:
    """The others of its batch are processed, in their order."""
    intake = ListIntake([b"1", POISON, b"3", b"4"])
    transactor = ScriptedTransactor(refuses=POISON)

    count = run(loop_on(intake, transactor), times=9)

    assert count == 4
    assert [(each.topic, each.value) for each in transactor.committed] == [
        ("out", b"1"),
        ("in.dlq", POISON),
        ("out", b"3"),
        ("out", b"4"),
    ]


def test_batches_are_whole_again_after_the_poison() -> None:
    """Isolation lasts for the batch that needed it."""
    intake = ListIntake([POISON, b"2"])

    run(loop_on(intake, ScriptedTransactor(refuses=POISON)), times=8)

    assert intake.limits[:3] == [2000, 2000, 2000]
    assert intake.limits[3] == 1
    assert intake.limits[-1] == 2000


def test_sick_coordinator_drains_nothing() -> None:
    """Aborts without a record's fault never take a batch apart."""
    intake = ListIntake([b"1"])
    transactor = ScriptedTransactor(aborts=20)

    run(loop_on(intake, transactor), times=21)

    assert set(intake.limits) == {2000}
    assert [each.topic for each in transactor.committed] == ["out"]


def test_sick_coordinator_is_given_time_and_a_bad_record_is_not() -> None:
    """A pause cures no record: finding it would only take longer."""
    poisoned, sick = ListIntake([POISON]), ListIntake([b"1"])

    run(loop_on(poisoned, ScriptedTransactor(refuses=POISON)), times=3)
    run(loop_on(sick, ScriptedTransactor(aborts=3)), times=3)

    assert poisoned.waits_s == []
    assert sick.waits_s == [0.1, 0.2, 0.4]


def test_aborted_batch_counts_once_for_the_guard() -> None:
    """Dead letters of a batch that comes again are not counted again."""
    transactor = ScriptedTransactor(aborts=3)

    run(loop_on(ListIntake([BAD] * 30), transactor), times=4)

    assert len(transactor.committed) == 30


def test_guard_trips_before_the_commit() -> None:
    """A topic full of bad records is left as it is."""
    transactor = ScriptedTransactor()

    with pytest.raises(DeadLetterGuardTripped):
        run(loop_on(ListIntake([BAD] * 100), transactor), times=1)

    assert transactor.committed == []
