"""Logical types as fastavro knows them, and the two ways to carry numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fastavro.read import LOGICAL_READERS

from registry.compatibility.avro_version import AvroVersion
from registry.compatibility.json_values import JsonNumber, JsonString
from registry.compatibility.logical_types import logical_props
from registry.compatibility.model import FixedSchema, PrimitiveSchema

_UNITS_A_DAY = {"time-millis": 86_400_000, "time-micros": 86_400_000_000}

# Fractions such as 0.05: whatever one byte holds has no more digits than these.
MOSTLY_ONE_BYTE = {3, 4}
"""Precisions of decimals that most likely take a single byte."""

INSTANTS = {"timestamp-millis", "local-timestamp-millis"}
"""Logical types that are milliseconds since 1970."""


class Numbers(StrEnum):
    """What decimals and times are in an event."""

    EXACT = "exact"
    """Decimal, datetime, date, time: what fastavro gives."""
    SCALED = "scaled"
    """int, as on the wire: units of a decimal's last place, or of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logical:
    """A valid logical type that fastavro converts.

    Attributes:
        word: ``decimal``, ``timestamp-millis``, ...
        precision: Most digits of a decimal, else 0.
        scale: Its digits after the point, else 0.
    """

    word: str
    precision: int = 0
    scale: int = 0

    @property
    def is_number(self) -> bool:
        """True unless it is a UUID, which has no number to be carried as."""
        return self.word != "uuid"


def logical_of(schema: PrimitiveSchema | FixedSchema) -> Logical | None:
    """Return the logical type; one that is not valid does not count (Avro 1.12)."""
    props = logical_props(schema, AvroVersion.V1_12)
    name = props.get("logicalType")
    if not isinstance(name, JsonString):
        return None
    if f"{schema.type}-{name.value}" not in LOGICAL_READERS:
        return None
    precision, scale = (
        int(value.value) if isinstance(value, JsonNumber) else 0
        for value in (props.get("precision"), props.get("scale"))
    )
    return Logical(word=name.value, precision=precision, scale=scale)


def value_converter(
    schema: PrimitiveSchema | FixedSchema, logical: Logical
) -> Callable[[Any], object]:
    """Return fastavro's conversion, which must not see times that no day has.

    It would make others of them; decimals are not its business, it would round them.
    """
    convert: Callable[..., object] = LOGICAL_READERS[f"{schema.type}-{logical.word}"]
    units = _UNITS_A_DAY.get(logical.word)
    if units is None:
        return convert

    def to_time_of_day(value: int) -> object:
        if not 0 <= value < units:
            raise ValueError(f"{value} is no {logical.word} of a day")
        return convert(value)

    return to_time_of_day
