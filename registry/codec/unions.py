"""Unions that fastavro writes: which branch a value belongs to is its own judgement."""

import io
import json
from dataclasses import dataclass

import fastavro
from fastavro.schema import SchemaParseException

from registry.codec.logical import Numbers, logical_of
from registry.codec.shape import iterate_uses
from registry.compatibility.canonical import canonical_type_text
from registry.compatibility.model import (
    AvroType,
    FixedSchema,
    PrimitiveSchema,
    Schema,
    UnionSchema,
)
from registry.errors import InvalidContract

_FIELD = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nullable:
    """A union of null and one other type, which needs no judgement."""

    null_index: int
    other: Schema


def find_nullable(union: UnionSchema) -> Nullable | None:
    """Return the union as a nullable type if it is one."""
    kinds = [branch.type for branch in union.branches]
    if len(kinds) != 2 or AvroType.NULL not in kinds:  # noqa: PLR2004 - null and another
        return None
    index = kinds.index(AvroType.NULL)
    return Nullable(null_index=index, other=union.branches[1 - index])


class UnionByFastavro:
    """Writes values of a union of several types as fastavro does."""

    def __init__(self, union: UnionSchema, numbers: Numbers) -> None:
        """Prepare the union.

        Raises:
            InvalidContract: Its numbers would have to be scaled, or fastavro does
                not take it.
        """
        if numbers is Numbers.SCALED and _has_numbers(union):
            reason = "a union of several types cannot be written with scaled numbers"
            raise InvalidContract("encoder", reason)
        text = canonical_type_text(union)
        field = {"name": _FIELD, "type": json.loads(text)}
        record = {"type": "record", "name": "_", "fields": [field]}
        try:
            self._schema = fastavro.parse_schema(record)
        except (SchemaParseException, ValueError, KeyError) as exc:
            raise InvalidContract("encoder", f"cannot write {text}: {exc}") from exc

    def __call__(self, value: object) -> bytes:
        """Return the branch's number and the value, or raise as fastavro does."""
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, self._schema, {_FIELD: value})
        return buffer.getvalue()


def _has_numbers(union: UnionSchema) -> bool:
    simple = (
        each
        for each in iterate_uses(union)
        if isinstance(each, PrimitiveSchema | FixedSchema)
    )
    return any(logical_of(each) is not None for each in simple)
