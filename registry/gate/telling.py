"""Samples that are not what a default would be, so that a loss shows."""

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
from registry.gate.paths import MAP_KEY
from registry.gate.samples import Branch, Sample, Unsampleable, smallest

_TELLING: dict[AvroType, Sample] = {
    AvroType.NULL: None,
    AvroType.BOOLEAN: True,
    AvroType.INT: 999,
    AvroType.LONG: 1_704_067_200_000,
    AvroType.FLOAT: 0.5,
    AvroType.DOUBLE: 12.5,
    AvroType.BYTES: b"\x04\xd2",
    AvroType.STRING: "a@b.example",
}
_DEEPEST = 3


def telling(schema: Schema, depth: int = 0) -> Sample:
    """Return a value with something in every part.

    Raises:
        Unsampleable: The schema contains itself without a way out.
    """
    if depth > _DEEPEST:
        return smallest(schema)
    match schema:
        case PrimitiveSchema():
            return _TELLING[schema.type]
        case RecordSchema():
            return [telling(each.type, depth + 1) for each in schema.fields]
        case FixedSchema():
            return bytes([1] * schema.size)
        case EnumSchema():
            return _uncommon_symbol(schema)
        case _:
            return _container(schema, depth)


def _container(schema: Schema, depth: int) -> Sample:
    match schema:
        case ArraySchema():
            return [telling(schema.items, depth + 1)]
        case MapSchema():
            return {MAP_KEY: telling(schema.values, depth + 1)}
        case UnionSchema():
            for index, branch in enumerate(schema.branches):
                if branch.type is not AvroType.NULL:
                    return Branch(index, telling(branch, depth + 1))
    return smallest(schema)


def _uncommon_symbol(schema: EnumSchema) -> str:
    for symbol in reversed(schema.symbols):
        if symbol != schema.default:
            return symbol
    raise Unsampleable(f"enum {schema.name} has no symbol but its default")
