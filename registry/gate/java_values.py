"""Avro for Java's logical conversions, as values that compare and print."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from registry.gate.logical import LogicalType

Value: TypeAlias = object

_DAY_S = 86_400
_PER_SECOND = {"millis": 1_000, "micros": 1_000_000, "nanos": 1_000_000_000}
_UUID_BYTES = 16


class JavaFailure(ValueError):
    """Avro for Java raises here, with these words."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or time of Java's.

    Attributes:
        kind: Instant, LocalDateTime, LocalDate or LocalTime.
        text: As Java prints it, to the second or finer.
    """

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


def convert(logical: LogicalType, raw: Value) -> Value:
    """Return what the conversion makes of the raw value.

    Raises:
        JavaFailure: The conversion refuses it.
    """
    name = logical.name
    if name == "decimal":
        return _decimal(raw, logical.scale)
    if name == "uuid":
        return _uuid(raw)
    if name in _TIMES and isinstance(raw, int):
        return _TIMES[name](raw)
    if "timestamp" in name and isinstance(raw, int):
        return _timestamp(name, raw)
    return raw


def _decimal(raw: Value, scale: int) -> Value:
    if not isinstance(raw, bytes):
        return raw
    unscaled = int.from_bytes(raw, "big", signed=True)
    sign, digits = int(unscaled < 0), tuple(int(each) for each in str(abs(unscaled)))
    return Decimal((sign, digits, -scale))


def _uuid(raw: Value) -> Value:
    if isinstance(raw, bytes) and len(raw) == _UUID_BYTES:
        return uuid.UUID(bytes=raw)
    try:
        return uuid.UUID(str(raw))
    except ValueError:
        text = f"IllegalArgumentException: Invalid UUID string: {raw}"
        raise JavaFailure(text) from None


def _timestamp(name: str, raw: int) -> Moment:
    unit = name.rpartition("-")[2]
    seconds, part = divmod(raw, _PER_SECOND[unit])
    nanos = part * (1_000_000_000 // _PER_SECOND[unit])
    days, second_of_day = divmod(seconds, _DAY_S)
    text = f"{_date_text(days)}T{_time_text(second_of_day, nanos)}"
    if name.startswith("local-"):
        return Moment("LocalDateTime", text)
    return Moment("Instant", text + "Z")


def _date(raw: int) -> Moment:
    return Moment("LocalDate", _date_text(raw))


def _time_millis(raw: int) -> Moment:
    return _time(raw, 1_000)


def _time_micros(raw: int) -> Moment:
    return _time(raw, 1_000_000)


def _time(raw: int, per_second: int) -> Moment:
    seconds, part = divmod(raw, per_second)
    if not 0 <= seconds < _DAY_S:
        text = f"DateTimeException: {raw} is outside of one day"
        raise JavaFailure(text)
    nanos = part * (1_000_000_000 // per_second)
    return Moment("LocalTime", _time_text(seconds, nanos))


_TIMES: dict[str, Callable[[int], Moment]] = {
    "date": _date,
    "time-millis": _time_millis,
    "time-micros": _time_micros,
}


def _time_text(second_of_day: int, nanos: int) -> str:
    minutes, second = divmod(second_of_day, 60)
    hour, minute = divmod(minutes, 60)
    text = f"{hour:02}:{minute:02}:{second:02}"
    if not nanos:
        return text
    digits = f"{nanos:09}"
    for width in (3, 6):
        if not int(digits[width:]):
            return f"{text}.{digits[:width]}"
    return f"{text}.{digits}"


def _date_text(days: int) -> str:
    """Return the date so many days after 1970-01-01, of any year.

    Counts in eras of 400 years, 146,097 days each, that start on a 1 March.
    """
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (
        365 * year_of_era + year_of_era // 4 - year_of_era // 100
    )
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9  # noqa: PLR2004 - March is 0
    year = year_of_era + 400 * era + (1 if month <= 2 else 0)  # noqa: PLR2004 - as above
    shown = f"{year:04}" if 0 <= year <= 9999 else f"{year:+05}"  # noqa: PLR2004 - as Java
    return f"{shown}-{month:02}-{day:02}"
