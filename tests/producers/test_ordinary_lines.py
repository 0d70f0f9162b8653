"""Ordinary lines are read in another way than odd ones, and to the same effect."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from producers.order_service.errors import IllegalOrder
from producers.order_service.orders import OrderRules, read_order
from producers.order_service.ordinary import find_ordinary_order, read_line
from registry.catalog import load_catalog
from registry.codec import Numbers, compile_encoder
from registry.names import Version
from registry.serdes import Event
from schemas import CONTRACTS

CONTRACT = load_catalog(CONTRACTS).get_contract("order-details-value")
RULES = OrderRules.from_version(CONTRACT.newest)
RULES_OF_1 = OrderRules.from_version(CONTRACT.get_version(Version(1)))
ENCODE = compile_encoder(CONTRACT.newest.text, numbers=Numbers.SCALED).function

PATHS: list[tuple[str | int, ...]] = [
    *((name,) for name in ("order_id", "customer", "items", "currency", "created_at")),
    *(("customer", name) for name in ("id", "name", "email", "phone")),
    *(
        ("items", 0, name)
        for name in ("sku", "name", "quantity", "unit_price", "discount", "discout")
    ),
    ("items", 0),
]
ODD_VALUES: list[object] = [
    *(None, True, 0, 1, -1, 2**31, 10**30, 1.5, 14.0, 1e300, float("nan")),
    *("", " ", "x", "7", "-1", "07.50", "1.5", "1.005", "-0.00", "+1.00", "1e3", "NaN"),
    *("٣.00", "1_0.00", "12.00\n", "99999999999.00", "1.00", "1.01", "0.5", "0.15"),
    *("XXX", "usd", "JPY", "\ud800", "\x00", '"', "\\", '\\"', '":"', "é", "🎁"),
    *("2026-01-31T09:30Z", "2026-02-30T00:00:00Z", "2026-01-31T09:30:00+01:00"),
    *("20260131T093000Z", "0001-01-01T00:00:00+14:00", "2026-01-31T09:30:00.0001Z"),
    *([], {}, [1], {"sku": "1"}),
]
PIECES = [
    *(b"", b'"', b"\\", b'\\"', b"\\\\", b"\xff", b"\x00", b"{", b"}", b"["),
    *(b",", b" ", b"NaN", b"1", b"\\u0022", b"\\ud800", b"\xc3\xa9", b'"x":1,'),
    *(b'"order_id":"7",', b'"name": "twice", ', b'"items": [], ', b"/*x*/", b"-"),
    b'"discount":"0.10",',
]

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
prices = st.decimals(0, "9999999999.99", places=2).map(str)
discounts = st.decimals(0, 1, places=2).map(str)
items = st.fixed_dictionaries(
    {
        "sku": texts,
        "name": texts,
        "quantity": st.integers(1, 2**31 - 1),
        "unit_price": prices,
    },
    optional={"discount": discounts},
)
instants = st.datetimes().map(lambda time: time.isoformat(timespec="milliseconds"))
orders = st.fixed_dictionaries(
    {
        "order_id": texts,
        "customer": st.fixed_dictionaries({"id": texts, "name": texts, "email": texts}),
        "items": st.lists(items, min_size=1, max_size=4),
        "currency": st.sampled_from(RULES.currencies),
        "created_at": instants.map("{}Z".format),
    }
)


def changed(order: dict[str, Any], path: tuple[str | int, ...], value: object) -> Any:  # noqa: ANN401 - JSON
    """Return the order with another value there."""
    order = deepcopy(order)
    parent_of(order, path)[path[-1]] = value
    return order


def without(order: dict[str, Any], path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - JSON
    """Return the order without what is there."""
    order = deepcopy(order)
    del parent_of(order, path)[path[-1]]
    return order


def parent_of(order: Any, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - JSON
    """Return what holds the last step of the path."""
    for step in path[:-1]:
        order = order[step]
    return order


def spliced(line: bytes, share: float, length: int, piece: bytes) -> bytes:
    """Return the line with so many bytes, from so far on, replaced."""
    start = int(share * len(line))
    return line[:start] + piece + line[start + length :]


def written(values: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """Return lines of JSON in several manners."""
    return st.builds(
        lambda value, is_ascii, separators: json.dumps(
            value, ensure_ascii=is_ascii, separators=separators
        ).encode(errors="surrogatepass"),
        values,
        st.booleans(),
        st.sampled_from([None, (",", ":"), (" , ", " : ")]),
    )


ordinary_lines = written(orders)
damaged_lines = st.builds(
    spliced,
    ordinary_lines,
    st.floats(0, 1),
    st.integers(0, 3),
    st.sampled_from(PIECES),
)


def outcome(read: Callable[[bytes, OrderRules], Event], line: bytes) -> object:
    """Return the bytes of the order on a line, or the sentence that refuses it."""
    try:
        return ENCODE(read(line, RULES))
    except IllegalOrder as exc:
        return exc.reason


@given(line=ordinary_lines)
def test_ordinary_line_is_read_at_once(line: bytes) -> None:
    """Whatever its texts hold and however it is spaced; the order is the same."""
    found = find_ordinary_order(line, RULES)

    assert found == read_order(line, RULES)


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_odd_line_has_one_outcome(
    path: tuple[str | int, ...], order: dict[str, Any]
) -> None:
    """One field that is not as usual: the same bytes, or the same sentence."""
    lines = [json.dumps(changed(order, path, value)).encode() for value in ODD_VALUES]

    outcomes = [outcome(read_line, line) for line in lines]

    assert outcomes == [outcome(read_order, line) for line in lines]


@pytest.mark.parametrize(
    "path",
    [
        *(("order_id",), ("customer",), ("items",), ("currency",), ("created_at",)),
        *(("customer", "id"), ("customer", "name"), ("customer", "email")),
        *(("items", 0, "sku"), ("items", 0, "name"), ("items", 0, "quantity")),
        *(("items", 0, "unit_price"), ("items", 0, "discount"), ("items", 0)),
    ],
    ids=str,
)
def test_line_without_a_field_has_one_outcome(
    path: tuple[str | int, ...], order: dict[str, Any]
) -> None:
    """A field that is not there: the same bytes, or the same sentence."""
    line = json.dumps(without(order, path)).encode()

    assert outcome(read_line, line) == outcome(read_order, line)


@given(line=damaged_lines)
@example(line=b"")
@example(line=b"[" * 2000)
def test_damaged_line_has_one_outcome(line: bytes) -> None:
    """Bytes lost, changed or put in between: the same bytes, or the same sentence."""
    assert outcome(read_line, line) == outcome(read_order, line)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"sku": "11"', '"sku": 11, "x": 1'),
        ('"sku": "11"', '"sku": "12", "sku": "11"'),
        ('"name": "Queso Cabrales"', '"name": "Queso\\"", "x": 1'),
        ('"name": "Queso Cabrales"', '"name": "Queso\\\\", "x": 1'),
        ('"email": "vinet@shop.example"', '"email": "\\\\\\"", "x": 1'),
        ('"unit_price": "14.00"', '"unit_price": 14.00'),
        ('"unit_price": "14.00"', '"unit_price": 14.000000000000000001'),
        ('"quantity": 12', '"quantity": 12.0'),
        ('"quantity": 12', '"quantity": 12, "quantity": 12'),
        ('"quantity": 12', '"quantity": -0'),
        ('"discount": "0.15"', '"discount": "0.150"'),
        ('"items": [', '"items": [], "items": ['),
        ('{"order_id"', '{"order\\u005fid"'),
        ('"order_id": "10248"', '"order_id": "\\ud83c\\udf81"'),
        ('"order_id": "10248"', '"order_id": "\\ud83c"'),
    ],
)
def test_line_of_two_minds_has_one_outcome(
    old: str, new: str, order: dict[str, Any]
) -> None:
    """Fields twice, fields too many and quotes in texts do not deceive by number."""
    line = json.dumps(order).replace(old, new).encode()

    assert outcome(read_line, line) == outcome(read_order, line)


@given(order=orders)
def test_discount_of_an_ordinary_line_is_refused_by_version_1(
    order: dict[str, Any],
) -> None:
    """What version 1 cannot say is no ordinary line of it."""
    line = json.dumps(changed(order, ("items", 0, "discount"), "0.15")).encode()

    assert find_ordinary_order(line, RULES_OF_1) is None
