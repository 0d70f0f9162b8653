r"""A reader's defaults as values, not as the JSON that a schema file holds.

Avro writes the default of bytes and fixed as a JSON string whose code points are the
bytes, and of a logical type as the default of its base type (Avro 1.12
specification, "Complex Types"). fastavro hands a missing field's default over as it
stands in the schema, so `discount` would arrive as the string ``"\x00"``. Here it
becomes ``Decimal("0.00")``, once, for every path.
"""

from registry.codec.conversion import Decimals
from registry.codec.logical import Numbers, logical_of, value_converter
from registry.compatibility import JsonValue
from registry.compatibility.json_values import (
    JsonArray,
    JsonBoolean,
    JsonNull,
    JsonNumber,
    JsonObject,
    JsonString,
)
from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    EnumSchema,
    FixedSchema,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)


class _NoValue(Exception):
    """The default is no value of the type."""


def default_value(schema: Schema, default: JsonValue, numbers: Numbers) -> object:
    """Return the value that a decoder would give for the default on the wire.

    Raises:
        ValueError: The default is no value of the type.
    """
    try:
        return _Defaults(numbers).to_value(schema, default)
    except (_NoValue, ArithmeticError, ValueError, RecursionError) as exc:
        raise ValueError(f"its default is no {schema.type}") from exc


class _Defaults:
    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def to_value(self, schema: Schema, default: JsonValue) -> object:
        match schema, default:
            case UnionSchema(), _:
                return self._first_that_fits(schema, default)
            case RecordSchema(), JsonObject():
                return self._to_record(schema, default)
            case ArraySchema(), JsonArray():
                return [self.to_value(schema.items, each) for each in default.items]
            case MapSchema(), JsonObject():
                return {
                    key: self.to_value(schema.values, each)
                    for key, each in default.members.items()
                }
            case EnumSchema(), JsonString() if default.value in schema.symbols:
                return default.value
            case ((PrimitiveSchema() | FixedSchema()), _):
                return self._to_logical(schema, _to_base(schema, default))
        raise _NoValue

    def _first_that_fits(self, union: UnionSchema, default: JsonValue) -> object:
        """A default belongs to the first branch in Avro 1.11, to any in 1.12."""
        for branch in union.branches:
            try:
                return self.to_value(branch, default)
            except _NoValue:
                continue
        raise _NoValue

    def _to_record(self, record: RecordSchema, default: JsonObject) -> object:
        values: dict[str, object] = {}
        for field in record.fields:
            own = default.get(field.name) or field.default
            if own is None:
                raise _NoValue
            values[field.name] = self.to_value(field.type, own)
        return values

    def _to_logical(
        self, schema: PrimitiveSchema | FixedSchema, base: object
    ) -> object:
        logical = logical_of(schema)
        if logical is None:
            return base
        is_scaled = self._numbers is Numbers.SCALED
        if isinstance(base, bytes):
            exact = Decimals(logical.precision, logical.scale)[base]
            return int.from_bytes(base, "big", signed=True) if is_scaled else exact
        if is_scaled and logical.is_number:
            return base
        return value_converter(schema, logical)(base)


def _to_base(schema: PrimitiveSchema | FixedSchema, default: JsonValue) -> object:
    match schema.type, default:
        case AvroType.NULL, JsonNull():
            return None
        case AvroType.BOOLEAN, JsonBoolean():
            return default.value
        case ((AvroType.INT | AvroType.LONG), JsonNumber(value=int())):
            return default.value
        case ((AvroType.FLOAT | AvroType.DOUBLE), JsonNumber()):
            return float(default.value)
        case AvroType.STRING, JsonString():
            return default.value
        case ((AvroType.BYTES | AvroType.FIXED), JsonString()):
            return default.value.encode("latin-1")
    raise _NoValue
