"""Which logical types Avro recognises; others are properties like any other."""

import math

from registry.compatibility.avro_version import AvroVersion
from registry.compatibility.json_values import JsonNumber, JsonString, JsonValue
from registry.compatibility.model import AvroType, FixedSchema, PrimitiveSchema, Props

_LOGICAL_TYPE = "logicalType"
_DURATION_BYTES = 12
_UUID_BYTES = 16
_INT_LIMIT = 2**31
_BASES = {
    "date": AvroType.INT,
    "time-millis": AvroType.INT,
    "time-micros": AvroType.LONG,
    "timestamp-millis": AvroType.LONG,
    "timestamp-micros": AvroType.LONG,
    "local-timestamp-millis": AvroType.LONG,
    "local-timestamp-micros": AvroType.LONG,
    "uuid": AvroType.STRING,
}
_BASES_SINCE_1_12 = {
    **_BASES,
    "timestamp-nanos": AvroType.LONG,
    "local-timestamp-nanos": AvroType.LONG,
    "big-decimal": AvroType.BYTES,
}
_FIXED_SIZES_SINCE_1_12 = {"duration": _DURATION_BYTES, "uuid": _UUID_BYTES}


def logical_props(
    schema: PrimitiveSchema | FixedSchema, avro: AvroVersion
) -> dict[str, JsonValue]:
    """Return the properties that make up the logical type; none if it is not valid.

    A scale of 0 is not among them.
    """
    name = schema.props.get(_LOGICAL_TYPE)
    if not isinstance(name, JsonString):
        return {}
    if name.value == "decimal":
        return _decimal_props(schema)
    is_valid = (
        _is_valid_fixed(name.value, schema.size, avro)
        if isinstance(schema, FixedSchema)
        else _base_of(name.value, avro) is schema.type
    )
    return {_LOGICAL_TYPE: name} if is_valid else {}


def _base_of(name: str, avro: AvroVersion) -> AvroType | None:
    bases = _BASES if avro is AvroVersion.V1_11 else _BASES_SINCE_1_12
    return bases.get(name)


def _is_valid_fixed(name: str, size: int, avro: AvroVersion) -> bool:
    return avro is AvroVersion.V1_12 and _FIXED_SIZES_SINCE_1_12.get(name) == size


def _decimal_props(schema: PrimitiveSchema | FixedSchema) -> dict[str, JsonValue]:
    if schema.type not in {AvroType.BYTES, AvroType.FIXED}:
        return {}
    precision = _int_prop(schema.props, "precision")
    scale = _int_prop(schema.props, "scale") if "scale" in schema.props else 0
    if precision is None or scale is None:
        return {}
    if not 0 < precision <= _max_precision(schema) or not 0 <= scale <= precision:
        return {}
    names = [_LOGICAL_TYPE, "precision", *(["scale"] if scale else [])]
    return {name: schema.props[name] for name in names}


def _int_prop(props: Props, name: str) -> int | None:
    value = props.get(name)
    if not isinstance(value, JsonNumber) or not isinstance(value.value, int):
        return None
    return value.value if -_INT_LIMIT <= value.value < _INT_LIMIT else None


def _max_precision(schema: PrimitiveSchema | FixedSchema) -> int:
    """Return the number of digits that always fit."""
    if not isinstance(schema, FixedSchema):
        return _INT_LIMIT - 1
    return math.floor(math.log10(2) * (8 * schema.size - 1))
