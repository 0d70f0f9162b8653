"""The Avro rules of a Confluent schema registry, exactly, as pure functions.

Parse a text once, then ask:

    schema = parse_schema(text)                 # or InvalidSchema
    schema.root                                 # RecordSchema, UnionSchema, ...
    canonical_text(schema)                      # what a registry stores
    resolved_text(schema)                       # the same, types of references inlined
    normalize(schema)                           # its normal form
    are_equivalent(schema, other)               # would a registry take them for one?
    check_readable(reader=new, writer=old)      # Avro's own verdict, in its order
    find_incompatibilities(candidate, history, level)   # a registry's messages

Every type and field knows its `position` (line and column) in its text. The rules are
those of Avro 1.12, as in Confluent 8, or of 1.11, as in 7.x: `AvroVersion`.
Nothing here reads a file or opens a connection, and no value changes.
"""

from registry.compatibility.avro_version import AvroVersion
from registry.compatibility.check import check_readable
from registry.compatibility.equivalence import are_equivalent
from registry.compatibility.incompatibility import Incompatibility, IncompatibilityType
from registry.compatibility.json_text import read_json
from registry.compatibility.json_values import JsonValue
from registry.compatibility.messages import find_incompatibilities
from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    EnumSchema,
    Field,
    FieldOrder,
    FixedSchema,
    FullName,
    MapSchema,
    NamedSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.compatibility.normalize import normalize
from registry.compatibility.positions import Position
from registry.compatibility.schema import (
    AvroSchema,
    canonical_text,
    parse_schema,
    resolved_text,
)
from registry.errors import (
    AmbiguousField,
    InvalidSchema,
    SchemaTooDeep,
    UnprintableMessage,
)

__all__ = [
    "AmbiguousField",
    "ArraySchema",
    "AvroSchema",
    "AvroType",
    "AvroVersion",
    "EnumSchema",
    "Field",
    "FieldOrder",
    "FixedSchema",
    "FullName",
    "Incompatibility",
    "IncompatibilityType",
    "InvalidSchema",
    "JsonValue",
    "MapSchema",
    "NamedSchema",
    "Position",
    "PrimitiveSchema",
    "RecordSchema",
    "Schema",
    "SchemaTooDeep",
    "UnionSchema",
    "UnprintableMessage",
    "are_equivalent",
    "canonical_text",
    "check_readable",
    "find_incompatibilities",
    "normalize",
    "parse_schema",
    "read_json",
    "resolved_text",
]
