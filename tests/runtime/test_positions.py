"""Which offset comes next, whatever was fetched, revoked or rewound before."""

import pytest

from runtime.positions import Positions
from runtime.records import Record

P, Q = ("in", 0), ("in", 1)


def record(partition: tuple[str, int], offset: int) -> Record:
    """Return a record that stands there."""
    return Record(*partition, offset, None, None, (), 0)


@pytest.fixture
def positions() -> Positions:
    """Return positions with P at 5 of 9 and Q at 0 of 2."""
    positions = Positions()
    positions.assign([P, Q])
    positions.place(P, 5, log_end=9)
    positions.place(Q, 0, log_end=2)
    return positions


def test_records_before_the_next_offset_are_left_out(positions: Positions) -> None:
    """What was fetched before a seek is not processed twice."""
    fetched = [record(P, offset) for offset in (3, 4, 5, 6)]

    assert positions.find_due(fetched) == fetched[2:]


def test_record_that_comes_twice_in_a_batch_is_taken_once(positions: Positions) -> None:
    """Two fetches that overlap are one run of records."""
    fetched = [record(P, offset) for offset in (5, 6, 6, 5, 7)]

    assert [each.offset for each in positions.find_due(fetched)] == [5, 6, 7]


def test_record_that_comes_twice_in_a_run_is_taken_once(positions: Positions) -> None:
    """Side by side, too."""
    fetched = [record(P, offset) for offset in (5, 5, 6)]

    assert [each.offset for each in positions.find_due(fetched)] == [5, 6]


def test_run_that_overlaps_the_one_before_it_goes_on(positions: Positions) -> None:
    """Records of another partition in between change nothing."""
    fetched = [record(P, 5), record(P, 6), record(Q, 0), record(P, 6), record(P, 7)]

    assert positions.find_due(fetched) == [*fetched[:3], fetched[4]]


def test_place_behind_what_was_found_is_told(positions: Positions) -> None:
    """What a batch commits is the offset after its last record, gaps or not."""
    fetched = [record(P, 6), record(Q, 0), record(P, 5), record(P, 8)]

    positions.find_due(fetched)

    assert positions.found_up_to == {P: 9, Q: 1}


def test_records_of_what_was_never_given_are_left_out(positions: Positions) -> None:
    """Nobody processes a partition of another worker."""
    assert positions.find_due([record(("in", 2), 0)]) == []


def test_records_of_what_was_taken_away_are_left_out(positions: Positions) -> None:
    """Their new owner processes them."""
    positions.revoke([P])

    assert positions.find_due([record(P, 5), record(Q, 0)]) == [record(Q, 0)]
    assert positions.next_offsets == {Q: 0}


def test_partition_taken_away_before_it_was_placed_is_forgotten() -> None:
    """It is not placed later."""
    positions = Positions()
    positions.assign([P])
    positions.revoke([P])

    assert positions.unplaced == set()


def test_offsets_of_what_was_taken_away_move_nothing(positions: Positions) -> None:
    """A commit that ends after the rebalance does not bring the partition back."""
    positions.revoke([P])
    positions.advance({P: 9, Q: 1})

    assert positions.next_offsets == {Q: 1}


def test_rewound_partitions_wait_for_their_place(positions: Positions) -> None:
    """Until then none of their records is due."""
    positions.rewind()

    assert positions.unplaced == {P, Q}
    assert positions.find_due([record(P, 5)]) == []


def test_partition_without_a_valid_offset_is_placed_anew(positions: Positions) -> None:
    """Only if it is ours: an error may come late."""
    positions.displace(P)
    positions.displace(("in", 2))

    assert positions.unplaced == {P}


def test_markers_at_the_end_of_a_log_are_no_lag(positions: Positions) -> None:
    """The end that was met counts, even if the log has control records before it."""
    positions.reach_end(P, 9)

    assert positions.lags() == {P: 0, Q: 2}


def test_end_of_what_is_not_ours_is_not_noted(positions: Positions) -> None:
    """Neither one that is met nor one that is told."""
    positions.reach_end(("in", 2), 9)
    positions.note_log_end(("in", 2), 9)

    assert positions.lags() == {P: 4, Q: 2}


def test_log_end_never_goes_back(positions: Positions) -> None:
    """Of two answers that overtake each other the later end is true."""
    positions.note_log_end(P, 20)
    positions.note_log_end(P, 12)

    assert positions.lags()[P] == 15


def test_each_change_of_what_is_ours_counts(positions: Positions) -> None:
    """Who holds a batch sees that it may not be theirs any more."""
    before = positions.rebalance_count

    positions.revoke([P])
    positions.assign([P])

    assert positions.rebalance_count == before + 2


def test_end_that_was_reached_is_forgotten_with_the_partition(
    positions: Positions,
) -> None:
    """Whoever gets it back begins where it is placed, before that end."""
    positions.reach_end(P, 9)

    positions.revoke([P])
    positions.place(P, 5, log_end=9)

    assert positions.lags()[P] == 4
