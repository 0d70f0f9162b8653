"""Whether a default is a value of its field's type."""

from registry.compatibility.avro_version import AvroVersion
from registry.compatibility.canonical import canonical_type_text
from registry.compatibility.json_print import to_json_text
from registry.compatibility.json_values import (
    JsonArray,
    JsonBoolean,
    JsonNull,
    JsonNumber,
    JsonObject,
    JsonString,
    JsonValue,
)
from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.compatibility.parse_context import ParseContext

_RANGES = {AvroType.INT: 2**31, AvroType.LONG: 2**63}
_JSON_FORMS: dict[AvroType, type[JsonValue]] = {
    AvroType.NULL: JsonNull,
    AvroType.BOOLEAN: JsonBoolean,
    AvroType.FLOAT: JsonNumber,
    AvroType.DOUBLE: JsonNumber,
    AvroType.STRING: JsonString,
    AvroType.BYTES: JsonString,
}


def check_default(field: Field, context: ParseContext) -> None:
    """Raise InvalidSchema if the context validates defaults and this one is wrong."""
    default = field.default
    if not context.is_new or default is None:
        return
    if not _DefaultRules(context).is_valid(field.type, default):
        unfinished = () if context.is_lenient else context.unfinished
        shown = canonical_type_text(field.type, unfinished=unfinished)
        reason = (
            f"Invalid default for field {field.name}: {to_json_text(default)}"
            f" not a {shown}"
        )
        raise context.fault(reason, default)


class _DefaultRules:
    def __init__(self, context: ParseContext) -> None:
        self._context = context

    def is_valid(self, schema: Schema, value: JsonValue) -> bool:
        match schema:
            case PrimitiveSchema():
                return _is_valid_primitive(schema.type, value)
            case EnumSchema() | FixedSchema():
                return isinstance(value, JsonString)
            case ArraySchema():
                return isinstance(value, JsonArray) and all(
                    self.is_valid(schema.items, item) for item in value.items
                )
            case MapSchema():
                return isinstance(value, JsonObject) and all(
                    self.is_valid(schema.values, each)
                    for each in value.members.values()
                )
            case UnionSchema():
                return self._is_valid_union(schema, value)
        return self._is_valid_record(schema, value)

    def _is_valid_union(self, union: UnionSchema, value: JsonValue) -> bool:
        """Before 1.12 only the first branch counts."""
        branches = union.branches
        if self._context.avro is AvroVersion.V1_11:
            if not branches:
                reason = "Index 0 out of bounds for length 0"
                raise self._context.fault(reason, value)
            branches = branches[:1]
        return any(self.is_valid(branch, value) for branch in branches)

    def _is_valid_record(self, record: RecordSchema, value: JsonValue) -> bool:
        if not isinstance(value, JsonObject):
            return False
        if id(record) in self._context.unfinished:
            raise self._context.fault("Schema fields not set yet", value)
        for field in record.fields:
            own = value.get(field.name) or field.default
            if own is None or not self.is_valid(field.type, own):
                return False
        return True


def _is_valid_primitive(kind: AvroType, value: JsonValue) -> bool:
    limit = _RANGES.get(kind)
    if limit is None:
        return isinstance(value, _JSON_FORMS[kind])
    return (
        isinstance(value, JsonNumber)
        and isinstance(value.value, int)
        and -limit <= value.value < limit
    )
