"""An Avro schema as typed values.

Named types (record, enum, fixed) are one object per definition: every use of the
name is that same object, and types are compared by identity. Every other type is an
object of its own wherever it is written. The values do not change once parsing is
over; a record gets its fields last, since it may contain itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from registry.compatibility.json_values import JsonValue
from registry.compatibility.positions import NOWHERE, Position


class AvroType(StrEnum):
    """The kinds of type, by the word in a schema text; an error is a record."""

    NULL = "null"
    BOOLEAN = "boolean"
    INT = "int"
    LONG = "long"
    FLOAT = "float"
    DOUBLE = "double"
    BYTES = "bytes"
    STRING = "string"
    RECORD = "record"
    ENUM = "enum"
    FIXED = "fixed"
    ARRAY = "array"
    MAP = "map"
    UNION = "union"

    @property
    def shout(self) -> str:
        """The word in messages: ``RECORD``."""
        return self.upper()


PRIMITIVES = {
    each.value: each
    for each in (
        AvroType.NULL,
        AvroType.BOOLEAN,
        AvroType.INT,
        AvroType.LONG,
        AvroType.FLOAT,
        AvroType.DOUBLE,
        AvroType.BYTES,
        AvroType.STRING,
    )
}
"""The types that consist of nothing but their word, by that word."""

TYPE_WORDS = frozenset(each.value for each in AvroType)
"""Every word that names a kind of type."""


@dataclass(frozen=True, slots=True)
class FullName:
    """The name of a type.

    Attributes:
        simple: Its last part.
        namespace: The parts before it, or "" for none.
    """

    simple: str
    namespace: str = ""

    def __str__(self) -> str:
        return f"{self.namespace}.{self.simple}" if self.namespace else self.simple


class FieldOrder(StrEnum):
    """How a field counts when records are sorted."""

    ASCENDING = "ascending"
    DESCENDING = "descending"
    IGNORE = "ignore"


Props: TypeAlias = Mapping[str, JsonValue]
"""Attributes that Avro has no rule for, in the order of the text; logical types too."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PrimitiveSchema:
    """One of the eight primitive types."""

    type: AvroType
    props: Props = field(default_factory=dict)
    position: Position = NOWHERE


@dataclass(frozen=True, kw_only=True, eq=False)
class ArraySchema:
    """A list of items of one type."""

    items: "Schema"
    props: Props = field(default_factory=dict)
    position: Position = NOWHERE

    @property
    def type(self) -> AvroType:
        """ARRAY."""
        return AvroType.ARRAY


@dataclass(frozen=True, kw_only=True, eq=False)
class MapSchema:
    """Values of one type by string keys."""

    values: "Schema"
    props: Props = field(default_factory=dict)
    position: Position = NOWHERE

    @property
    def type(self) -> AvroType:
        """MAP."""
        return AvroType.MAP


@dataclass(frozen=True, kw_only=True, eq=False)
class UnionSchema:
    """A value of any of the branches; there may be none."""

    branches: tuple["Schema", ...]
    position: Position = NOWHERE

    @property
    def type(self) -> AvroType:
        """UNION."""
        return AvroType.UNION


@dataclass(frozen=True, kw_only=True, eq=False)
class EnumSchema:
    """One of the symbols.

    Attributes:
        default: Symbol that stands for symbols a reader does not know, if any.
    """

    name: FullName
    symbols: tuple[str, ...]
    default: str | None = None
    doc: str | None = None
    aliases: tuple[FullName, ...] = ()
    props: Props = field(default_factory=dict)
    position: Position = NOWHERE

    @property
    def type(self) -> AvroType:
        """ENUM."""
        return AvroType.ENUM


@dataclass(frozen=True, kw_only=True, eq=False)
class FixedSchema:
    """A fixed number of bytes.

    Attributes:
        size: Number of bytes, >= 0.
    """

    name: FullName
    size: int
    doc: str | None = None
    aliases: tuple[FullName, ...] = ()
    props: Props = field(default_factory=dict)
    position: Position = NOWHERE

    @property
    def type(self) -> AvroType:
        """FIXED."""
        return AvroType.FIXED


@dataclass(frozen=True, kw_only=True, eq=False)
class Field:
    """One field of a record.

    Attributes:
        index: Its place in the record, from 0.
        default: As in the text; None if there is none (JSON null is JsonNull).
    """

    name: str
    index: int
    type: "Schema"
    doc: str | None = None
    default: JsonValue | None = None
    order: FieldOrder = FieldOrder.ASCENDING
    aliases: tuple[str, ...] = ()
    props: Props = field(default_factory=dict)
    position: Position = NOWHERE

    def __str__(self) -> str:
        return f"{self.name} type:{self.type.type.shout} pos:{self.index}"

    @cached_property
    def plain_type(self) -> str | None:
        """The type in words, the same for equal types; None if a name is in it."""
        return _in_words(self.type)


@dataclass(frozen=True, kw_only=True, eq=False)
class RecordSchema:
    """Named fields in order.

    Attributes:
        is_error: True if it is written as ``"type": "error"``.
        fields: Empty until `complete` was called.
    """

    name: FullName
    is_error: bool = False
    doc: str | None = None
    aliases: tuple[FullName, ...] = ()
    fields: tuple[Field, ...] = ()
    props: Props = field(default_factory=dict)
    position: Position = NOWHERE

    @property
    def type(self) -> AvroType:
        """RECORD."""
        return AvroType.RECORD

    @cached_property
    def field_by_name(self) -> Mapping[str, Field]:
        """The fields by name; only right once the record is complete."""
        return {each.name: each for each in self.fields}


NamedSchema: TypeAlias = RecordSchema | EnumSchema | FixedSchema
"""A type with a name, one object per definition."""

Schema: TypeAlias = (
    PrimitiveSchema | ArraySchema | MapSchema | UnionSchema | NamedSchema
)
"""Any Avro type."""


def _in_words(schema: Schema) -> str | None:
    match schema:
        case PrimitiveSchema():
            return schema.type.value
        case ArraySchema():
            inner = [schema.items]
        case MapSchema():
            inner = [schema.values]
        case UnionSchema():
            inner = [*schema.branches]
        case _:
            return None
    words = [each for each in map(_in_words, inner) if each is not None]
    return f"{schema.type}({','.join(words)})" if len(words) == len(inner) else None


def complete(target: object, **attributes: object) -> None:
    """Set what could not be known when a part of a schema was built.

    Only the parser calls it, before anybody else sees the schema: a record holds
    fields whose types hold the record, so one of them has to come second.
    """
    for name, value in attributes.items():
        object.__setattr__(target, name, value)


def find_parts(schema: Schema) -> Iterator[Schema]:
    """Yield the types that a type is made of, in their order; none of most types.

    A record yields the type of each field, and may come back to itself.
    """
    match schema:
        case ArraySchema():
            yield schema.items
        case MapSchema():
            yield schema.values
        case UnionSchema():
            yield from schema.branches
        case RecordSchema():
            yield from (each.type for each in schema.fields)
