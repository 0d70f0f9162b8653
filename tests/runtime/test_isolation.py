"""One record that makes its transaction abort is found; good ones are not lost."""

import pytest
from structlog.testing import capture_logs

from runtime.errors import OutputRefused, TransactionAborted
from runtime.loop import Isolation
from runtime.records import Record

TOO_LARGE = TransactionAborted("Message size too large", is_record_fault=True)
BATCH = [Record("in", 0, offset, None, None, (), 0) for offset in range(3)]


@pytest.fixture
def isolating() -> Isolation:
    """Return an isolation that has seen BATCH abort three times."""
    isolation = Isolation()
    for _ in range(3):
        isolation.aborted(BATCH, TOO_LARGE)
    return isolation


def test_two_aborts_change_nothing() -> None:
    """A batch is tried as a whole before it is taken apart."""
    isolation = Isolation()

    isolation.aborted(BATCH, TOO_LARGE)
    isolation.aborted(BATCH, TOO_LARGE)

    assert not isolation.is_on


def test_third_abort_at_one_place_takes_the_batch_apart(isolating: Isolation) -> None:
    """From then on batches hold one record."""
    assert isolating.is_on


def test_aborts_at_other_places_do_not_add_up() -> None:
    """Only the same first record of a partition counts."""
    isolation = Isolation()

    for first in range(3):
        isolation.aborted(BATCH[first:], TOO_LARGE)

    assert not isolation.is_on


def test_order_of_partitions_in_a_batch_does_not_matter() -> None:
    """Which of several partitions is fetched first is chance; a place in one is not."""
    other = [Record("in", 1, offset, None, None, (), 0) for offset in range(3)]
    isolation = Isolation()

    isolation.aborted([*BATCH, *other], TOO_LARGE)
    isolation.aborted([*other, *BATCH], TOO_LARGE)
    isolation.aborted(BATCH, TOO_LARGE)

    assert isolation.is_on


def test_place_that_has_passed_begins_to_count_anew() -> None:
    """What was committed in between was not what aborts."""
    isolation = Isolation()

    isolation.aborted(BATCH, TOO_LARGE)
    isolation.aborted(BATCH, TOO_LARGE)
    isolation.passed(BATCH)
    isolation.aborted(BATCH, TOO_LARGE)

    assert not isolation.is_on


def test_record_that_aborts_alone_is_condemned(isolating: Isolation) -> None:
    """It becomes a dead letter with the broker's reason; the others do not."""
    isolating.passed(BATCH[:1])
    isolating.aborted(BATCH[1:2], TOO_LARGE)

    isolating.check(BATCH[0])
    isolating.check(BATCH[2])
    with pytest.raises(OutputRefused, match="Message size too large") as caught:
        isolating.check(BATCH[1])
    assert caught.value.attempts == 4


def test_batch_of_many_that_aborts_meanwhile_condemns_nobody(
    isolating: Isolation,
) -> None:
    """It was taken before the isolation; who is at fault is not known."""
    isolating.aborted(BATCH[1:], TOO_LARGE)

    isolating.check(BATCH[1])


def test_single_record_is_not_condemned_at_its_first_abort() -> None:
    """It is tried as often as a batch of many."""
    isolation = Isolation()

    isolation.aborted(BATCH[:1], TOO_LARGE)

    isolation.check(BATCH[0])


def test_start_of_an_isolation_is_logged() -> None:
    """With how many records are to be tried alone."""
    isolation = Isolation()

    with capture_logs() as logged:
        for _ in range(3):
            isolation.aborted(BATCH, TOO_LARGE)

    assert logged == [
        {"event": "isolation.started", "log_level": "warning", "record_count": 3}
    ]


def test_condemned_record_that_has_passed_is_condemned_no_more(
    isolating: Isolation,
) -> None:
    """As a dead letter it was committed; replayed to that place it has a new chance."""
    isolating.aborted(BATCH[1:2], TOO_LARGE)

    isolating.passed(BATCH[1:2])

    isolating.check(BATCH[1])


def test_isolation_ends_when_the_batch_has_passed(isolating: Isolation) -> None:
    """After the last record of the batch, batches are whole again."""
    isolating.passed(BATCH)

    assert not isolating.is_on
