"""Which branch of a reader's union Avro for Java reads a type with."""

from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

_PROMOTIONS: dict[AvroType, frozenset[AvroType]] = {
    AvroType.INT: frozenset({AvroType.LONG, AvroType.FLOAT, AvroType.DOUBLE}),
    AvroType.LONG: frozenset({AvroType.FLOAT, AvroType.DOUBLE}),
    AvroType.FLOAT: frozenset({AvroType.DOUBLE}),
    AvroType.STRING: frozenset({AvroType.BYTES}),
    AvroType.BYTES: frozenset({AvroType.STRING}),
}


def is_promotable(writer: AvroType, reader: AvroType) -> bool:
    """True if Avro reads the one type as the other."""
    return reader in _PROMOTIONS.get(writer, frozenset())


def find_branch(writer: Schema, reader: UnionSchema) -> int | None:
    """Return the index of the branch, or None if none will do.

    The same type wins, for a named type by full name; else the first record that
    could be read, one of the same simple name before others; else the first
    promotion.
    """
    exact = _exact_branch(writer, reader)
    if exact is not None:
        return exact
    structural = _structural_branch(writer, reader)
    if structural is not None:
        return structural
    for index, branch in enumerate(reader.branches):
        if is_promotable(writer.type, branch.type):
            return index
    return None


def _exact_branch(writer: Schema, reader: UnionSchema) -> int | None:
    for index, branch in enumerate(reader.branches):
        if writer.type is branch.type and _has_same_name(writer, branch):
            return index
    return None


def _has_same_name(writer: Schema, reader: Schema) -> bool:
    if isinstance(writer, NamedSchema) and isinstance(reader, NamedSchema):
        return writer.name == reader.name
    return True


def _structural_branch(writer: Schema, reader: UnionSchema) -> int | None:
    if not isinstance(writer, RecordSchema):
        return None
    first: int | None = None
    for index, branch in enumerate(reader.branches):
        if not isinstance(branch, RecordSchema) or not can_read(writer, branch, set()):
            continue
        if first is None or branch.name.simple == writer.name.simple:
            first = index
    return first


def can_read(writer: Schema, reader: Schema, seen: set[tuple[int, int]]) -> bool:
    """True if no part of the two makes resolution fail; unions count as fine."""
    key = (id(writer), id(reader))
    if key in seen or isinstance(writer, UnionSchema):
        return True
    seen.add(key)
    if isinstance(reader, UnionSchema):
        return find_branch(writer, reader) is not None
    if writer.type is not reader.type:
        return is_promotable(writer.type, reader.type)
    return _can_read_same(writer, reader, seen)


def _can_read_same(writer: Schema, reader: Schema, seen: set[tuple[int, int]]) -> bool:
    match writer, reader:
        case RecordSchema(), RecordSchema():
            return _can_read_record(writer, reader, seen)
        case ArraySchema(), ArraySchema():
            return can_read(writer.items, reader.items, seen)
        case MapSchema(), MapSchema():
            return can_read(writer.values, reader.values, seen)
    if isinstance(writer, NamedSchema) and isinstance(reader, NamedSchema):
        return writer.name.simple == reader.name.simple
    return True


def _can_read_record(
    writer: RecordSchema, reader: RecordSchema, seen: set[tuple[int, int]]
) -> bool:
    written = {each.name: each for each in writer.fields}
    for each in reader.fields:
        if each.name not in written:
            if each.default is None:
                return False
        elif not can_read(written[each.name].type, each.type, seen):
            return False
    return True
