"""A source goes on where an earlier run stopped, or says why it cannot."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from producers.order_service.errors import SourceChanged
from producers.order_service.faker_orders import FakerSource
from producers.order_service.json_lines import JsonLinesSource, open_json_lines
from producers.order_service.orders import OrderRules, SourcedOrder
from producers.order_service.positions import Mark, Position
from registry.catalog import Contract
from registry.names import Version
from runtime.errors import BadInput

START = datetime(2026, 1, 31, tzinfo=UTC)
BAD = b'{"order_id":\n'
TOO_LONG = b"x" * (2**23 + 2**19) + b"\n"

Read = Callable[[bytes, int], Position]
GoOn = Callable[[bytes, Position], list[str]]


@pytest.fixture
def line(order: dict[str, Any]) -> Callable[[int], bytes]:
    """Return what makes the line of an order with that number."""
    return lambda number: json.dumps(order | {"order_id": str(number)}).encode() + b"\n"


@pytest.fixture
def read(tmp_path: Path, rules: OrderRules) -> Read:
    """Return what reads so many lines of a file; it gives the position then."""

    def read_lines(content: bytes, count: int) -> Position:
        path = tmp_path / "orders.jsonl"
        path.write_bytes(content)
        with open_json_lines(str(path), rules) as source:
            while source.position.entry_count < count and not source.is_exhausted:
                find_next(source)
            return source.position

    return read_lines


@pytest.fixture
def go_on(tmp_path: Path, rules: OrderRules) -> GoOn:
    """Return what gives the rest of a file: order ids, and places of bad lines."""

    def go_on_with(content: bytes, position: Position) -> list[str]:
        path = tmp_path / "orders.jsonl"
        path.write_bytes(content)
        with open_json_lines(str(path), rules) as source:
            source.resume(position)
            return take_rest(source)

    return go_on_with


def find_next(source: JsonLinesSource) -> str | None:
    """Return the next order's id, or the place of a bad line by its number."""
    try:
        order = source.find_order(wait_s=1)
    except BadInput as exc:
        return exc.source.rpartition(":")[2] + "!"
    return order.event["order_id"] if order else None


def take_rest(source: JsonLinesSource) -> list[str]:
    """Return what the source still gives."""
    found = []
    while not source.is_exhausted:
        found.append(find_next(source))
    return [each for each in found if each is not None]


def test_file_goes_on_after_the_lines_that_were_taken(
    read: Read, go_on: GoOn, line: Callable[[int], bytes]
) -> None:
    """Empty and bad lines count as taken, also one of more than 8 MiB."""
    content = line(1) + b"\n" + BAD + TOO_LONG + line(2) + BAD + line(3)
    positions = [read(content, count) for count in range(1, 7)]

    rests = [go_on(content, each) for each in positions]

    assert rests == [
        ["3!", "4!", "2", "6!", "3"],
        ["3!", "4!", "2", "6!", "3"],
        ["4!", "2", "6!", "3"],
        ["2", "6!", "3"],
        ["6!", "3"],
        ["3"],
    ]


def test_lines_added_to_a_file_are_given(
    read: Read, go_on: GoOn, line: Callable[[int], bytes]
) -> None:
    """A file may grow, also from a last line that had no end."""
    position = read(line(1) + line(2).rstrip(), 2)

    assert go_on(line(1) + line(2) + line(3), position) == ["3"]


def test_bad_last_line_without_an_end_is_not_behind_the_position(
    read: Read, go_on: GoOn, line: Callable[[int], bytes]
) -> None:
    """Whoever writes the file may not have finished it."""
    half = line(2)[:30]
    position = read(line(1) + half, 2)

    assert go_on(line(1) + line(2), position) == ["2"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda one, _two: one, "its lines are fewer, 1, than the 2 written already"),
        (
            lambda one, two: two + one,
            "its first 2 lines were written already and have changed",
        ),
        (
            lambda one, two: one + b"\n" + two,
            "its first 2 lines were written already and have changed",
        ),
        (
            lambda one, two: one + two.replace(b"12", b"13"),
            "its first 2 lines were written already and have changed",
        ),
    ],
    ids=["truncated", "reordered", "inserted", "edited"],
)
def test_file_whose_taken_lines_changed_is_refused(
    change: Callable[[bytes, bytes], bytes],
    reason: str,
    read: Read,
    go_on: GoOn,
    line: Callable[[int], bytes],
) -> None:
    """The sentence says what is not as it was, and the hint what to do."""
    position = read(line(1) + line(2), 2)

    with pytest.raises(SourceChanged, match=reason) as caught:
        go_on(change(line(1), line(2)), position)

    assert caught.value.exit_code == 65
    assert "--restart" in caught.value.hint


