"""From what stands on the wire to the values that events hold."""

from datetime import UTC, datetime, timedelta
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact, InvalidOperation

from registry.codec.reading import read_span

from_bytes = int.from_bytes

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_REMEMBERED = 4_096
_DIGITS_A_BIT = 0.302  # log10(2), rounded up


def timestamp_millis(value: int) -> datetime:
    """Return the instant that many milliseconds after 1970 began in UTC."""
    hour, rest = divmod(value, 3_600_000)
    seconds, millis = divmod(rest, 1000)
    return _HOURS[hour] + _SECONDS[seconds] + _MILLIS[millis]


class _Hours(dict[int, datetime]):
    """When hours since 1970 began; remembers some, since records come in order."""

    def __missing__(self, hour: int) -> datetime:
        """Work it out; OverflowError if there is no such year."""
        value = _EPOCH + timedelta(hours=hour)
        if len(self) < _MOST_REMEMBERED:
            self[hour] = value
        return value


# A timedelta is dear to make and cheap to add.
_HOURS = _Hours()
_SECONDS = tuple(timedelta(seconds=each) for each in range(3600))
_MILLIS = tuple(timedelta(milliseconds=each) for each in range(1000))


class Symbols(dict[int, str]):
    """What a reader sees of an enum, by the symbol's number as on the wire."""

    def __missing__(self, raw: int) -> str:
        """Refuse a number without a symbol that the reader knows."""
        number = (raw >> 1) ^ -(raw & 1)
        raise ValueError(f"the reader knows no symbol number {number}")


class Decimals(dict[bytes, Decimal]):
    """Decimals by their bytes; remembers some, since prices repeat.

    Attributes:
        precision: Most digits of one.
        safe_bytes: How many bytes cannot hold more.
    """

    __slots__ = ("_multiply", "_unit", "precision", "safe_bytes")

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__()
        self.precision = precision
        self.safe_bytes = int((precision / _DIGITS_A_BIT - 1) // 8)
        self._unit = Decimal((0, (1,), -scale))
        self._multiply = Context(
            prec=precision,
            Emin=MIN_EMIN,
            Emax=MAX_EMAX,
            traps=[Inexact, InvalidOperation],
        ).multiply

    def __missing__(self, raw: bytes) -> Decimal:
        """Work the value out; one of too many digits is refused."""
        number = int.from_bytes(raw, "big", signed=True)
        if len(raw) > self.safe_bytes:
            check_digits(number, self.precision)
        value = self._multiply(number, self._unit)
        if len(self) < _MOST_REMEMBERED:
            self[raw] = value
        return value


def read_scaled(body: bytes, pos: int, precision: int) -> tuple[int, int]:
    """Return a decimal in units of its last place, and the offset behind it.

    Longer than most, negative, or of no bytes at all: what generated code leaves to us.
    """
    start, end = read_span(body, pos)
    return signed(body[start:end], precision), end


def signed(raw: bytes, precision: int) -> int:
    """Return a decimal in units of its last place; too many digits are refused."""
    number = int.from_bytes(raw, "big", signed=True)
    check_digits(number, precision)
    return number


def check_digits(number: int, precision: int) -> None:
    """Refuse a number of too many digits."""
    if abs(number) >= 10**precision:
        raise ValueError(f"the decimal has more than {precision} digits")


def fresh(value: object) -> object:
    """Return a default for one event alone: lists and dicts are copied."""
    match value:
        case list():
            return [fresh(each) for each in value]
        case dict():
            return {key: fresh(each) for key, each in value.items()}
    return value
