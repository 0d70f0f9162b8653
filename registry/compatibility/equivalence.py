"""When a registry takes a schema for one it already has."""

from registry.compatibility.depth import refuse_deep_recursion
from registry.compatibility.equality import are_same
from registry.compatibility.model import (
    EnumSchema,
    Field,
    FixedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.compatibility.schema import AvroSchema


@refuse_deep_recursion
def are_equivalent(one: AvroSchema, other: AvroSchema) -> bool:
    """Return whether a registry keeps the two under one version.

    That is so if types, names, fields, defaults, properties, docs and aliases agree;
    neither the order of properties and aliases nor ``error`` for ``record`` counts.
    """
    return are_same(one.root, other.root) and _Meta().is_same(one.root, other.root)


class _Meta:
    """Compares docs, aliases and enum defaults of types with the same structure.

    Like the registry it does not look into arrays and maps.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[int, int]] = set()

    def is_same(self, one: Schema, other: Schema) -> bool:
        match one, other:
            case UnionSchema(), UnionSchema():
                branches = zip(one.branches, other.branches, strict=True)
                return all(self.is_same(left, right) for left, right in branches)
            case RecordSchema(), RecordSchema():
                return self._is_same_record(one, other)
            case EnumSchema(), EnumSchema():
                return _is_same_head(one, other) and one.default == other.default
            case FixedSchema(), FixedSchema():
                return _is_same_head(one, other)
        return True

    def _is_same_record(self, one: RecordSchema, other: RecordSchema) -> bool:
        pair = (id(one), id(other))
        if pair in self._seen:
            return True  # compared, or inside itself: the comparison under way decides
        self._seen.add(pair)
        fields = zip(one.fields, other.fields, strict=True)
        return _is_same_head(one, other) and all(
            self._is_same_field(left, right) for left, right in fields
        )

    def _is_same_field(self, one: Field, other: Field) -> bool:
        return (
            one.doc == other.doc
            and set(one.aliases) == set(other.aliases)
            and self.is_same(one.type, other.type)
        )


_Named = RecordSchema | EnumSchema | FixedSchema


def _is_same_head(one: _Named, other: _Named) -> bool:
    return one.doc == other.doc and set(one.aliases) == set(other.aliases)
