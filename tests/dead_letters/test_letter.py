"""What a dead letter says, and which ones are chosen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.dead_letters import Letter, Selection
from operations.dead_letters.letter import (
    ADDED_HEADERS,
    REPLAYS_HEADER,
    read_letter,
    replay_headers,
    split_headers,
)
from runtime.dead_letters import REPLAYED_HEADER, to_dead_letter
from runtime.errors import RejectedRecord
from runtime.records import Header, Record

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON_MS = round(NOON.timestamp() * 1000)
HOUR = timedelta(hours=1)


def letter_of(*headers: Header, **changes: Any) -> Letter:  # noqa: ANN401 - any field
    """Return the dead letter 4:9 of a record of partition 4, offset 17."""
    record = Record("orders", 4, 17, b"key", b"\x00\x00\x00\x00\x07x", headers, NOON_MS)
    record = record._replace(**changes)
    output = to_dead_letter(record, RejectedRecord("items is empty"), service="group")
    stored = record._replace(topic=output.topic, offset=9, headers=output.headers)
    return read_letter(stored, None)


def test_added_headers_are_those_that_the_runtime_adds() -> None:
    """A header that the runtime adds to dead letters is taken off again."""
    record = Record("orders", 0, 0, None, None, [], 0)

    added = to_dead_letter(record, RejectedRecord("no"), service="group").headers

    assert {name for name, _ in added} == ADDED_HEADERS


def test_letter_is_the_record_as_it_was() -> None:
    """Place, key, value, headers and timestamp are the record's own."""
    letter = letter_of(("trace", b"\x00\xff"), ("empty", None))

    assert letter.id == "4:9"
    assert letter.record == Record(
        "orders",
        4,
        17,
        b"key",
        b"\x00\x00\x00\x00\x07x",
        [("trace", b"\x00\xff"), ("empty", None)],
        NOON_MS,
    )
    assert letter.to_json() == {
        "id": "4:9",
        "state": "open",
        "topic": "orders",
        "partition": 4,
        "offset": 17,
        "time": "2026-03-01T12:00:00.000+00:00",
        "key": "key",
        "size_bytes": 9,
        "error": "RejectedRecord",
        "message": "items is empty",
        "fingerprint": letter.fingerprint,
        "schema_id": 7,
        "service": "group",
        "stage": "process",
        "attempts": 1,
        "replays": 0,
    }


def test_headers_of_the_same_names_that_a_record_came_with_are_kept() -> None:
    """What another program said about the record is not ours to take away."""
    own: list[Header] = [
        ("__streams.errors.offset", b"5"),
        ("accord.dlq.stage", b"elsewhere"),
        ("__streams.errors.topic", b"theirs"),
    ]

    letter = letter_of(*own)

    assert letter.record.headers == own
    assert letter.record.topic == "orders"


def test_record_without_our_headers_is_a_letter_all_the_same() -> None:
    """What somebody else wrote into the topic is shown, not tripped over."""
    letter = read_letter(Record("orders.dlq", 1, 2, None, None, [], -1), None)

    assert (letter.id, letter.time, letter.error) == ("1:2", None, "")
    assert split_headers([("a", None)]) == ([("a", None)], {})


def test_replay_says_where_the_letter_lay_and_how_often_it_came_back() -> None:
    """The second replay counts on from the first and names the second letter."""
    first = replay_headers(letter_of(("trace", b"t")))
    second = replay_headers(letter_of(*first))

    assert first == [
        ("trace", b"t"),
        (REPLAYED_HEADER, b"4:9"),
        (REPLAYS_HEADER, b"1"),
    ]
    assert second == [*first[:2], (REPLAYS_HEADER, b"2")]


def test_count_of_replays_that_is_no_number_counts_as_none() -> None:
    """A header that anybody can write does not stop a replay."""
    assert letter_of((REPLAYS_HEADER, b"many")).replay_count == 0
    assert letter_of((REPLAYS_HEADER, None)).replay_count == 0


FINGERPRINT = letter_of().fingerprint


@pytest.mark.parametrize(
    ("selection", "is_chosen"),
    [
        (Selection(), True),
        (Selection(ids=frozenset({"4:9", "1:1"})), True),
        (Selection(ids=frozenset({"4:90"})), False),
        (Selection(fingerprints=frozenset({FINGERPRINT})), True),
        (Selection(fingerprints=frozenset({"0" * 12})), False),
        (Selection(partition=4), True),
        (Selection(partition=0), False),
        (Selection(first_offset=17, last_offset=17), True),
        (Selection(first_offset=18), False),
        (Selection(last_offset=16), False),
        (Selection(since=NOON, until=NOON + HOUR), True),
        (Selection(until=NOON), False),
        (Selection(since=NOON + HOUR), False),
        (Selection(partition=4, first_offset=18), False),
    ],
)
def test_selection_chooses_by_all_that_it_names(
    selection: Selection, *, is_chosen: bool
) -> None:
    """Offsets are the record's own, both ends included; `until` is not."""
    assert (letter_of() in selection) is is_chosen


def test_letter_without_a_time_is_in_no_stretch_of_time() -> None:
    """Nobody knows when it was: only a choice without times takes it."""
    stored = Record("orders.dlq", 0, 0, None, None, [], -1)

    assert read_letter(stored, None) in Selection()
    assert read_letter(stored, None) not in Selection(until=NOON)
