"""Events that do not fit are refused, by the path of the field."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from registry.codec import Numbers, compile_encoder
from registry.errors import InvalidContract, UnfitEvent
from tests.codec.reference import encode, write

PRICE = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
FIXED_PRICE = {**PRICE, "type": "fixed", "name": "F", "size": 2}
INSTANT = {"type": "long", "logicalType": "timestamp-millis"}
ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B"]}

UNFIT: list[tuple[Any, Any, str]] = [
    ("int", 2**31, "no int"),
    ("int", -(2**31) - 1, "no int"),
    ("long", 2**63, "no long"),
    ("int", True, "a bool where int"),
    ("int", 1.0, "a float where int"),
    ("int", "1", "a str where int"),
    ("float", 1e300, "too large"),
    ("double", "NaN", "a str where number"),
    ("double", True, "a bool where number"),
    ("string", b"a", "type"),
    ("string", "\ud800", "surrogates"),
    ("bytes", "a", "a str where bytes"),
    ("boolean", 1, "a int where bool"),
    ("null", 0, "a int where None"),
    (ENUM, "C", "'C' is no symbol"),
    (ENUM, ["A"], "unhashable"),
    ({"type": "fixed", "name": "G", "size": 2}, b"a", "1 bytes where there must be 2"),
    ({"type": "array", "items": "string"}, "ab", "a str where list"),
    ({"type": "array", "items": "string"}, {"a": "b"}, "a dict where list"),
    ({"type": "map", "values": "int"}, [1], "a list where dict"),
    ({"type": "record", "name": "R", "fields": []}, None, "a NoneType where dict"),
    (PRICE, Decimal("1.005"), "more than 2 digits after the point"),
    (PRICE, Decimal("100.00"), "more than 4 digits"),
    (PRICE, Decimal("1E+3"), "more than 4 digits"),
    (PRICE, Decimal(12345), "more than 4 digits"),
    (PRICE, Decimal("1E+900000000"), "more than 4 digits"),
    (PRICE, Decimal("NaN"), "NaN"),
    (PRICE, Decimal("Infinity"), "Infinity"),
    (PRICE, 1.5, "a float where Decimal"),
    (PRICE, 150, "a int where Decimal"),
    (FIXED_PRICE, Decimal("100.00"), "more than 4 digits"),
    (INSTANT, "2026", "a str where int"),
    (INSTANT, datetime(2026, 1, 1), "no time zone"),  # noqa: DTZ001 - what is refused
    (["null", "string"], 5, "type"),
    (["int", "string"], 5.5, "do not match"),
]


@pytest.mark.parametrize(("schema", "value", "reason"), UNFIT)
def test_value_that_does_not_fit_is_refused_by_path(
    schema: object, value: object, reason: str
) -> None:
    """Nothing that a reader would see otherwise is ever written."""
    items = {"type": "array", "items": schema}
    fields = [{"name": "list", "type": items}]

    with pytest.raises(UnfitEvent, match=reason) as refused:
        encode({"list": [value]}, {"type": "record", "name": "O", "fields": fields})

    assert refused.value.path == "list[]"


def test_missing_field_is_named() -> None:
    """What may be null, or has a default, may be missing; else the path says what."""
    nullable = {"name": "n", "type": ["null", "int"]}
    default = {"name": "d", "type": PRICE, "default": "\u0005"}
    required = {"name": "r", "type": "int"}
    schema = {"type": "record", "name": "R", "fields": [nullable, default, required]}

    assert encode({"r": 1}, schema) == b"\x00" + b"\x02\x05" + b"\x02"
    with pytest.raises(UnfitEvent, match="r: the event has no such field"):
        encode({}, schema)


@pytest.mark.parametrize("value", ["0", "0.00", "99.99", "-99.99", "-1.28"])
@pytest.mark.parametrize("schema", [PRICE, FIXED_PRICE])
def test_decimal_is_written_as_fastavro_writes_it(schema: object, value: str) -> None:
    """Sign, size and length are the same byte for byte."""
    assert encode(Decimal(value), schema) == write(schema, Decimal(value))


@pytest.mark.parametrize(
    ("schema", "body"), [(PRICE, b"\x02\x00"), (FIXED_PRICE, b"\x00\x00")]
)
def test_negative_zero_is_zero(schema: object, body: bytes) -> None:
    """The wire has one zero; fastavro writes -0.00 into a fixed as -0.02."""
    assert encode(Decimal("-0.00"), schema) == body


def test_key_that_is_no_text_is_refused() -> None:
    """Keys of maps are text."""
    with pytest.raises(UnfitEvent, match="a int is not of the type"):
        encode({1: 1}, {"type": "map", "values": "int"})


@pytest.mark.parametrize("value", [0, 5, 9999, -9999, -128])
def test_scaled_integers_are_written_as_their_decimal(value: int) -> None:
    """Who counts in cents writes what who counts in Decimal writes."""
    exact = Decimal(value).scaleb(-2)

    assert encode(value, PRICE, numbers=Numbers.SCALED) == encode(exact, PRICE)


@pytest.mark.parametrize("value", [10_000, True, 1.0, Decimal(1)])
def test_what_is_no_scaled_integer_is_refused(value: object) -> None:
    """A number of too many digits, or of another kind, is not written."""
    with pytest.raises(UnfitEvent):
        encode(value, PRICE, numbers=Numbers.SCALED)


def test_scaled_instant_is_written_as_it_is() -> None:
    """An instant that was read as an integer is written as that integer."""
    instant = datetime(2026, 1, 1, tzinfo=UTC)

    scaled = encode(1767225600000, INSTANT, numbers=Numbers.SCALED)

    assert scaled == encode(instant, INSTANT)


def test_scaled_numbers_in_a_union_of_several_types_are_refused_at_start() -> None:
    """Which branch an integer belongs to cannot be told."""
    with pytest.raises(InvalidContract, match="scaled numbers"):
        compile_encoder(json.dumps(["int", PRICE]), numbers=Numbers.SCALED)


@pytest.mark.parametrize("value", [{"a": 1}, ("R", {"a": 1}), None])
def test_union_by_name_is_written_as_fastavro_writes_it(value: object) -> None:
    """A pair of a type's name and a value says which branch is meant."""
    record = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}

    assert encode(value, ["null", record]) == write(["null", record], value)


def test_text_and_lists_of_any_length_are_written_alike() -> None:
    """Lengths of one, two and three bytes."""
    schema = {"type": "array", "items": "string"}
    event = ["a" * 63, "b" * 64, "c" * 1023, "d" * 1024, "e" * 20_000] * 300

    assert encode(event, schema) == write(schema, event)


def test_event_that_contains_itself_is_refused() -> None:
    """No event is followed without end."""
    link = {"name": "next", "type": ["null", "Link"]}
    event: dict[str, object] = {}
    event["next"] = event

    with pytest.raises(UnfitEvent, match="nested too deeply"):
        encode(event, {"type": "record", "name": "Link", "fields": [link]})


def test_prefix_stands_before_every_event() -> None:
    """The wire format costs no second copy."""
    codec = compile_encoder(json.dumps("string"), prefix=b"\x00\x00\x00\x00\x07")

    assert codec.function("a") == b"\x00\x00\x00\x00\x07\x02a"
