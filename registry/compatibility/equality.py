"""When two types are the same for Avro: names, fields and properties, not docs."""

from registry.compatibility.model import (
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

_SeenPairs = set[tuple[int, int]]


def are_same(one: Schema, other: Schema) -> bool:
    """Compare types, full names, fields with defaults and order, and properties.

    Docs, aliases, enum defaults and whether a record is an error play no part.
    """
    return _are_same(one, other, set())


def _are_same(one: Schema, other: Schema, seen: _SeenPairs) -> bool:
    if one is other:
        return True
    match one, other:
        case UnionSchema(), UnionSchema():
            return _are_all_same(one.branches, other.branches, seen)
        case RecordSchema(), RecordSchema():
            return _are_same_records(one, other, seen)
        case (UnionSchema() | RecordSchema(), _) | (_, UnionSchema() | RecordSchema()):
            return False
        case ArraySchema(), ArraySchema():
            is_alike = _are_same(one.items, other.items, seen)
        case MapSchema(), MapSchema():
            is_alike = _are_same(one.values, other.values, seen)
        case _:
            is_alike = _are_same_leaves(one, other)
    return is_alike and one.props == other.props


def _are_same_leaves(one: Schema, other: Schema) -> bool:
    match one, other:
        case EnumSchema(), EnumSchema():
            return one.name == other.name and one.symbols == other.symbols
        case FixedSchema(), FixedSchema():
            return one.name == other.name and one.size == other.size
        case PrimitiveSchema(), PrimitiveSchema():
            return one.type is other.type
    return False


def _are_all_same(
    ones: tuple[Schema, ...], others: tuple[Schema, ...], seen: _SeenPairs
) -> bool:
    return len(ones) == len(others) and all(
        _are_same(one, other, seen) for one, other in zip(ones, others, strict=True)
    )


def _are_same_records(one: RecordSchema, other: RecordSchema, seen: _SeenPairs) -> bool:
    pair = (id(one), id(other))
    if pair in seen:
        return True  # within itself; the comparison under way decides
    if one.name != other.name or len(one.fields) != len(other.fields):
        return False
    seen.add(pair)
    fields = zip(one.fields, other.fields, strict=True)
    is_alike = all(_are_same_fields(left, right, seen) for left, right in fields)
    seen.discard(pair)
    return is_alike and one.props == other.props


def _are_same_fields(one: Field, other: Field, seen: _SeenPairs) -> bool:
    return (
        one.name == other.name
        and one.order is other.order
        and one.default == other.default
        and one.props == other.props
        and _are_same(one.type, other.type, seen)
    )
