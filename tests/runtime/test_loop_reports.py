"""What the loop commits beside its outputs, and what it tells of a batch."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from runtime.config import LoopSettings
from runtime.errors import RejectedRecord, TransactionAborted
from runtime.loop import TransactionalLoop
from runtime.metrics import LoopMetrics
from runtime.records import Output, Partition, Record
from tests.runtime.test_loop import BAD, ListIntake


class GroupedIntake(ListIntake):
    """An intake whose group has a name."""

    def group_metadata(self) -> str:  # type: ignore[override] # what it is, is opaque
        """Return who is in the group."""
        return "the group"


class NotingTransactor:
    """A transactor that notes what is committed.

    Args:
        aborts: Why each commit in turn aborts, "" if it does not; then none does.
    """

    def __init__(self, *aborts: str) -> None:
        self.commits: list[tuple[Sequence[Output], Mapping[Partition, int], object]]
        self.commits = []
        self._aborts = [*aborts]

    def open(self) -> None:
        """Be open already."""

    def commit(
        self, outputs: Sequence[Output], offsets: Mapping[Partition, int], group: object
    ) -> None:
        """Take what is given, or abort."""
        reason = self._aborts.pop(0) if self._aborts else ""
        if reason:
            raise TransactionAborted(reason, is_record_fault=False)
        self.commits.append((outputs, offsets, group))


def loop_on(intake: ListIntake, transactor: NotingTransactor) -> TransactionalLoop:
    """Return a loop that doubles every record and rejects BAD."""

    def process(record: Record) -> list[Output]:
        if record.value == BAD:
            raise RejectedRecord("it is bad")
        return [Output("out", None, record.value)] * 2

    return TransactionalLoop(
        process,
        intake=intake,  # type: ignore[arg-type] # behaves as one
        transactor=transactor,  # type: ignore[arg-type] # behaves as one
        to_marks=lambda _offsets: [],
        settings=LoopSettings(group="worker"),
        metrics=LoopMetrics(CollectorRegistry()),
    )


def test_offsets_and_group_are_committed_with_the_outputs() -> None:
    """As the intake says them: the next offset, and who is in the group."""
    transactor = NotingTransactor()

    loop_on(GroupedIntake([b"1", b"2"]), transactor).run_once()

    ((outputs, offsets, group),) = transactor.commits
    assert [each.value for each in outputs] == [b"1", b"1", b"2", b"2"]
    assert offsets == {("in", 0): 2}
    assert group == "the group"


def test_dead_letter_says_what_was_wrong_and_for_whom() -> None:
    """The error and the group that rejected the record are among its headers."""
    transactor = NotingTransactor()

    loop_on(ListIntake([BAD]), transactor).run_once()

    ((letter,), _, _) = transactor.commits[0]
    told = [value for _, value in letter.headers]
    assert b"it is bad" in told
    assert b"RejectedRecord" in told
    assert b"worker" in told


def test_committed_batch_is_one_line_of_facts() -> None:
    """What came in, what went out, what was wrong, and how long it took."""
    loop = loop_on(ListIntake([b"1", BAD, b"3", BAD]), NotingTransactor())

    with capture_logs() as logged:
        loop.run_once()

    committed, dead = logged
    assert 0 <= committed.pop("duration_s") < 5
    assert committed == {
        "event": "transaction.committed",
        "log_level": "debug",
        "input_count": 4,
        "output_count": 4,
        "dead_letter_count": 2,
    }
    assert dead == {
        "event": "records.dead_lettered",
        "log_level": "warning",
        "kinds": {"RejectedRecord": 2},
        "newest": "it is bad",
    }


def test_batch_without_dead_letters_warns_of_nothing() -> None:
    """One line is enough."""
    with capture_logs() as logged:
        loop_on(ListIntake([b"1"]), NotingTransactor()).run_once()

    assert [each["event"] for each in logged] == ["transaction.committed"]


def test_aborted_batch_is_one_line_of_facts() -> None:
    """Why, and how many records will come again."""
    loop = loop_on(ListIntake([b"1", b"2"]), NotingTransactor("the coordinator moved"))

    with capture_logs() as logged:
        loop.run_once()

    assert logged == [
        {
            "event": "transaction.aborted",
            "log_level": "warning",
            "reason": "the coordinator moved",
            "input_count": 2,
        }
    ]


def test_commit_ends_the_longer_and_longer_pauses() -> None:
    """A coordinator that has been well is given the first, short pause again."""
    intake = ListIntake([b"1"])
    loop = loop_on(intake, NotingTransactor("sick", "sick", "", "sick"))

    for _ in range(3):
        loop.run_once()
    intake.records.append(intake.records[0]._replace(offset=1))
    loop.run_once()

    assert intake.waits_s == [0.1, 0.2, 0.1]