def test_white_space_around_a_taken_line_is_no_change(
    read: Read, go_on: GoOn, line: Callable[[int], bytes]
) -> None:
    """Line ends of another system mean the same orders."""
    position = read(line(1) + line(2), 1)

    assert go_on(line(1).replace(b"\n", b"\r\n") + line(2), position) == ["2"]


def test_fingerprint_is_that_of_all_lines_before(
    read: Read, line: Callable[[int], bytes]
) -> None:
    """SHA-256 of the SHA-256 of each line: what a run of any release has noted."""
    lines = [line(number) for number in range(2500)]
    digests = [hashlib.sha256(each.strip()).digest() for each in lines]

    position = read(b"".join(lines), 2300)

    assert position.fingerprint == hashlib.sha256(b"".join(digests[:2300])).hexdigest()


def test_bookmark_stays_where_it_was_put(
    tmp_path: Path, rules: OrderRules, line: Callable[[int], bytes]
) -> None:
    """Asked after 2,500 lines, each still gives the place of its own line."""
    path = tmp_path / "orders.jsonl"
    path.write_bytes(b"".join(map(line, range(2500))))

    with open_json_lines(str(path), rules) as source:
        put_in = [(source.position, source.bookmark()) for _ in take_each(source)]

    assert [bookmark() for _, bookmark in put_in] == [place for place, _ in put_in]
    assert put_in[-1][0].entry_count == 2500


def take_each(source: JsonLinesSource) -> Iterator[SourcedOrder | None]:
    """Yield the orders of a source, one at a time."""
    while not source.is_exhausted:
        yield source.find_order(wait_s=1)


def draw(source: FakerSource, count: int) -> list[SourcedOrder]:
    """Return the next orders, as many as that."""
    return [source.find_order(wait_s=0) for _ in range(count)]


def test_faker_goes_on_with_the_same_orders(rules: OrderRules) -> None:
    """Ten orders in two runs are the ten of one run, numbers included."""
    whole = draw(FakerSource(rules, seed=7, start=START), 10)
    first = FakerSource(rules, seed=7, start=START)
    begun = draw(first, 4)
    second = FakerSource(rules, seed=7, start=START)

    second.resume(first.position)

    assert begun + draw(second, 6) == whole


def test_faker_without_a_start_goes_on_with_the_same_ids(rules: OrderRules) -> None:
    """The run that begins a series decides its ids, not the clock of a later one."""
    first = FakerSource(rules, seed=7)
    place = first.position
    begun = draw(first, 3)
    again, later = FakerSource(rules, seed=7), FakerSource(rules, seed=7)

    again.resume(place)
    later.resume(first.position)

    assert ids(draw(again, 4)) == ids(begun) + ids(draw(later, 1))


def ids(orders: list[SourcedOrder]) -> list[str]:
    """Return the order ids."""
    return [order.event["order_id"] for order in orders]


def test_faker_of_another_contract_version_goes_on(
    rules: OrderRules, contract: Contract
) -> None:
    """All versions write the same orders, apart from what they cannot say."""
    first = FakerSource(rules, seed=7, start=START)
    draw(first, 3)
    plain = OrderRules.from_version(contract.get_version(Version(1)))
    second = FakerSource(plain, seed=7, start=START)

    second.resume(first.position)

    assert second.position == first.position


@pytest.mark.parametrize(
    ("seed", "start"),
    [(8, START), (7, START.replace(hour=1)), (7, None)],
    ids=["seed", "start", "no start"],
)
def test_faker_that_draws_other_orders_is_refused(
    seed: int, start: datetime | None, rules: OrderRules
) -> None:
    """Another seed or start is another series, whatever the source is called."""
    first = FakerSource(rules, seed=7, start=START)
    draw(first, 3)

    with pytest.raises(SourceChanged, match="the 3 orders that were written are not"):
        FakerSource(rules, seed=seed, start=start).resume(first.position)


def test_mark_is_read_as_it_was_written() -> None:
    """What the topic holds is the mark again."""
    position = Position(entry_count=3, fingerprint="ab", origin="1")
    mark = Mark(owner="run", topic="orders", order_count=2, position=position)

    assert Mark.from_json(mark.to_json()) == mark
