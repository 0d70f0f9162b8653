"""A parsed schema: its root type, and how it prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from registry.compatibility.avro_version import AvroVersion
from registry.compatibility.canonical import canonical_type_text
from registry.compatibility.depth import refuse_deep_recursion
from registry.compatibility.model import (
    EnumSchema,
    FixedSchema,
    FullName,
    RecordSchema,
    Schema,
)
from registry.compatibility.parse import read_schemas
from registry.compatibility.parse_context import new_context


@dataclass(frozen=True, kw_only=True, eq=False)
class AvroSchema:
    """One schema text, parsed.

    Attributes:
        text: As it was given; "" if the schema was derived from another.
        root: The type the text defines.
        references: The texts whose types it may name, in their order.
        known: The types that the references define and the canonical string names.
        is_new: True if it was held to the rules for new schemas.
        avro: The generation of rules.
    """

    text: str
    root: Schema
    references: tuple[str, ...] = ()
    known: frozenset[FullName] = frozenset()
    is_new: bool = True
    avro: AvroVersion = AvroVersion.V1_12

    @cached_property
    def canonical_text(self) -> str:
        """What a registry stores: compact, types of references only named."""
        return _print(self.root, self.known)

    @cached_property
    def resolved_text(self) -> str:
        """The canonical string with the types of references defined in it."""
        return _print(self.root, frozenset())


@refuse_deep_recursion
def parse_schema(
    text: str,
    *,
    references: Sequence[str] = (),
    is_new: bool = True,
    avro: AvroVersion = AvroVersion.V1_12,
) -> AvroSchema:
    """Return the schema of a text.

    Args:
        text: An Avro schema; comments are allowed before its end.
        references: Schema texts whose types the text may name, each after those it
            needs itself.
        is_new: True holds names and defaults to the rules of registration; False
            parses what is stored already or only looked up.
        avro: The generation of rules.

    Raises:
        InvalidSchema: The text, or a reference, is not a schema.
        SchemaTooDeep: Its types are nested too deeply to be followed.
    """
    context = new_context(avro, is_new=is_new)
    *referenced, root = read_schemas([*references, text], context)
    return AvroSchema(
        text=text,
        root=root,
        references=tuple(references),
        known=frozenset(
            each.name
            for each in referenced
            if isinstance(each, RecordSchema | EnumSchema | FixedSchema)
        ),
        is_new=is_new,
        avro=avro,
    )


def canonical_text(schema: AvroSchema) -> str:
    """Return what a registry stores and compares for the schema."""
    return schema.canonical_text


def resolved_text(schema: AvroSchema) -> str:
    """Return the canonical string with the types of references defined in it."""
    return schema.resolved_text


@refuse_deep_recursion
def _print(root: Schema, known: frozenset[FullName]) -> str:
    return canonical_type_text(root, known=known)
