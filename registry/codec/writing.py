"""What generated encoders call where a single line of theirs would not do.

Every function returns the bytes of a value, or raises one of `FAULTS` with a sentence
for people.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import MIN_EMIN, Context, Decimal, Inexact, InvalidOperation, Overflow
from numbers import Integral, Real
from typing import Any, Final, NoReturn

from registry.errors import UnfitEvent

FAULTS: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What an event that is not one of the schema's can raise."""

_CONTINUES = tuple(bytes((each & 127 | 128, each >> 7 | 128)) for each in range(16_384))
_ENDS = tuple(
    bytes((each,)) if each < 128 else bytes((each & 127 | 128, each >> 7))  # noqa: PLR2004 - what seven bits hold
    for each in range(16_384)
)
SHORT_COUNT = 1024
# Lengths, counts and numbers below `SHORT_COUNT`.
SHORT = tuple(_ENDS[2 * each] for each in range(SHORT_COUNT))
FLOAT = struct.Struct("<f").pack
DOUBLE = struct.Struct("<d").pack
_EIGHT_BYTES = struct.Struct(">q").pack

# Every instant from 1970-07 to 2039 takes six bytes.
_LEAST_OF_SIX_BYTES = 2**34
_FIRST_BEYOND_SIX_BYTES = 2**41
_MOST_REMEMBERED = 4_096
_INT_LIMIT = 2**31
_LONG_LIMIT = 2**63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def number_bytes(value: int) -> bytes:
    """Return a number of at most 64 bits as Avro writes int and long."""
    raw = value << 1 if value >= 0 else ~(value << 1)
    written = b""
    while raw >= len(_ENDS):
        written += _CONTINUES[raw & 16_383]
        raw >>= 14
    return written + _ENDS[raw]


def write_int(value: object) -> bytes:
    """Return an int; it must have 32 bits at most."""
    number = integer(value)
    if not -_INT_LIMIT <= number < _INT_LIMIT:
        raise ValueError(f"{number} is no int, which has 32 bits")
    return number_bytes(number)


def write_long(value: object) -> bytes:
    """Return a long; it must have 64 bits at most."""
    number = integer(value)
    if not -_LONG_LIMIT <= number < _LONG_LIMIT:
        raise ValueError(f"{number} is no long, which has 64 bits")
    return number_bytes(number)


def timestamp_millis(value: object) -> bytes:
    """Return an instant in milliseconds; what is left of a millisecond is cut off."""
    if not isinstance(value, datetime):
        return write_long(value)
    since = _since_epoch(value)
    millis = since.days * 86_400_000 + since.seconds * 1000
    return _millis_bytes(millis + since.microseconds // 1000)


def scaled_instant(value: object) -> bytes:
    """Return a long that most likely is milliseconds of these days, in six bytes."""
    if type(value) is int and _LEAST_OF_SIX_BYTES <= value < _FIRST_BEYOND_SIX_BYTES:
        return _EVEN[value & 8191] + _TAILS[value >> 13]
    return write_long(value)


def _millis_bytes(millis: int) -> bytes:
    if _LEAST_OF_SIX_BYTES <= millis < _FIRST_BEYOND_SIX_BYTES:
        return _EVEN[millis & 8191] + _TAILS[millis >> 13]
    return number_bytes(millis)


class _Tails(dict[int, bytes]):
    """The last four bytes of instants, which eight seconds share, by their bits."""

    def __missing__(self, bits: int) -> bytes:
        """Work them out; time goes on, so old ones are forgotten."""
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        tail = self[bits] = _CONTINUES[bits & 16_383] + _ENDS[bits >> 14]
        return tail


_EVEN = _CONTINUES[::2]
_TAILS = _Tails()


def timestamp_micros(value: object) -> bytes:
    """Return an instant in microseconds."""
    if not isinstance(value, datetime):
        return write_long(value)
    since = _since_epoch(value)
    return number_bytes(
        since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds
    )


def _since_epoch(instant: datetime) -> timedelta:
    if instant.tzinfo is None:
        raise ValueError("a naive datetime, which is no instant: it has no time zone")
    return instant - _EPOCH


def integer(value: object) -> int:
    """Return an int or the like; bool is none."""
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, Integral):
        _refuse(value, "int")
    return int(value)


