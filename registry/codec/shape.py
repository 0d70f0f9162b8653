"""What can be said about a type's bytes without seeing them."""

from collections import Counter
from collections.abc import Iterator

from registry.codec.logical import Numbers, logical_of
from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    FixedSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
    find_parts,
)

_FIXED_WIDTHS = {
    AvroType.NULL: 0,
    AvroType.BOOLEAN: 1,
    AvroType.FLOAT: 4,
    AvroType.DOUBLE: 8,
}


_CHECKED = {
    AvroType.NULL,
    AvroType.LONG,
    AvroType.FLOAT,
    AvroType.DOUBLE,
    AvroType.BYTES,
    AvroType.STRING,
}


class Sizes:
    """Sizes of the types of one schema, worked out once each."""

    def __init__(self) -> None:
        self._least: dict[int, int] = {}
        self._widths: dict[int, int | None] = {}

    def least_bytes(self, schema: Schema) -> int:
        """Return the fewest bytes a value takes, or a lower bound of it."""
        if id(schema) not in self._least:
            self._least[id(schema)] = 0  # what a record counts for inside itself
            self._least[id(schema)] = self._find_least(schema)
        return self._least[id(schema)]

    def width(self, schema: Schema) -> int | None:
        """Return the number of bytes that every value takes, or None if it varies."""
        if id(schema) not in self._widths:
            self._widths[id(schema)] = None
            self._widths[id(schema)] = self._find_width(schema)
        return self._widths[id(schema)]

    def _find_least(self, schema: Schema) -> int:
        match schema:
            case FixedSchema():
                return schema.size
            case RecordSchema():
                return sum(self.least_bytes(each.type) for each in schema.fields)
            case UnionSchema():
                return 1 + min(map(self.least_bytes, schema.branches), default=0)
        return _FIXED_WIDTHS.get(schema.type, 1)

    def _find_width(self, schema: Schema) -> int | None:
        match schema:
            case FixedSchema():
                return schema.size
            case RecordSchema():
                widths = [self.width(each.type) for each in schema.fields]
                known = [each for each in widths if each is not None]
                return sum(known) if len(known) == len(widths) else None
        return _FIXED_WIDTHS.get(schema.type)


def is_copyable(*, writer: Schema, reader: Schema, numbers: Numbers) -> bool:
    """Tell whether a value's bytes are the same in both types.

    And whether stepping over them sees all that can be wrong with them: symbols, ints
    and decimals would have to be looked at.
    """
    match writer, reader:
        case RecordSchema(), RecordSchema():
            return _names(writer) == _names(reader) and all(
                is_copyable(writer=theirs.type, reader=ours.type, numbers=numbers)
                for theirs, ours in zip(writer.fields, reader.fields, strict=True)
            )
        case PrimitiveSchema(), PrimitiveSchema() if writer.type is reader.type:
            logical = logical_of(writer)
            if logical != logical_of(reader):
                return False
            if logical is None:
                return writer.type in _CHECKED
            return numbers is Numbers.SCALED and writer.type is AvroType.LONG
    return False


def _names(record: RecordSchema) -> list[str]:
    return [record.name.simple, *(each.name for each in record.fields)]


def find_shared_records(root: Schema) -> set[int]:
    """Return the ids of the records that are used more than once, or in themselves."""
    uses = Counter(
        id(each) for each in iterate_uses(root) if isinstance(each, RecordSchema)
    )
    return {each for each, count in uses.items() if count > 1}


def has_empty_items(root: Schema, sizes: Sizes) -> bool:
    """Tell whether there is an array whose items may take no byte."""
    return any(
        isinstance(each, ArraySchema) and not sizes.least_bytes(each.items)
        for each in iterate_uses(root)
    )


def iterate_uses(root: Schema) -> Iterator[Schema]:
    """Yield every type as often as it is used, with its parts the first time."""
    entered: set[int] = set()
    waiting = [root]
    while waiting:
        schema = waiting.pop()
        yield schema
        if id(schema) not in entered:
            entered.add(id(schema))
            waiting.extend(find_parts(schema))
