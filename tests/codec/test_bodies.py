"""Bodies that no writer wrote: refused with the offset, at once, whatever they say."""

import json
from contextlib import nullcontext
from decimal import Decimal
from time import process_time
from typing import Any

import pytest

from registry.catalog import load_catalog
from registry.codec import Numbers, compile_decoder
from registry.errors import MalformedBody
from schemas import CONTRACTS
from tests.codec.reference import decode, encode

HUGE = b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"  # 2^63 - 1 as Avro writes a long
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 3, "scale": 2}
TIME = {"type": "int", "logicalType": "time-millis"}
NOTHING = {"type": "record", "name": "Nothing", "fields": []}
ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
FIXED = {"type": "fixed", "name": "F", "size": 16}

FORGED: list[tuple[Any, bytes, str]] = [
    ("string", b"\x01", "a length of -1"),
    ("string", HUGE, "follow its end|ends inside"),
    ("string", b"\x02\xff", "text that is not UTF-8"),
    ("bytes", b"\x08ab", "ends inside"),
    ("long", b"\x80" * 11, "more than 10 bytes"),
    ("long", b"\xff" * 9 + b"\x7f", "more than 64 bits"),
    ("int", b"\x80\x80\x80\x80\x20", "no int"),
    ("boolean", b"\x02", "ends inside"),
    ("double", b"1234567", "ends inside"),
    (FIXED, b"short", "ends inside"),
    (DECIMAL, b"\x04\x03\xe8", "more than 3 digits"),
    (TIME, b"\x01", "no time-millis of a day"),
    (ENUM, b"\x01", "no symbol number -1"),
    (ENUM, b"\x04", "no symbol number 2"),
    (["null", "int"], b"\x01", "no branch -1"),
    (["null", "int"], b"\x04", "no branch 2"),
    ({"type": "array", "items": "int"}, HUGE, "items cannot be in 0 bytes"),
    ({"type": "array", "items": FIXED}, HUGE + b"1234", "items cannot be in 4 bytes"),
    ({"type": "map", "values": "int"}, HUGE, "items cannot be in 0 bytes"),
    ({"type": "array", "items": "int"}, b"\x01\x01\x00\x00", "a length of -1"),
    ({"type": "array", "items": "null"}, HUGE + b"\x00", "without a byte"),
    ({"type": "array", "items": NOTHING}, HUGE + b"\x00", "without a byte"),
    (
        {"type": "array", "items": {"type": "array", "items": "null"}},
        b"\x50" + (b"\x80\x80\x02\x00" * 40) + b"\x00",
        "without a byte",
    ),
]


@pytest.mark.parametrize(("schema", "body", "reason"), FORGED)
def test_forged_body_is_refused_at_once(schema: Any, body: bytes, reason: str) -> None:  # noqa: ANN401 - a schema as JSON
    """Neither a wrong value nor time nor memory can be had for a few bytes."""
    started = process_time()

    with pytest.raises(MalformedBody, match=reason) as refused:
        decode(body, schema)

    assert 0 <= refused.value.offset <= len(body)
    assert process_time() - started < 1


@pytest.mark.parametrize("items", ["int", "null", "double", FIXED, NOTHING, ENUM])
def test_forged_count_of_what_nobody_reads_is_refused_at_once(items: object) -> None:
    """Stepping over an array takes no longer than its bytes allow."""
    array = {"type": "array", "items": items}
    fields = [{"name": "a", "type": array}, {"name": "b", "type": "int"}]
    writer = {"type": "record", "name": "R", "fields": fields}
    started = process_time()

    with pytest.raises(MalformedBody):
        decode(HUGE + b"\x00\x02\x00", writer, fields=("b",))

    assert process_time() - started < 1


def test_blocks_that_tell_their_size_are_read_and_stepped_over() -> None:
    """A negative count is followed by the block's size in bytes (Avro, "Arrays")."""
    array = {"type": "array", "items": "int"}
    fields = [{"name": "a", "type": array}, {"name": "b", "type": "int"}]
    writer = {"type": "record", "name": "R", "fields": fields}
    body = b"\x03\x04\x02\x04" + b"\x02\x06" + b"\x00" + b"\x0a"

    assert decode(body, writer) == {"a": [1, 2, 3], "b": 5}
    assert decode(body, writer, fields=("b",)) == {"b": 5}


def test_items_of_a_byte_each_may_be_any_number() -> None:
    """Only what takes no byte of the body is limited."""
    schema = {"type": "array", "items": ["null", "int"]}
    event = [None] * 70_000

    assert decode(encode(event, schema), schema) == event


