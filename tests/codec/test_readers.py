"""What a reader sees of another writer's records."""

import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from registry.codec import Numbers
from registry.errors import InvalidContract, MalformedBody
from tests.codec.reference import decode, write

PRICE = {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}
LINE = {
    "type": "record",
    "name": "Line",
    "fields": [
        {"name": "sku", "type": "string"},
        {"name": "price", "type": PRICE},
        {"name": "tags", "type": {"type": "map", "values": "string"}},
    ],
}
WRITER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "lines", "type": {"type": "array", "items": LINE}},
        {"name": "gift", "type": ["null", "Line"]},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    ],
}
EVENT = {
    "id": "1",
    "lines": [{"sku": "a", "price": Decimal("1.50"), "tags": {"x": "y"}}] * 2,
    "gift": {"sku": "g", "price": Decimal("0.00"), "tags": {}},
    "at": datetime(2026, 1, 1, tzinfo=UTC),
}
BODY = write(WRITER, EVENT)


def record(*fields: dict[str, Any], name: str = "R") -> dict[str, Any]:
    """Return a record schema of the fields."""
    return {"type": "record", "name": name, "fields": list(fields)}


PROJECTIONS: list[tuple[tuple[str, ...], dict[str, Any]]] = [
    (("id",), {"id": "1"}),
    (("lines[].sku",), {"lines": [{"sku": "a"}, {"sku": "a"}]}),
    (("lines[].tags{}",), {"lines": [{"tags": {"x": "y"}}] * 2}),
    (("lines", "lines[].sku"), {"lines": EVENT["lines"]}),
    (("gift.price", "at"), {"gift": {"price": Decimal("0.00")}, "at": EVENT["at"]}),
    ((), {}),
    (("id", "lines", "gift", "at"), EVENT),
]


@pytest.mark.parametrize(("fields", "expected"), PROJECTIONS)
def test_only_what_is_asked_for_is_in_the_event(
    fields: tuple[str, ...], expected: dict[str, Any]
) -> None:
    """Everything else is stepped over."""
    assert decode(BODY, WRITER, fields=fields) == expected


@pytest.mark.parametrize("length", range(len(BODY)))
def test_cut_off_body_is_refused_although_nobody_reads_its_end(length: int) -> None:
    """A projection demands that the body ends where the schema ends."""
    with pytest.raises(MalformedBody):
        decode(BODY[:length], WRITER, fields=("id",))


@pytest.mark.parametrize(
    "path", ["nope", "lines.sku", "lines[].nope", "id[]", "lines{}", "", "a b", "id."]
)
def test_path_that_leads_nowhere_is_refused(path: str) -> None:
    """A reader learns at start that it asks for what is not there."""
    with pytest.raises(InvalidContract, match="field"):
        decode(BODY, WRITER, fields=(path,))


def test_field_nobody_asks_for_needs_no_default() -> None:
    """What would make the record unreadable does not, if it is not read."""
    reader = record({"name": "b", "type": "int"}, {"name": "a", "type": "int"})
    writer = record({"name": "a", "type": "int"})

    assert decode(b"\x02", writer, reader, fields=("a",)) == {"a": 1}
    with pytest.raises(MalformedBody, match="no such field, the reader no default"):
        decode(b"\x02", writer, reader)


def test_default_of_one_event_is_not_that_of_the_next() -> None:
    """An event may be changed without changing those that follow."""
    items = {"type": "array", "items": "int"}
    reader = record({"name": "a", "type": items, "default": [1]})

    decode(b"", record(), reader)["a"].append(2)

    assert decode(b"", record(), reader) == {"a": [1]}


def test_symbol_the_reader_does_not_know_is_its_default() -> None:
    """The enum's default stands in; without one the record is refused."""
    writer = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
    reader = {**writer, "symbols": ["X", "A"], "default": "X"}

    assert decode(b"\x02", writer, reader) == "X"
    assert decode(b"\x00", writer, reader) == "A"
    with pytest.raises(MalformedBody, match="no symbol number 1"):
        decode(b"\x02", writer, {**writer, "symbols": ["A"]})


@pytest.mark.parametrize(
    ("writer", "reader", "body", "value"),
    [
        ("int", "double", b"\x04", 2.0),
        ("long", "float", b"\x04", 2.0),
        ("string", "bytes", b"\x02a", b"a"),
        ("bytes", "string", b"\x02a", "a"),
        ("int", ["null", "long"], b"\x04", 2),
        (["int", "string"], "long", b"\x00\x04", 2),
    ],
)
def test_promoted_value_is_the_readers(
    writer: object, reader: object, body: bytes, value: object
) -> None:
    """Promotions give the reader's type, as in fastavro."""
    found = decode(body, writer, reader)

    assert found == value
    assert type(found) is type(value)


def test_record_that_contains_itself_is_read_to_its_end() -> None:
    """Named references are functions that call each other."""
    writer = record(
        {"name": "value", "type": "int"},
        {"name": "more", "type": {"type": "array", "items": "R"}},
    )
    event = {"value": 1, "more": [{"value": 2, "more": []}, {"value": 3, "more": []}]}
    body = write(copy.deepcopy(writer), event)

    assert decode(body, writer) == event
    assert decode(body, writer, fields=("more[].value",)) == {
        "more": [{"value": 2}, {"value": 3}]
    }


def test_scaled_numbers_are_the_integers_on_the_wire() -> None:
    """Decimals in units of their last place, instants in milliseconds."""
    fields = ("lines[].price", "at")

    event = decode(BODY, WRITER, fields=fields, numbers=Numbers.SCALED)

    assert event == {"lines": [{"price": 150}] * 2, "at": 1767225600000}


def test_scaled_default_is_scaled_too() -> None:
    """A default of 0.05 is 5 hundredths."""
    reader = record({"name": "a", "type": PRICE, "default": "\u0005"})

    assert decode(b"", record(), reader, numbers=Numbers.SCALED) == {"a": 5}
    assert decode(b"", record(), reader) == {"a": Decimal("0.05")}


def test_scaled_numbers_of_another_scale_are_refused() -> None:
    """Who counts in cents is never given tenths of a cent for cents."""
    writer, reader = (
        record({"name": "a", "type": {**PRICE, "scale": 3}}),
        record({"name": "a", "type": PRICE}),
    )

    assert decode(b"\x02\x05", writer, reader) == {"a": Decimal("0.005")}
    with pytest.raises(MalformedBody, match="numbers are scaled"):
        decode(b"\x02\x05", writer, reader, numbers=Numbers.SCALED)


def test_decimal_is_exact_in_any_context() -> None:
    """Neither 40 digits nor the thread's decimal context lose one."""
    wide = {"type": "bytes", "logicalType": "decimal", "precision": 40, "scale": 20}
    number = 10**40 - 1
    raw = number.to_bytes(17, "big", signed=True)

    value = decode(bytes([34]) + raw, wide)

    assert value == Decimal(f"{number}e-20")
    assert str(value) == f"{'9' * 20}.{'9' * 20}"
