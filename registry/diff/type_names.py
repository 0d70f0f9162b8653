"""Types as people call them: ``decimal(12,2)``, ``array<LineItem>``, ``null | int``."""

from registry.compatibility.model import (
    ArraySchema,
    EnumSchema,
    FixedSchema,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.gate.logical import logical_type


def name_type(schema: Schema) -> str:
    """Return the type in one line; named types by their simple name."""
    match schema:
        case ArraySchema():
            return f"array<{name_type(schema.items)}>"
        case MapSchema():
            return f"map<{name_type(schema.values)}>"
        case UnionSchema():
            return " | ".join(map(name_type, schema.branches)) or "empty union"
        case RecordSchema() | EnumSchema():
            return f"{schema.type} {schema.name.simple}"
        case FixedSchema():
            return _with_meaning(schema, f"fixed({schema.size}) {schema.name.simple}")
        case PrimitiveSchema():
            return _with_meaning(schema, str(schema.type))


def _with_meaning(schema: Schema, plain: str) -> str:
    logical = logical_type(schema)
    return plain if logical is None else f"{logical} on {plain}"