def test_numbers_in_more_bytes_than_needed_are_read() -> None:
    """Avro asks no writer for the shortest form; a 0 in two bytes ends an array too."""
    array = {"type": "array", "items": "int"}
    union = ["null", ENUM]
    fields = [{"name": "a", "type": array}, {"name": "b", "type": union}]
    writer = {"type": "record", "name": "R", "fields": fields}
    body = b"\x82\x00\x82\x00\x80\x00" + b"\x82\x00\x82\x00"

    assert decode(body, writer) == {"a": [1], "b": "B"}


def test_values_nested_beyond_the_stack_are_refused() -> None:
    """A list of a thousand links is followed, one of a hundred thousand refused."""
    link = {"name": "next", "type": ["null", "Link"]}
    writer = {"type": "record", "name": "Link", "fields": [link]}

    assert decode(b"\x02" * 100 + b"\x00", writer)["next"]["next"]
    with pytest.raises(MalformedBody, match="nested too deeply"):
        decode(b"\x02" * 100_000 + b"\x00", writer)


CONTRACT = load_catalog(CONTRACTS).get_contract("order-details-value").newest
ORDER = {
    "order_id": "10248",
    "customer": {"id": "VINET", "name": "Paul", "email": "p@shop.example"},
    "items": [
        {
            "sku": "11",
            "name": "Queso Cabrales",
            "quantity": 300,
            "unit_price": Decimal("14.00"),
            "discount": Decimal("0.05"),
        }
    ],
    "currency": "EUR",
    "created_at": 1767225600000,
}


BODY = encode(ORDER, CONTRACT.schema)


@pytest.mark.parametrize("length", range(len(BODY)))
def test_order_cut_off_anywhere_is_refused(length: int) -> None:
    """No beginning of an order is taken for an order."""
    with pytest.raises(MalformedBody):
        decode(BODY[:length], CONTRACT.schema)


def test_error_names_the_byte_and_the_field() -> None:
    """Whoever looks into a dead letter knows where to look."""
    body = BODY.replace(b"Queso", b"Qu\xffso")

    with pytest.raises(MalformedBody) as refused:
        decode(body, CONTRACT.schema)

    assert refused.value.path == "items[].name"
    assert body[: refused.value.offset].endswith(b"11")
    assert str(refused.value).startswith(f"byte {refused.value.offset} (items[].name)")


def test_bytes_before_the_offset_are_not_the_body() -> None:
    """The five bytes of the wire format need no copy of the rest."""
    codec = compile_decoder(writer=json.dumps("string"))

    assert codec.function(b"\x00\x00\x00\x00\x01\x04ab", 5) == "ab"


LONG = "é" * 100


@pytest.mark.parametrize(
    ("texts", "is_text"),
    [
        ([b"", b"sku", b"n"], True),
        ([LONG.encode(), b"sku", "Zoë".encode()], True),
        ([b"sku", LONG.encode(), b"n"], True),
        ([b"\xff", b"sku", b"n"], False),
        ([b"sku", b"n", b"\xc3"], False),
        ([b"\xc3", LONG.encode(), b"n"], False),
        ([b"sku", LONG.encode() + b"\xff", b"n"], False),
        ([b"a\xc3", b"\xa9b", b"n"], False),
    ],
)
def test_text_that_nobody_reads_must_be_text(
    texts: list[bytes],
    is_text: bool,  # noqa: FBT001 - the verdict
) -> None:
    """Whether a body is refused does not depend on who reads it."""
    names = ["x", "y", "z"]
    fields = [{"name": each, "type": "string"} for each in names]
    number = {"name": "n", "type": "int"}
    writer = {"type": "record", "name": "R", "fields": [*fields, number]}
    as_bytes = json.loads(json.dumps(writer).replace('"string"', '"bytes"'))
    body = encode(dict(zip(names, texts, strict=True)) | {"n": 7}, as_bytes)

    with nullcontext() if is_text else pytest.raises(MalformedBody, match="not UTF-8"):
        assert decode(body, writer, fields=("n",)) == {"n": 7}


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (b"\x00", 0),
        (b"\x02\x80", -128),
        (b"\x04\xff\x80", -128),
        (b"\x04\x00\x80", 128),
        (b"\x06\x00\x00\x05", 5),
        (b"\x04\x03\xe7", 999),
    ],
)
def test_decimals_of_any_sign_and_length_are_scaled(body: bytes, number: int) -> None:
    """Few bytes, many, or none: the integer is the one that the bytes mean."""
    schema = json.dumps({**DECIMAL, "precision": 5})

    scaled = compile_decoder(writer=schema, numbers=Numbers.SCALED)

    assert scaled.function(body, 0) == number
