"""Records made for a witness, and their Avro bytes.

A sample is a tree of plain values, before any logical type: a record is a list in the
order of its fields, an enum its symbol, a union a `Branch`. It holds the smallest value
everywhere but at the one place that a rule wants to probe.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    EnumSchema,
    FixedSchema,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.gate.paths import MAP_KEY, Step

Sample: TypeAlias = (
    "bool | int | float | str | bytes | list[Sample] | dict[str, Sample] | Branch"
    " | None"
)

_SMALLEST: dict[AvroType, Sample] = {
    AvroType.NULL: None,
    AvroType.BOOLEAN: False,
    AvroType.INT: 0,
    AvroType.LONG: 0,
    AvroType.FLOAT: 0.0,
    AvroType.DOUBLE: 0.0,
    AvroType.BYTES: b"",
    AvroType.STRING: "",
}
_DEEPEST = 60


class Unsampleable(ValueError):
    """No finite record of the schema could be made."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A value of a union, and which branch it belongs to."""

    index: int
    value: Sample


def sample_with(schema: Schema, steps: Sequence[Step], probe: Sample) -> Sample:
    """Return a record with `probe` at the end of `steps`, the smallest elsewhere.

    Raises:
        Unsampleable: The schema has no finite value there.
    """
    if not steps:
        return probe
    step, rest = steps[0], steps[1:]
    match schema:
        case RecordSchema():
            return [
                sample_with(each.type, rest, probe)
                if each.index == step.index
                else smallest(each.type)
                for each in schema.fields
            ]
        case ArraySchema():
            return [sample_with(schema.items, rest, probe)]
        case MapSchema():
            return {MAP_KEY: sample_with(schema.values, rest, probe)}
        case UnionSchema():
            inner = sample_with(schema.branches[step.index], rest, probe)
            return Branch(step.index, inner)
    raise Unsampleable(f"no step into {schema.type}")


def smallest(  # noqa: C901, PLR0911 - one line a type
    schema: Schema, depth: int = 0
) -> Sample:
    """Return the smallest value: null where it may be, empty lists, zero.

    Raises:
        Unsampleable: The schema contains itself without a way out.
    """
    if depth > _DEEPEST:
        raise Unsampleable("the schema contains itself without an end")
    match schema:
        case PrimitiveSchema():
            return _SMALLEST[schema.type]
        case RecordSchema():
            return [smallest(each.type, depth + 1) for each in schema.fields]
        case EnumSchema():
            return _first_symbol(schema)
        case FixedSchema():
            return bytes(schema.size)
        case ArraySchema():
            return []
        case MapSchema():
            return {}
        case UnionSchema():
            return _smallest_branch(schema, depth)


def encode(schema: Schema, sample: Sample) -> bytes:
    """Return the Avro body of the sample."""
    out = bytearray()
    _write(schema, sample, out)
    return bytes(out)


def _first_symbol(schema: EnumSchema) -> str:
    if not schema.symbols:
        raise Unsampleable(f"enum {schema.name} has no symbols")
    return schema.symbols[0]


def _smallest_branch(schema: UnionSchema, depth: int) -> Branch:
    order = sorted(
        range(len(schema.branches)),
        key=lambda index: _weight(schema.branches[index]),
    )
    for index in order:
        try:
            return Branch(index, smallest(schema.branches[index], depth + 1))
        except Unsampleable:
            continue
    raise Unsampleable("a union has no branch that ends")


def _weight(schema: Schema) -> int:
    if schema.type is AvroType.NULL:
        return 0
    return 2 if isinstance(schema, RecordSchema) else 1


def _write(schema: Schema, sample: Sample, out: bytearray) -> None:
    match schema, sample:
        case RecordSchema(), list():
            for each, value in zip(schema.fields, sample, strict=True):
                _write(each.type, value, out)
        case UnionSchema(), Branch():
            _write_long(sample.index, out)
            _write(schema.branches[sample.index], sample.value, out)
        case ArraySchema(), list():
            _write_blocks([(b"", schema.items, value) for value in sample], out)
        case MapSchema(), dict():
            _write_blocks(
                [(_key(key), schema.values, value) for key, value in sample.items()],
                out,
            )
        case EnumSchema(), str():
            _write_long(schema.symbols.index(sample), out)
        case FixedSchema(), bytes():
            out += sample
        case _:
            _write_primitive(schema.type, sample, out)


def _write_blocks(items: list[tuple[bytes, Schema, Sample]], out: bytearray) -> None:
    if items:
        _write_long(len(items), out)
    for key, schema, value in items:
        out += key
        _write(schema, value, out)
    _write_long(0, out)


def _key(text: str) -> bytes:
    out = bytearray()
    _write_primitive(AvroType.STRING, text, out)
    return bytes(out)


def _write_primitive(kind: AvroType, sample: Sample, out: bytearray) -> None:
    match kind, sample:
        case AvroType.NULL, None:
            return
        case AvroType.BOOLEAN, bool():
            out.append(int(sample))
        case ((AvroType.INT | AvroType.LONG), int()):
            _write_long(sample, out)
        case AvroType.FLOAT, (int() | float()):
            out += struct.pack("<f", sample)
        case AvroType.DOUBLE, (int() | float()):
            out += struct.pack("<d", sample)
        case AvroType.BYTES, bytes():
            _write_long(len(sample), out)
            out += sample
        case AvroType.STRING, str():
            text = sample.encode("utf-8", "surrogatepass")
            _write_long(len(text), out)
            out += text
        case _:
            raise Unsampleable(f"{sample!r} is no {kind}")


def _write_long(number: int, out: bytearray) -> None:
    coded = (number << 1) ^ (number >> 63)
    while coded & ~0x7F:
        out.append((coded & 0x7F) | 0x80)
        coded >>= 7
    out.append(coded)
