"""Defaults as a registry writes them anew when it normalizes a schema."""

from collections.abc import Mapping

from registry.compatibility.canonical import canonical_type_text
from registry.compatibility.java_numbers import float_text
from registry.compatibility.json_numbers import number
from registry.compatibility.json_values import (
    JsonArray,
    JsonNumber,
    JsonObject,
    JsonString,
    JsonValue,
)
from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.compatibility.ordering import code_units
from registry.errors import InvalidSchema

_LONG_LIMIT = 2**63
_NOTHING = 'Cannot invoke "Object.getClass()" because "<parameter1>" is null'
_NO_FIELD = (
    'Cannot invoke "org.apache.avro.Schema$Field.schema()" because the return value of'
    ' "org.apache.avro.Schema.getField(String)" is null'
)


def rewrite_default(default: JsonValue, schema: Schema) -> JsonValue | None:
    """Return the default as a value of the type, or None if it is not kept.

    Only the first branch of a union counts; a simple value of another type is lost.

    Raises:
        InvalidSchema: The registry cannot write it: a part of it is of another type.
    """
    return _rewrite(default, schema)


def sorted_value(value: JsonValue) -> JsonValue:
    """Return the value with the members of all its objects sorted."""
    match value:
        case JsonArray():
            return JsonArray(tuple(map(sorted_value, value.items)))
        case JsonObject():
            members = {name: sorted_value(each) for name, each in value.members.items()}
            return JsonObject(sorted_members(members))
    return value


def sorted_members(members: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the members sorted by name, as Java sorts strings."""
    return {name: members[name] for name in sorted(members, key=code_units)}


def _rewrite(value: JsonValue, schema: Schema | None) -> JsonValue | None:
    if isinstance(schema, UnionSchema):
        if not schema.branches:
            reason = "Index 0 out of bounds for length 0"
            raise InvalidSchema(reason)
        schema = schema.branches[0]
    if schema is None:
        return sorted_value(value)
    match value:
        case JsonNumber():
            return _rewrite_number(value, schema.type)
        case JsonString():
            return _rewrite_string(value, schema.type)
        case JsonArray():
            return JsonArray(tuple(_items(value, schema)))
        case JsonObject():
            return JsonObject(sorted_members(_members(value, schema)))
    return value


def _items(array: JsonArray, schema: Schema) -> list[JsonValue]:
    if not isinstance(schema, ArraySchema):
        if not array.items:
            return []
        reason = f"Not an array: {canonical_type_text(schema)}"
        raise InvalidSchema(reason)
    return [_present(_rewrite(item, schema.items)) for item in array.items]


def _members(value: JsonObject, schema: Schema) -> dict[str, JsonValue]:
    return {
        name: _present(_rewrite(member, _member_type(name, schema)))
        for name, member in value.members.items()
    }


def _member_type(name: str, schema: Schema) -> Schema | None:
    if isinstance(schema, MapSchema):
        return schema.values
    if not isinstance(schema, RecordSchema):
        return None
    if name not in schema.field_by_name:
        raise InvalidSchema(_NO_FIELD)
    return schema.field_by_name[name].type


def _present(value: JsonValue | None) -> JsonValue:
    if value is None:
        raise InvalidSchema(_NOTHING)
    return value


def _rewrite_number(value: JsonNumber, kind: AvroType) -> JsonValue | None:
    amount = value.value
    if isinstance(amount, int) and not -_LONG_LIMIT <= amount < _LONG_LIMIT:
        return None
    match kind:
        case AvroType.FLOAT:
            return number(float(amount), float_text(float(amount)))
        case AvroType.DOUBLE:
            return number(float(amount))
        case AvroType.INT | AvroType.LONG if isinstance(amount, int):
            return value
    return None


def _rewrite_string(value: JsonString, kind: AvroType) -> JsonValue | None:
    match kind:
        case AvroType.STRING | AvroType.ENUM:
            return value
        case AvroType.BYTES | AvroType.FIXED:
            raw = value.value.encode("latin-1", "replace")
            return JsonString(raw.decode("latin-1"))
    return None
