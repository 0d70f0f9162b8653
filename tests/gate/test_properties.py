"""What is called readable can be read: generated schemas, generated records."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.compatibility import (
    AmbiguousField,
    ArraySchema,
    AvroSchema,
    AvroType,
    EnumSchema,
    FixedSchema,
    InvalidSchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
    check_readable,
    parse_schema,
)
from registry.gate.data_table import DATA_RULES
from registry.gate.java import read_as_java
from registry.gate.java_values import JavaFailure
from registry.gate.python import PythonFailure, read_as_python
from registry.gate.rule import Comparison
from registry.gate.samples import Branch, Sample, encode
from registry.gate.texts import text_of

_FASTAVRO_RAISES = {"BYTES_READ_AS_STRING", "UNION_CHANGES_TYPE"}
"""Rules on whose changes fastavro is known to raise."""

_JAVA_RAISES = {
    "ALIAS_CLAIMED_TWICE",
    "LOGICAL_TYPE_ADDED",
    "LOGICAL_TYPE_CHANGED",
    "NAMESPACE_HIDES_ALIAS",
    "TYPE_ALIAS_COLLIDES",
}
"""Rules on whose changes Java is known to raise."""

_PRIMITIVES = st.sampled_from(
    ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
)
_LOGICAL = st.sampled_from(
    [
        {"type": "long", "logicalType": "timestamp-millis"},
        {"type": "int", "logicalType": "date"},
        {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
    ]
)
_ENUMS = st.sampled_from(
    [
        {"type": "enum", "name": "E", "symbols": ["A", "B"]},
        {"type": "enum", "name": "E", "symbols": ["A", "B", "C"], "default": "A"},
        {"type": "enum", "name": "E", "symbols": ["B", "C"], "default": "B"},
    ]
)
_SIMPLE = st.one_of(_PRIMITIVES, _LOGICAL)
_TYPES = st.one_of(
    _SIMPLE,
    _SIMPLE.map(lambda each: {"type": "array", "items": each}),
    _SIMPLE.map(lambda each: {"type": "map", "values": each}),
    st.lists(_PRIMITIVES, min_size=1, max_size=3, unique=True),
    _ENUMS,
)
_RELAXED = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[AvroSchema, AvroSchema]:
    """Draw a writer and a reader that share some of their fields."""
    writer = [(name, draw(_TYPES)) for name in ("a", "b")]
    reader = [(name, draw(st.one_of(st.just(kind), _TYPES))) for name, kind in writer]
    return _record(reader), _record(writer)


def _record(fields: list[tuple[str, Any]]) -> AvroSchema:
    listed = [{"name": name, "type": _named(kind, name)} for name, kind in fields]
    return parse_schema(json.dumps({"type": "record", "name": "R", "fields": listed}))


def _named(kind: Any, name: str) -> Any:  # noqa: ANN401 - JSON of a schema
    is_enum = isinstance(kind, dict) and "symbols" in kind
    return {**kind, "name": f"E{name}"} if is_enum else kind


def _is_readable(reader: AvroSchema, writer: AvroSchema) -> bool:
    try:
        return not check_readable(reader=reader, writer=writer)
    except (AmbiguousField, InvalidSchema):
        return False


_DRAWN: dict[AvroType, st.SearchStrategy[Sample]] = {
    AvroType.NULL: st.none(),
    AvroType.BOOLEAN: st.booleans(),
    AvroType.INT: st.integers(-(2**31), 2**31 - 1),
    AvroType.LONG: st.integers(-(2**40), 2**40),
    AvroType.FLOAT: st.floats(width=32, allow_nan=False, allow_infinity=False),
    AvroType.DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
    AvroType.BYTES: st.binary(max_size=4),
    AvroType.STRING: st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
}


def _samples(  # noqa: PLR0911 - one line a type
    schema: Schema,
) -> st.SearchStrategy[Sample]:
    match schema:
        case RecordSchema():
            return st.tuples(*(_samples(each.type) for each in schema.fields)).map(list)
        case ArraySchema():
            return st.lists(_samples(schema.items), max_size=2)
        case MapSchema():
            return st.dictionaries(
                st.text(max_size=2), _samples(schema.values), max_size=2
            )
        case UnionSchema():
            return st.integers(0, len(schema.branches) - 1).flatmap(
                lambda index: _samples(schema.branches[index]).map(
                    lambda value: Branch(index, value)
                )
            )
        case EnumSchema():
            return st.sampled_from(schema.symbols)
        case FixedSchema():
            return st.binary(min_size=schema.size, max_size=schema.size)
    if schema.props.get("logicalType") is not None and schema.type is AvroType.INT:
        return st.integers(0, 40_000)
    return _DRAWN[schema.type]


def _rules(reader: AvroSchema, writer: AvroSchema) -> set[str]:
    comparison = Comparison.of(reader=reader.root, writer=writer.root)
    return {rule.rule_id for rule in DATA_RULES for _ in rule.find(comparison)}


@_RELAXED
@given(pair=_pairs().filter(lambda pair: _is_readable(*pair)), data=st.data())
def test_fastavro_reads_what_is_called_readable(
    pair: tuple[AvroSchema, AvroSchema], data: st.DataObject
) -> None:
    """Where it raises on a record, a rule has said so."""
    reader, writer = pair
    body = encode(writer.root, data.draw(_samples(writer.root)))

    assert _fastavro_reads(body, reader, writer) or (
        _rules(reader, writer) & _FASTAVRO_RAISES
    )


@_RELAXED
@given(pair=_pairs().filter(lambda pair: _is_readable(*pair)), data=st.data())
def test_java_reads_what_is_called_readable(
    pair: tuple[AvroSchema, AvroSchema], data: st.DataObject
) -> None:
    """Where Java raises on a record, a rule has said so."""
    reader, writer = pair
    sample = data.draw(_samples(writer.root))

    assert _java_reads(sample, reader, writer) or (
        _rules(reader, writer) & _JAVA_RAISES
    )


@_RELAXED
@given(pair=_pairs())
def test_schema_against_itself_gives_no_finding(
    pair: tuple[AvroSchema, AvroSchema],
) -> None:
    """What has not changed does no harm."""
    again = parse_schema(pair[0].text)

    assert _rules(pair[0], again) == set()


def _fastavro_reads(body: bytes, reader: AvroSchema, writer: AvroSchema) -> bool:
    try:
        read_as_python(body, writer=text_of(writer.root), reader=text_of(writer.root))
    except PythonFailure:
        return True  # not even its own writer's records: no question of resolution
    try:
        read_as_python(body, writer=text_of(writer.root), reader=text_of(reader.root))
    except PythonFailure:
        return False
    return True


def _java_reads(sample: Sample, reader: AvroSchema, writer: AvroSchema) -> bool:
    try:
        read_as_java(sample, writer=writer.root, reader=writer.root)
    except JavaFailure:
        return True  # not even its own writer's records: no question of resolution
    try:
        read_as_java(sample, writer=writer.root, reader=reader.root)
    except JavaFailure:
        return False
    return True
