"""Read a sample as Avro for Java does: rename by alias, resolve, convert.

Java applies the logical types of the *reader*, whatever the writer meant.
"""

import struct

from registry.compatibility.json_values import JsonValue
from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.gate.defaults import default_sample
from registry.gate.java_aliases import apply_aliases, full_name
from registry.gate.java_branches import find_branch, is_promotable
from registry.gate.java_values import JavaFailure, Value, convert
from registry.gate.logical import logical_type
from registry.gate.samples import Branch, Sample


def read_as_java(sample: Sample, *, writer: Schema, reader: Schema) -> Value:
    """Return what a Java reader gets from the writer's sample.

    Raises:
        JavaFailure: It raises.
    """
    return _read(sample, apply_aliases(writer, reader), reader)


def _read(sample: Sample, writer: Schema, reader: Schema) -> Value:
    if isinstance(writer, UnionSchema):
        if not isinstance(sample, Branch):
            raise TypeError("a union's sample is a Branch")
        return _read(sample.value, writer.branches[sample.index], reader)
    if isinstance(reader, UnionSchema):
        index = find_branch(writer, reader)
        if index is None:
            raise _mismatch(writer, reader)
        return _read(sample, writer, reader.branches[index])
    if writer.type is not reader.type:
        return _converted(_promote(sample, writer, reader), reader)
    return _converted(_same(sample, writer, reader), reader)


def _same(sample: Sample, writer: Schema, reader: Schema) -> Value:
    match writer, reader, sample:
        case RecordSchema(), RecordSchema(), list():
            return _record(sample, writer, reader)
        case ArraySchema(), ArraySchema(), list():
            return [_read(each, writer.items, reader.items) for each in sample]
        case MapSchema(), MapSchema(), dict():
            return {
                key: _read(each, writer.values, reader.values)
                for key, each in sample.items()
            }
        case EnumSchema(), EnumSchema(), str():
            return _symbol(sample, writer, reader)
        case FixedSchema(), FixedSchema(), _:
            if writer.name.simple != reader.name.simple or writer.size != reader.size:
                raise _mismatch(writer, reader)
    if writer.type is AvroType.FLOAT and isinstance(sample, int | float):
        return _float(sample)
    return sample


def _record(sample: list[Sample], writer: RecordSchema, reader: RecordSchema) -> Value:
    written = {
        each.name: (each.type, value)
        for each, value in zip(writer.fields, sample, strict=True)
    }
    return {
        each.name: _read(written[each.name][1], written[each.name][0], each.type)
        if each.name in written
        else _default(each, writer, reader)
        for each in reader.fields
    }


def _default(each: Field, writer: RecordSchema, reader: RecordSchema) -> Value:
    if each.default is None:
        text = f"{_mismatch(writer, reader)}, missing required field {each.name}"
        raise JavaFailure(text)
    return read_default(each.type, each.default)


def read_default(schema: Schema, default: JsonValue) -> Value:
    """Return the value that Java gives a missing field of the type."""
    return _read(default_sample(schema, default), schema, schema)


def _symbol(sample: str, writer: EnumSchema, reader: EnumSchema) -> Value:
    if writer.name.simple != reader.name.simple:
        raise _mismatch(writer, reader)
    if sample in reader.symbols:
        return sample
    if reader.default is not None:
        return reader.default
    raise JavaFailure(f"AvroTypeException: No match for {sample}")


def _promote(sample: Sample, writer: Schema, reader: Schema) -> Value:
    if not is_promotable(writer.type, reader.type):
        raise _mismatch(writer, reader)
    if reader.type is AvroType.FLOAT and isinstance(sample, int | float):
        return _float(sample)
    if reader.type is AvroType.DOUBLE and isinstance(sample, int | float):
        return float(_float(sample) if writer.type is AvroType.FLOAT else sample)
    if isinstance(sample, bytes):
        return sample.decode("utf-8", "replace")
    if isinstance(sample, str):
        return sample.encode("utf-8", "replace")
    return sample


def _converted(value: Value, reader: Schema) -> Value:
    logical = logical_type(reader)
    return value if logical is None else convert(logical, value)


def _float(number: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", number))[0])


def _mismatch(writer: Schema, reader: Schema) -> JavaFailure:
    found = f"Found {full_name(writer)}, expecting {full_name(reader)}"
    return JavaFailure(f"AvroTypeException: {found}")
