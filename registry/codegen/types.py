"""Avro types as Python annotations."""

from collections.abc import Callable, Iterator

from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    EnumSchema,
    FixedSchema,
    MapSchema,
    NamedSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.gate.logical import logical_type

_PLAIN = {
    AvroType.NULL: "None",
    AvroType.BOOLEAN: "bool",
    AvroType.INT: "int",
    AvroType.LONG: "int",
    AvroType.FLOAT: "float",
    AvroType.DOUBLE: "float",
    AvroType.BYTES: "bytes",
    AvroType.STRING: "str",
}
_MEANINGS = {
    "decimal": ("decimal", "Decimal"),
    "uuid": ("uuid", "UUID"),
    "date": ("datetime", "date"),
    "time-millis": ("datetime", "time"),
    "time-micros": ("datetime", "time"),
    "timestamp-millis": ("datetime", "datetime"),
    "timestamp-micros": ("datetime", "datetime"),
    "local-timestamp-millis": ("datetime", "datetime"),
    "local-timestamp-micros": ("datetime", "datetime"),
}
IMPORTED = {
    *(name for _, name in _MEANINGS.values()),
    "Literal",
    "TypeAlias",
    "TypedDict",
}
"""Names that a generated type must not take."""


class PythonTypes:
    """Writes annotations, and remembers what they import.

    Args:
        name_of: Python's name of a record or enum.
    """

    def __init__(self, name_of: Callable[[NamedSchema], str]) -> None:
        self._name_of = name_of
        self._imports: dict[str, set[str]] = {}

    def uses(self, module: str, name: str) -> None:
        """Remember that the name is imported."""
        self._imports.setdefault(module, set()).add(name)

    def annotation(self, schema: Schema) -> str:
        """Return the type of decoded values."""
        match schema:
            case ArraySchema():
                return f"list[{self.annotation(schema.items)}]"
            case MapSchema():
                return f"dict[str, {self.annotation(schema.values)}]"
            case UnionSchema():
                return self._union(schema)
            case RecordSchema() | EnumSchema():
                return self._name_of(schema)
        return self._leaf(schema)

    def names_in(self, schema: Schema) -> Iterator[str]:
        """Yield Python's names of the records and enums in the annotation."""
        match schema:
            case ArraySchema():
                yield from self.names_in(schema.items)
            case MapSchema():
                yield from self.names_in(schema.values)
            case UnionSchema():
                for branch in schema.branches:
                    yield from self.names_in(branch)
            case RecordSchema() | EnumSchema():
                yield self._name_of(schema)

    def import_lines(self) -> str:
        """Return the import statements, sorted."""
        return "".join(
            f"from {module} import {', '.join(sorted(names))}\n"
            for module, names in sorted(self._imports.items())
        )

    def _union(self, schema: UnionSchema) -> str:
        """Return the branches, None last, each once."""
        branches = dict.fromkeys(map(self.annotation, schema.branches))
        ordered = sorted(branches, key=lambda each: each == "None")
        return " | ".join(ordered) or "None"

    def _leaf(self, schema: PrimitiveSchema | FixedSchema) -> str:
        logical = logical_type(schema)
        meaning = _MEANINGS.get(logical.name) if logical is not None else None
        if meaning is not None:
            self.uses(*meaning)
            return meaning[1]
        return "bytes" if isinstance(schema, FixedSchema) else _PLAIN[schema.type]
