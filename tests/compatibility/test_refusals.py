"""What is no schema, in the sentences of Avro's own parser."""

import json
from typing import Any

import pytest

from registry.compatibility import AvroVersion, InvalidSchema, parse_schema

A: dict[str, Any] = {"name": "a", "type": "int"}
INT_LAST = 2**31 - 1
NO_ORDER = (
    'Cannot invoke "String.toUpperCase(java.util.Locale)" because the return value of'
    ' "com.fasterxml.jackson.databind.JsonNode.textValue()" is null'
)
TOO_LONG = "Cannot read arrays longer than 2147483639 bytes in Java library"


def record(*fields: object) -> str:
    """Return the text of a record R."""
    return json.dumps({"type": "record", "name": "R", "fields": fields})


def fixed(size: float) -> str:
    """Return the text of a fixed type F."""
    return f'{{"type":"fixed","name":"F","size":{size}}}'


def refusal(text: str, avro: AvroVersion = AvroVersion.V1_12) -> InvalidSchema:
    """Return the error with which the text is refused."""
    with pytest.raises(InvalidSchema) as caught:
        parse_schema(text, avro=avro)
    return caught.value


@pytest.mark.parametrize("avro", AvroVersion)
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("5", "Schema not yet supported: 5"),
        ('{"type":"array","items":null}', "Schema not yet supported: null"),
        (record(A | {"type": True}), "Schema not yet supported: true"),
        (record(5), "No field name: 5"),
        (record({"name": 5}), 'No field name: {"name":5}'),
        (record({"name": "a"}), 'No field type: {"name":"a"}'),
        (record(A | {"order": 5}), NO_ORDER),
        (
            record(A | {"order": "up"}),
            "No enum constant org.apache.avro.Schema.Field.Order.UP",
        ),
        (
            record(A, A | {"type": ["null"]}),
            "Duplicate field a in record R: a type:UNION pos:1 and a type:INT pos:0.",
        ),
        ('{"type":"enum","name":"E","symbols":["A",5]}', "Null name"),
        (fixed(1.0), f"Invalid or no size: {fixed(1.0)}"),
        (fixed(INT_LAST + 1), f"Invalid or no size: {fixed(INT_LAST + 1)}"),
        (fixed(-INT_LAST - 2), f"Invalid or no size: {fixed(-INT_LAST - 2)}"),
        (fixed(-1), "Malformed data. Length is negative: -1"),
        (
            fixed(-INT_LAST - 1),
            f"Malformed data. Length is negative: {-INT_LAST - 1}",
        ),
        (fixed(INT_LAST), TOO_LONG),
        (fixed(2147483640), TOO_LONG),
    ],
)  # fmt: skip
def test_both_generations_refuse_in_the_same_words(
    text: str, reason: str, avro: AvroVersion
) -> None:
    """The sentence is Avro's, whichever generation is asked."""
    assert refusal(text, avro).reason == reason


@pytest.mark.parametrize(
    ("text", "before", "since"),
    [
        ('["Nope"]', 'Undefined name: "Nope"', "Undefined schema: Nope"),
        (
            '{"type":"map","values":"a-b"}',
            "Illegal character in: a-b",
            "Undefined schema: a-b",
        ),
        (
            record(A | {"type": [], "default": 1}),
            "Index 0 out of bounds for length 0",
            "Invalid default for field a: 1 not a []",
        ),
        (
            record(A | {"type": {"type": "X"}}),
            "Type not supported: X",
            "Undefined schema: X",
        ),
    ],
)
def test_generations_differ_in_the_words(text: str, before: str, since: str) -> None:
    """Since 1.12 names are looked up at the end, and every branch has a say."""
    reasons = [refusal(text, avro).reason for avro in AvroVersion]

    assert reasons == [before, since]


@pytest.mark.parametrize("order", ["Descending", "DESCENDING", "de\u017fcending"])
def test_an_order_counts_in_any_letter_case(order: str) -> None:
    """What Java writes DESCENDING in upper case is that order."""
    schema = parse_schema(record(A | {"order": order}))

    assert '"order":"descending"' in schema.canonical_text


