"""The normal form, beyond the recorded rows."""

import json

import pytest

from registry.compatibility import (
    AvroVersion,
    InvalidSchema,
    normalize,
    parse_schema,
)

MAP_OF_FLOAT = {"type": "map", "values": "float"}


def normal_text(text: str, *, is_new: bool = True) -> str:
    """Return the canonical string of the text's normal form."""
    return normalize(parse_schema(text, is_new=is_new)).canonical_text


def normal_default(schema: object, default: object) -> str:
    """Return how the normal form writes a field's default, or ``""``."""
    field = {"name": "f", "type": schema, "default": default}
    text = json.dumps({"type": "record", "name": "R", "fields": [field]})
    _, _, after = normal_text(text, is_new=False).partition(',"default":')
    return after.removesuffix("}]}")


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (
            '{"type":"int","z":1,"logicalType":"date","a":{"y":[{"d":1,"c":2}],"x":0}}',
            '{"type":"int","logicalType":"date","a":{"x":0,"y":[{"c":2,"d":1}]},"z":1}',
        ),
        (
            '{"type":"int","logicalType":"uuid","a":1}',
            '{"type":"int","a":1,"logicalType":"uuid"}',
        ),
        (
            '{"type":"bytes","a":0,"scale":2,"precision":4,"logicalType":"decimal"}',
            '{"type":"bytes","logicalType":"decimal","precision":4,"scale":2,"a":0}',
        ),
        (
            '{"type":"fixed","name":"F","size":1,"precision":2,"a":0,"logicalType":"decimal"}',
            '{"type":"fixed","name":"F","size":1,"logicalType":"decimal","precision":2,"a":0}',
        ),
        (
            '{"type":"fixed","name":"F","size":1,"precision":3,"a":0,"logicalType":"decimal"}',
            '{"type":"fixed","name":"F","size":1,"a":0,"logicalType":"decimal","precision":3}',
        ),
        (
            '{"type":"bytes","precision":0,"a":0,"logicalType":"decimal"}',
            '{"type":"bytes","a":0,"logicalType":"decimal","precision":0}',
        ),
        (
            '{"type":"fixed","name":"n.F","size":1,"aliases":["b","m.a",".c"],"doc":""}',
            '{"type":"fixed","name":"F","namespace":"n","size":1,"aliases":["c","m.a","b"]}',
        ),
        (
            '{"type":"map","values":{"type":"array","items":"int","b":1,"a":2},"d":1}',
            '{"type":"map","values":{"type":"array","items":"int","a":2,"b":1},"d":1}',
        ),
    ],
)  # fmt: skip
def test_properties_and_aliases_are_sorted(text: str, normal: str) -> None:
    """A valid logical type comes first; others are properties like any other."""
    assert normal_text(text) == normal


@pytest.mark.parametrize(("precision", "is_valid"), [(28, True), (29, False)])
def test_a_decimal_has_the_digits_that_its_bytes_hold(
    precision: int, *, is_valid: bool
) -> None:
    """Twelve bytes hold 28 digits; with more it is no logical type."""
    decimal = {"a": 0, "logicalType": "decimal", "precision": precision}
    text = json.dumps({"type": "fixed", "name": "F", "size": 12} | decimal)

    properties = list(json.loads(normal_text(text)))[3:]

    assert (properties == ["logicalType", "precision", "a"]) is is_valid


def test_names_are_sorted_as_java_sorts_strings() -> None:
    """By UTF-16 code units: a pair of surrogates before the last of the first plane."""
    text = json.dumps(
        {
            "type": "enum",
            "name": "E",
            "symbols": [],
            "aliases": ["\uff5a", "\U00010400", "a"],
            "\uff5a": 1,
            "\U00010400": 2,
            "\udc00": 3,
        }
    )

    normal = json.loads(normal_text(text, is_new=False))

    assert normal["aliases"] == ["a", "\U00010400", "\uff5a"]
    assert list(normal)[3:-1] == ["\U00010400", "\udc00", "\uff5a"]


@pytest.mark.parametrize(
    ("base", "name", "since"),
    [
        ({"type": "long"}, "timestamp-micros", AvroVersion.V1_11),
        ({"type": "long"}, "timestamp-nanos", AvroVersion.V1_12),
        ({"type": "long"}, "local-timestamp-nanos", AvroVersion.V1_12),
        ({"type": "bytes"}, "big-decimal", AvroVersion.V1_12),
        ({"type": "fixed", "name": "F", "size": 12}, "duration", AvroVersion.V1_12),
        ({"type": "fixed", "name": "F", "size": 16}, "uuid", AvroVersion.V1_12),
        ({"type": "string"}, "uuid", AvroVersion.V1_11),
        ({"type": "fixed", "name": "F", "size": 11}, "duration", None),
        ({"type": "string"}, "timestamp-nanos", None),
    ],
)
def test_a_logical_type_comes_first_since_avro_knows_it(
    base: dict[str, object], name: str, since: AvroVersion | None
) -> None:
    """Before, and on a type that cannot bear it, it is a property like any other."""
    text = json.dumps(base | {"a": 0, "logicalType": name})

    first = [
        avro
        for avro in AvroVersion
        if f'"logicalType":"{name}","a":0'
        in normalize(parse_schema(text, avro=avro)).canonical_text
    ]

    assert first == [avro for avro in AvroVersion if since and avro >= since]


@pytest.mark.parametrize(
    ("schema", "default", "written"),
    [
        ("double", 1, "1.0"),
        ("float", 0.1, "0.1"),
        ("float", 16777217, "1.6777216E7"),
        ("float", "NaN", '"NaN"'),
        ("int", 2**31, "2147483648"),
        ("int", 1.5, ""),
        ("long", 2**63, ""),
        ("string", 5, ""),
        ("string", None, "null"),
        ("bytes", "é名", '"é?"'),
        (["double", "null"], 1, "1.0"),
        (["null", "string"], "x", ""),
        (MAP_OF_FLOAT, {"b": 1, "a": 2}, '{"a":2.0,"b":1.0}'),
        (MAP_OF_FLOAT, [], "[]"),
        ({"type": "array", "items": "float"}, [1, 2], "[1.0,2.0]"),
        ("int", {"b": 1, "a": 2.50}, '{"a":2.5,"b":1}'),
    ],
)
def test_defaults_are_written_anew_by_type(
    schema: object, default: object, written: str
) -> None:
    """Numbers take the form of the type; a simple value of another type is lost."""
    assert normal_default(schema, default) == written


@pytest.mark.parametrize(
    ("schema", "default", "sentence"),
    [
        ({"type": "array", "items": "int"}, ["a"], 'because "<parameter1>" is null'),
        (MAP_OF_FLOAT, {"a": "b"}, 'because "<parameter1>" is null'),
        (["null", {"type": "array", "items": "int"}], [1], 'Not an array: "null"'),
        ({"type": "record", "name": "N", "fields": []}, {"a": 1}, "getField"),
        ([], 1, "^Index 0 out of bounds for length 0$"),
    ],
)
def test_a_default_that_cannot_be_written_is_refused(
    schema: object, default: object, sentence: str
) -> None:
    """A part of another type inside the default stops the registry."""
    with pytest.raises(InvalidSchema, match=sentence):
        normal_default(schema, default)


def test_a_type_of_a_reference_stays_named() -> None:
    """The normal form refers to it and can still be resolved."""
    money = '{"type":"record","name":"shop.Money","fields":[]}'
    schema = parse_schema('["null", "shop.Money"]', references=[money])

    normal = normalize(schema)

    assert normal.canonical_text == '["null","shop.Money"]'
    assert normal.resolved_text == schema.resolved_text
