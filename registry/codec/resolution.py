"""Which reader type a writer's type is read as, by fastavro's rules.

They are Avro's "Schema Resolution" with three habits of fastavro: named types match by
their unqualified names whatever their namespaces, an alias without a dot likewise, and
of a reader's union the first branch that matches is taken, even if a later one is the
same type.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import fastavro
from fastavro.schema import SchemaParseException

from registry.codec.wanted import Wanted
from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

_PROMOTIONS = {
    AvroType.INT: {AvroType.LONG, AvroType.FLOAT, AvroType.DOUBLE},
    AvroType.LONG: {AvroType.FLOAT, AvroType.DOUBLE},
    AvroType.FLOAT: {AvroType.DOUBLE},
    AvroType.STRING: {AvroType.BYTES},
    AvroType.BYTES: {AvroType.STRING},
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A writer's type, the reader's type it is read as, and what is asked for of it."""

    writer: Schema
    reader: Schema
    wanted: Wanted

    @property
    def key(self) -> tuple[int, int, Wanted]:
        """Equal for pairs that are read alike."""
        return id(self.writer), id(self.reader), self.wanted


class Resolver:
    """Resolves types of writers against those of one reader schema."""

    def __init__(self, aliases: Mapping[str, Sequence[str]]) -> None:
        """Resolve by the aliases of the reader's types, by full name, as written."""
        self._aliases = aliases

    def find_match(self, *, reader: Schema, writer: Schema) -> Schema | None:
        """Return what a writer's type other than a union is read as, if anything."""
        branches = reader.branches if isinstance(reader, UnionSchema) else (reader,)
        for branch in branches:
            if self._is_match(reader=branch, writer=writer):
                return branch
        return None

    def _is_match(self, *, reader: Schema, writer: Schema) -> bool:
        match writer, reader:
            case (UnionSchema(), _) | (_, UnionSchema()):
                return True
            case ArraySchema(), ArraySchema():
                return self._is_match(reader=reader.items, writer=writer.items)
            case MapSchema(), MapSchema():
                return self._is_match(reader=reader.values, writer=writer.values)
            case FixedSchema(), FixedSchema() if writer.size != reader.size:
                return False
            case (
                (RecordSchema() | EnumSchema() | FixedSchema()),
                (RecordSchema() | EnumSchema() | FixedSchema()),
            ):
                return self._is_same_name(reader=reader, writer=writer)
        kinds = _PROMOTIONS.get(writer.type, set())
        return writer.type is reader.type or reader.type in kinds

    def _is_same_name(self, *, reader: NamedSchema, writer: NamedSchema) -> bool:
        names = {str(writer.name), writer.name.simple}
        return writer.name.simple == reader.name.simple or not names.isdisjoint(
            self._aliases.get(str(reader.name), ())
        )


def read_aliases(text: str) -> Mapping[str, Sequence[str]]:
    """Return the aliases of a schema's types, by full name, as they are written.

    Once the schema is parsed by Avro's rules, each has a namespace. A text that is
    none of fastavro's schemas has none.
    """
    named: dict[str, dict[str, Sequence[str]]] = {}
    try:
        fastavro.parse_schema(json.loads(text), named)
    except (SchemaParseException, ValueError, LookupError, TypeError):
        return {}
    return {name: each.get("aliases", ()) for name, each in named.items()}


def match_fields(
    *, reader: RecordSchema, writer: RecordSchema
) -> list[tuple[Field, Field | None]]:
    """Return every writer's field with the reader's that it is read as, if any.

    A reader's field is known by its name, else by its aliases; the first writer's
    field in line takes it. A second one that claims it by an alias comes back with
    it too: no record of such a pair can be read.
    """
    open_fields = dict(reader.field_by_name)
    by_alias = {alias: each for each in reader.fields for alias in each.aliases}
    pairs: list[tuple[Field, Field | None]] = []
    for field in writer.fields:
        match = open_fields.get(field.name) or by_alias.get(field.name)
        pairs.append((field, match))
        if match is not None:
            open_fields.pop(match.name, None)
    return pairs
