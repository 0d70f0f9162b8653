"""Logical types that count: those Avro honours, on a base type that carries them."""

from dataclasses import dataclass

from registry.compatibility.json_values import JsonNumber, JsonString
from registry.compatibility.model import AvroType, FixedSchema, PrimitiveSchema, Schema

_BASES: dict[str, frozenset[AvroType]] = {
    "date": frozenset({AvroType.INT}),
    "time-millis": frozenset({AvroType.INT}),
    "time-micros": frozenset({AvroType.LONG}),
    "timestamp-millis": frozenset({AvroType.LONG}),
    "timestamp-micros": frozenset({AvroType.LONG}),
    "timestamp-nanos": frozenset({AvroType.LONG}),
    "local-timestamp-millis": frozenset({AvroType.LONG}),
    "local-timestamp-micros": frozenset({AvroType.LONG}),
    "local-timestamp-nanos": frozenset({AvroType.LONG}),
    "uuid": frozenset({AvroType.STRING, AvroType.FIXED}),
    "duration": frozenset({AvroType.FIXED}),
    "decimal": frozenset({AvroType.BYTES, AvroType.FIXED}),
}
_FIXED_SIZES = {"uuid": 16, "duration": 12}


@dataclass(frozen=True, slots=True)
class LogicalType:
    """What a value means beyond its base type.

    Attributes:
        precision: Most digits of a decimal; else 0.
        scale: Digits after a decimal's point; else 0.
    """

    name: str
    precision: int = 0
    scale: int = 0

    def __str__(self) -> str:
        if self.name == "decimal":
            return f"decimal({self.precision},{self.scale})"
        return self.name


def declared_name(schema: Schema) -> str:
    """Return what `logicalType` says, honoured or not; "" if it says nothing."""
    if not isinstance(schema, PrimitiveSchema | FixedSchema):
        return ""
    name = schema.props.get("logicalType")
    return name.value if isinstance(name, JsonString) else ""


def logical_type(schema: Schema) -> LogicalType | None:
    """Return the logical type in force, or None if there is none."""
    name = declared_name(schema)
    if schema.type not in _BASES.get(name, frozenset()):
        return None
    if isinstance(schema, FixedSchema) and schema.size != _FIXED_SIZES.get(
        name, schema.size
    ):
        return None
    return _decimal(schema) if name == "decimal" else LogicalType(name)


def bases_of(name: str) -> tuple[str, ...]:
    """Return the types that may carry the logical type, sorted; none if unknown."""
    return tuple(sorted(_BASES.get(name, ())))


def _decimal(schema: Schema) -> LogicalType | None:
    precision = _whole(schema, "precision", default=0)
    scale = _whole(schema, "scale", default=0)
    if precision < 1 or not 0 <= scale <= precision:
        return None
    if isinstance(schema, FixedSchema) and precision > _most_digits(schema.size):
        return None
    return LogicalType("decimal", precision, scale)


def _whole(schema: Schema, key: str, *, default: int) -> int:
    assert isinstance(schema, PrimitiveSchema | FixedSchema)  # noqa: S101 - narrows
    number = schema.props.get(key)
    if number is None:
        return default
    if isinstance(number, JsonNumber) and isinstance(number.value, int):
        return number.value
    return -1


def _most_digits(size: int) -> int:
    """Digits that every signed number of `size` bytes can hold."""
    return len(str((1 << (8 * size - 1)) - 1)) - 1 if size else 0
