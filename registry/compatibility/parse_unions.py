"""Which branches a union may have."""

from registry.compatibility.canonical import canonical_type_text
from registry.compatibility.model import (
    EnumSchema,
    FixedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.errors import InvalidSchema


def check_union(union: UnionSchema) -> None:
    """Raise InvalidSchema for a union inside the union, or two branches alike."""
    seen: set[str] = set()
    for branch in union.branches:
        if isinstance(branch, UnionSchema):
            raise _fault(f"Nested union: {canonical_type_text(union)}", union)
        name = _branch_name(branch)
        if name in seen:
            raise _fault(f"Duplicate in union:{name}", union)
        seen.add(name)


def _branch_name(branch: Schema) -> str:
    """Return what makes branches different: a full name, else the type's word."""
    if isinstance(branch, RecordSchema | EnumSchema | FixedSchema):
        return str(branch.name)
    return branch.type.value


def _fault(reason: str, union: UnionSchema) -> InvalidSchema:
    place = union.position
    return InvalidSchema(reason, line=place.line, column=place.column)
