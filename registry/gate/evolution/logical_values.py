"""Defaults of logical types, given as values: ``0.00`` instead of its bytes."""

import datetime as dt
import re
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any

from registry.errors import ConfigError

LOGICAL_BASES = {
    "date": "int",
    "time-millis": "int",
    "time-micros": "long",
    "timestamp-millis": "long",
    "timestamp-micros": "long",
    "local-timestamp-millis": "long",
    "local-timestamp-micros": "long",
    "uuid": "string",
}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_WHOLE = re.compile(r"-?\d+")


def encode_logical(words: str, schema: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return the value as the JSON default of its base type.

    Raises:
        ConfigError: The words are no value of the logical type.
    """
    name = str(schema["logicalType"])
    try:
        if name == "decimal":
            return _decimal(words, schema)
        if name == "uuid":
            return str(uuid.UUID(words.strip('"')))
        if _WHOLE.fullmatch(words):
            return int(words)
        return _moment(words.strip('"'), name)
    except (ValueError, InvalidOperation) as exc:
        raise ConfigError(f"{words!r} is no {name}: {exc}") from exc


def _decimal(words: str, schema: dict[str, Any]) -> str:
    """Return the unscaled number's bytes, each as the character of its code."""
    value = Decimal(words.strip('"'))
    scale, precision = int(schema.get("scale", 0)), int(schema["precision"])
    unscaled = value.scaleb(scale)
    if not value.is_finite() or unscaled != unscaled.to_integral_value():
        raise ValueError(f"it has more than {scale} digits after the point")
    number = int(unscaled)
    if len(str(abs(number))) > precision:
        raise ValueError(f"it has more than {precision} digits")
    size = int(schema["size"]) if "size" in schema else number.bit_length() // 8 + 1
    return number.to_bytes(size, "big", signed=True).decode("latin-1")


def _moment(words: str, name: str) -> int:
    per_second = 1_000 if name.endswith("millis") else 1_000_000
    if name == "date":
        return (dt.date.fromisoformat(words) - _EPOCH.date()).days
    if name.startswith("time-"):
        clock = dt.datetime.combine(_EPOCH.date(), dt.time.fromisoformat(words))
        return _units(clock.replace(tzinfo=dt.UTC) - _EPOCH, per_second)
    moment = dt.datetime.fromisoformat(words)
    if name.startswith("timestamp-") and moment.tzinfo is None:
        raise ValueError("it has no offset, such as Z")
    return _units(moment.replace(tzinfo=moment.tzinfo or dt.UTC) - _EPOCH, per_second)


def _units(span: dt.timedelta, per_second: int) -> int:
    return span // dt.timedelta(microseconds=1_000_000 // per_second)