def real(value: object) -> float:
    """Return a number as float or double need it; text and bool are none."""
    if isinstance(value, bool) or not isinstance(value, Real):
        _refuse(value, "number")
    return float(value)


def write_boolean(value: object) -> bytes:
    """Return a bool, and nothing else that may count as true."""
    if not isinstance(value, bool):
        _refuse(value, "bool")
    return b"\x01" if value else b"\x00"


def write_null(value: object) -> bytes:
    """Return nothing for None, and for nothing else."""
    if value is not None:
        _refuse(value, "None")
    return b""


def raw_bytes(value: object) -> bytes:
    """Return bytes as they are."""
    if not isinstance(value, bytes | bytearray):
        _refuse(value, "bytes")
    return bytes(value)


def fixed(value: object, size: int) -> bytes:
    """Return bytes of that number."""
    raw = raw_bytes(value)
    if len(raw) != size:
        raise ValueError(f"{len(raw)} bytes where there must be {size}")
    return raw


def sequence(value: object) -> Sequence[Any]:
    """Return a list or the like; text and bytes are none."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes | bytearray):
        _refuse(value, "list")
    return value


def mapping(value: object) -> Mapping[str, Any]:
    """Return a dict or the like."""
    if not isinstance(value, Mapping):
        _refuse(value, "dict")
    return value


class Codes(dict[str, bytes]):
    """An enum's symbols as bytes."""

    def __missing__(self, symbol: str) -> bytes:
        """Refuse what is no symbol."""
        raise ValueError(f"{symbol!r} is no symbol of the enum")


def scaled_writer(precision: int, size: int | None) -> Callable[[int], bytes]:
    """Return what writes an int as the decimal of that many units of its last place.

    Args:
        precision: Most digits; more are refused.
        size: Number of bytes, or None for as few as fastavro takes, after their
            number.
    """
    safe_bits = int(precision / 0.302)  # log10(2), rounded up
    at_once_bits = min(safe_bits, 63) if size is None else -1

    def write(number: int) -> bytes:
        bits = number.bit_length()
        if bits <= at_once_bits:
            least = (bits + 8) >> 3
            return SHORT[least] + _EIGHT_BYTES(number)[8 - least :]
        if bits > safe_bits and abs(number) >= 10**precision:
            raise ValueError(f"more than {precision} digits")
        if size is not None:
            return number.to_bytes(size, "big", signed=True)
        least = (bits + 8) >> 3
        written = SHORT[least] if least < SHORT_COUNT else number_bytes(least)
        return written + number.to_bytes(least, "big", signed=True)

    return write


def decimal_writer(
    precision: int, scale: int, size: int | None
) -> Callable[[object], bytes]:
    """Return what writes a Decimal, exactly or not at all."""
    context = Context(
        prec=precision,
        Emin=MIN_EMIN,
        Emax=precision - 1,
        traps=[Inexact, InvalidOperation, Overflow],
    )
    multiply, to_integral = context.multiply, context.to_integral_exact
    write_scaled = scaled_writer(precision, size)
    shift = Decimal((0, (1,), scale))

    def write(value: object) -> bytes:
        if not isinstance(value, Decimal):
            _refuse(value, "Decimal")
        try:
            number = int(to_integral(multiply(value, shift)))
        except (Inexact, Overflow):
            is_large = value.adjusted() + scale >= precision
            limit = f"{precision} digits"
            if not is_large:
                limit = f"{scale} digits after the point"
            raise ValueError(f"{value} has more than {limit}") from None
        return write_scaled(number)

    return write


def unfit(paths: Sequence[str], error: BaseException) -> UnfitEvent:
    """Return the error that says which part does not fit, and why.

    Args:
        paths: What each line of the generated source writes.
        error: As it was caught in the generated source.
    """
    line = error.__traceback__.tb_lineno if error.__traceback__ else 1
    return UnfitEvent(path=paths[line - 1], reason=_reason(error))


def _reason(error: BaseException) -> str:
    match error:
        case KeyError():
            return "the event has no such field"
        case AttributeError():
            return f"a {type(error.obj).__name__} is not of the type"
        case RecursionError():
            return "values nested too deeply to be followed"
    return str(error) or type(error).__name__


def _refuse(value: object, expected: str) -> NoReturn:
    raise TypeError(f"a {type(value).__name__} where {expected} is expected")