def test_the_largest_fixed_type_is_accepted() -> None:
    """Java's longest array."""
    assert parse_schema(fixed(2147483639)).canonical_text == fixed(2147483639)


ENUM: dict[str, Any] = {"type": "enum", "name": "T", "symbols": ["A"]}
FIXED: dict[str, Any] = {"type": "fixed", "name": "T", "size": 1}


def holder(of: object, **others: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a record T with a field of that type."""
    return {"type": "record", "name": "T", "fields": [{"name": "f", "type": of}]} | (
        others
    )


@pytest.mark.parametrize(
    "again",
    [
        holder("int", doc="d"),
        holder("int", aliases=["U"]),
        holder("int", type="error"),
    ],
)
def test_docs_and_aliases_make_no_other_type(again: dict[str, Any]) -> None:
    """Since 1.12 a definition may come again; what readers ignore may differ."""
    text = record(A | {"type": holder("int")}, {"name": "b", "type": again})

    printed = json.loads(parse_schema(text).canonical_text)

    assert printed["fields"][1]["type"] == "T"


@pytest.mark.parametrize(
    "inner",
    [
        "int",
        "Other",
        ["null", "Other"],
        {"type": "array", "items": "Other"},
        {"type": "map", "values": ["int", "Other"]},
    ],
)
def test_a_record_may_be_defined_again_alike(inner: object) -> None:
    """Since 1.12; a type defined elsewhere is the same in both."""
    other = ENUM | {"name": "Other"}
    fields = [
        {"name": "o", "type": other},
        {"name": "a", "type": holder(inner)},
        {"name": "b", "type": holder(inner)},
    ]

    printed = json.loads(parse_schema(record(*fields)).canonical_text)

    assert printed["fields"][2]["type"] == "T"


@pytest.mark.parametrize(
    ("once", "again"),
    [
        (ENUM, FIXED),
        (FIXED, ENUM),
        (ENUM, ENUM | {"symbols": ["B"]}),
        (ENUM, ENUM | {"symbols": ["A", "B"]}),
        (FIXED, FIXED | {"size": 2}),
        (FIXED, FIXED | {"p": 1}),
        (ENUM, holder("int")),
        (holder("int"), ENUM),
        (holder("int"), holder("long")),
        (holder("int"), holder(["int"])),
        (holder(["int"]), holder("int")),
        (holder(["int"]), holder(["long"])),
        (holder(["null", "T"]), holder(["null", "T"])),
        (holder(["int"]), holder(["int", "null"])),
        (holder("int"), holder({"type": "int", "p": 1})),
        (
            holder({"type": "array", "items": "int"}),
            holder({"type": "array", "items": "long"}),
        ),
        (
            holder({"type": "array", "items": "int"}),
            holder({"type": "map", "values": "int"}),
        ),
        (
            holder({"type": "map", "values": "int"}),
            holder({"type": "map", "values": "long"}),
        ),
        (
            holder({"type": "map", "values": "int"}),
            holder({"type": "map", "values": "int", "p": 1}),
        ),
        (holder("int"), holder("int", p=1)),
        (holder("int"), holder("int", fields=[])),
        (holder("int"), holder("int", fields=[A])),
        (holder("int"), holder("int", fields=[{"name": "f", "type": "int", "p": 1}])),
        (
            holder("int"),
            holder("int", fields=[{"name": "f", "type": "int", "default": 1}]),
        ),
        (
            holder("int"),
            holder("int", fields=[{"name": "f", "type": "int", "order": "ignore"}]),
        ),
    ],
)
def test_a_type_may_not_be_defined_again_otherwise(
    once: dict[str, Any], again: dict[str, Any]
) -> None:
    """Kind, symbols, size, fields, defaults, orders and properties must be those.

    A record that contains itself is never alike.
    """
    text = record(A | {"type": once}, {"name": "b", "type": again})

    assert refusal(text).reason == "Can't redefine: T"
