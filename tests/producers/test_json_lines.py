"""Lines of files and pipes: none lost, none waited for too long."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from producers.order_service.json_lines import JsonLinesSource, open_json_lines
from producers.order_service.lines import LineReader
from producers.order_service.orders import OrderRules, SourcedOrder
from registry.errors import ConfigError
from runtime.errors import BadInput


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Return the two ends of a pipe: to read from, to write to."""
    readable, writable = os.pipe()
    with ExitStack() as stack:
        stack.callback(close, readable)
        stack.callback(close, writable)
        yield readable, writable


def close(descriptor: int) -> None:
    """Close a descriptor that the test may have closed itself."""
    try:
        os.close(descriptor)
    except OSError:
        return


def take_all(source: JsonLinesSource) -> list[SourcedOrder]:
    """Take orders until the source has no more."""
    orders = []
    while not source.is_exhausted:
        order = source.find_order(wait_s=1)
        orders += [order] if order else []
    return orders


def read_file(path: Path, content: bytes, rules: OrderRules) -> list[SourcedOrder]:
    """Return the orders of a file with that content."""
    path.write_bytes(content)
    with open_json_lines(str(path), rules) as source:
        return take_all(source)


def test_known_orders_add_up_to_the_known_answers(
    northwind: Path, rules: OrderRules
) -> None:
    """The Northwind orders: 830, 51,317 pieces, 1,354,458.59 gross, 1,265,793.0395."""
    with open_json_lines(str(northwind), rules) as source:
        events = [order.event for order in take_all(source)]
    items = [item for event in events for item in event["items"]]
    gross = [item["quantity"] * item["unit_price"] for item in items]

    assert len(events) == 830
    assert sum(item["quantity"] for item in items) == 51317
    assert sum(gross) == 1_354_458_59
    net = sum(
        price * (100 - item["discount"])
        for price, item in zip(gross, items, strict=True)
    )
    assert net == 1_265_793_0395


@pytest.mark.parametrize(
    ("layout", "places"),
    [
        (b"%s\n%s\n", ["orders:1", "orders:2"]),
        (b"%s\n%s", ["orders:1", "orders:2"]),
        (b"%s\r\n%s\r\n", ["orders:1", "orders:2"]),
        (b"\n%s\n \t\n\r\n%s\n\n", ["orders:2", "orders:5"]),
        (b"\xef\xbb\xbf%s\n%s", ["orders:1", "orders:2"]),
    ],
    ids=["unix", "no end", "windows", "empty lines", "byte order mark"],
)
def test_orders_are_found_in_any_layout_of_lines(
    layout: bytes,
    places: list[str],
    tmp_path: Path,
    order: dict[str, Any],
    rules: OrderRules,
) -> None:
    """Line ends, empty lines and a byte order mark are no part of an order."""
    line = json.dumps(order).encode()

    orders = read_file(tmp_path / "orders", layout % (line, line), rules)

    assert [Path(each.place).name for each in orders] == places


@pytest.mark.parametrize("content", [b"", b"\n", b"\n\n  \n"])
def test_file_without_orders_is_exhausted_at_once(
    content: bytes, tmp_path: Path, rules: OrderRules
) -> None:
    """An empty file is no mistake."""
    assert read_file(tmp_path / "orders", content, rules) == []


def test_bad_line_is_named_and_the_next_one_is_still_there(
    tmp_path: Path, order: dict[str, Any], rules: OrderRules
) -> None:
    """After a bad line the source goes on with the line that follows."""
    path = tmp_path / "orders.jsonl"
    path.write_text(f"\n{{}}\n{json.dumps(order)}\n")

    with open_json_lines(str(path), rules) as source:
        assert source.find_order(wait_s=1) is None
        with pytest.raises(BadInput, match=r"orders\.jsonl:2: order_id is missing"):
            source.find_order(wait_s=1)
        found = source.find_order(wait_s=1)

    assert found is not None
    assert found.place.endswith("orders.jsonl:3")


def test_line_without_end_is_refused_before_it_fills_the_memory(
    tmp_path: Path, order: dict[str, Any], rules: OrderRules
) -> None:
    """A line of more than 8 MiB is a bad line; the next one is read as usual."""
    path = tmp_path / "orders.jsonl"
    path.write_bytes(b"x" * (2**23 + 2**19) + b"\n" + json.dumps(order).encode())

    with open_json_lines(str(path), rules) as source:
        while_reading = [source.find_order(wait_s=1) for _ in range(32)]
        with pytest.raises(BadInput, match=r":1: longer than 8388608 bytes"):
            take_all(source)
        found = take_all(source)

    assert while_reading == [None] * 32
    assert [each.event["order_id"] for each in found] == ["10248"]


def test_line_arrives_whole_from_a_pipe_that_gives_it_in_pieces(
    pipe: tuple[int, int], order: dict[str, Any], rules: OrderRules
) -> None:
    """Half a line is kept until its end comes."""
    readable, writable = pipe
    source = JsonLinesSource(LineReader(readable), name="stdin", rules=rules)
    line = json.dumps(order).encode()

    os.write(writable, line[:20])
    first = source.find_order(wait_s=1)
    os.write(writable, line[20:] + b"\n")
    second = source.find_order(wait_s=1)
    os.close(writable)

    assert first is None
    assert second is not None
    assert second.place == "stdin:1"
    assert take_all(source) == []


def test_silent_pipe_is_left_after_the_time_given(
    pipe: tuple[int, int], rules: OrderRules
) -> None:
    """A signal is noticed also while nothing comes down the pipe."""
    source = JsonLinesSource(LineReader(pipe[0]), name="stdin", rules=rules)
    started = time.monotonic()

    assert source.find_order(wait_s=0.05) is None

    assert time.monotonic() - started < 1
    assert not source.is_exhausted


def test_share_done_grows_with_the_lines_taken(
    northwind: Path, rules: OrderRules
) -> None:
    """The size of a file tells how far its reading has come."""
    with open_json_lines(str(northwind), rules) as source:
        shares = [source.share_done]
        source.find_order(wait_s=1)
        shares.append(source.share_done)
        take_all(source)
        shares.append(source.share_done)

    assert shares[0] == 0
    assert 0 < (shares[1] or 0) < 0.01
    assert shares[2] == 1


def test_share_done_of_a_pipe_is_unknown(
    pipe: tuple[int, int], rules: OrderRules
) -> None:
    """Nobody knows how much is still to come."""
    source = JsonLinesSource(LineReader(pipe[0]), name="stdin", rules=rules)

    assert source.share_done is None


def test_file_that_is_gone_is_named(tmp_path: Path, rules: OrderRules) -> None:
    """A file that cannot be opened is a matter of configuration."""
    missing = tmp_path / "missing.jsonl"

    with (
        pytest.raises(ConfigError, match=r"missing\.jsonl cannot be read: No such"),
        open_json_lines(str(missing), rules),
    ):
        pytest.fail("the file was opened")


def test_file_that_fails_while_it_is_read_is_named(
    tmp_path: Path, rules: OrderRules
) -> None:
    """An error of reading is no bad line: passing over it would never end."""
    with (
        open_json_lines(str(tmp_path), rules) as source,
        pytest.raises(ConfigError, match=r"cannot be read: Is a directory"),
    ):
        source.find_order(wait_s=1)
