"""What generated decoders call where a single line of theirs would not do.

Every function takes the body and the offset of what it reads, and either returns the
offset behind it or raises one of `FAULTS` with a sentence for people.
"""

import struct
from collections.abc import Sequence
from typing import Final

from registry.errors import MalformedBody

FAULTS: Final = (
    ArithmeticError,
    LookupError,
    RecursionError,
    ValueError,
    struct.error,
)
"""What reading a body that its writer did not write can raise."""

MOST_EMPTY_ITEMS = 65_536
"""Array items without a byte of their own that one body may claim to hold."""

# Values of numbers that take a single byte, by that byte.
SMALL = tuple((byte >> 1) ^ -(byte & 1) for byte in range(128))
# From the first byte of a length to the end of what is that long; 0 if there are more
# bytes to the length, or it is negative.
STEPS = tuple(0 if byte & 129 else 1 + (byte >> 1) for byte in range(256))
BOOLEANS = (False, True)
FLOAT = struct.Struct("<f").unpack_from
DOUBLE = struct.Struct("<d").unpack_from

_LAST_SHIFT = 63  # a tenth byte adds the 64th bit
_INT_LIMIT = 2**31
_LONG_LIMIT = 2**64
_SIX_BYTES = struct.Struct("<6B").unpack_from
_SIX_BITS_THAT_CONTINUE = sum(128 << 7 * place for place in range(5))


def read_raw(body: bytes, pos: int) -> tuple[int, int]:
    """Return a number of up to ten bytes, its sign still in the last bit."""
    raw = shift = 0
    while True:
        byte = body[pos]
        pos += 1
        raw |= (byte & 127) << shift
        if byte < 128:  # noqa: PLR2004 - the bit that says: more follow
            break
        shift += 7
        if shift > _LAST_SHIFT:
            raise ValueError("a number of more than 10 bytes")
    if raw >= _LONG_LIMIT:
        raise ValueError("a number of more than 64 bits")
    return raw, pos


def read_long(body: bytes, pos: int) -> tuple[int, int]:
    """Return a long of any length; two bytes, the most frequent, at once."""
    first = body[pos]
    if first > 127 and body[pos + 1] < 128:  # noqa: PLR2004 - the bit: more follow
        raw = first - 128 + (body[pos + 1] << 7)
        return (raw >> 1) ^ -(raw & 1), pos + 2
    raw, pos = read_raw(body, pos)
    return (raw >> 1) ^ -(raw & 1), pos


def read_instant(body: bytes, pos: int) -> tuple[int, int]:
    """Return a long that most likely takes six bytes, as milliseconds do these days."""
    try:
        a, b, c, d, e, f = _SIX_BYTES(body, pos)
    except struct.error:  # the body has no six bytes left
        return read_long(body, pos)
    if f >= 128 or a & b & c & d & e < 128:  # noqa: PLR2004 - the bit: more follow
        return read_long(body, pos)
    raw = a + (b << 7) + (c << 14) + (d << 21) + (e << 28) + (f << 35)
    raw -= _SIX_BITS_THAT_CONTINUE
    return (raw >> 1) ^ -(raw & 1), pos + 6


def read_int(body: bytes, pos: int) -> tuple[int, int]:
    """Return an int of any length."""
    value, pos = read_long(body, pos)
    if not -_INT_LIMIT <= value < _INT_LIMIT:
        raise ValueError(f"{value} is no int, which has 32 bits")
    return value, pos


def read_span(body: bytes, pos: int) -> tuple[int, int]:
    """Return where bytes or text begins and ends, from its length on."""
    size, start = read_long(body, pos)
    if size < 0:
        raise ValueError(f"a length of {size}")
    return start, start + size


def read_end(body: bytes, pos: int) -> tuple[int, int]:
    """Return the offset before the first byte and the end of bytes or text."""
    start, end = read_span(body, pos)
    return start - 1, end


def read_block(body: bytes, pos: int, least: int) -> tuple[int, int]:
    """Return how many items the next block of an array or map holds.

    For 0 items the offset is that of the 0, however many bytes it was written in, so
    that who looks there sees the end.

    Args:
        body: All of it.
        pos: Where the block begins.
        least: Fewest bytes that an item takes, > 0.
    """
    count, start = _read_count(body, pos)
    if count * least > len(body) - start:
        raise ValueError(f"{count} items cannot be in {len(body) - start} bytes")
    return count, start


def read_empty_block(body: bytes, pos: int, spare: list[int]) -> tuple[int, int]:
    """Do the same for items that may take no byte, of which `spare` are left."""
    count, start = _read_count(body, pos)
    spare[0] -= count
    if spare[0] < 0:
        raise ValueError(f"more than {MOST_EMPTY_ITEMS} items may be without a byte")
    return count, start


def _read_count(body: bytes, pos: int) -> tuple[int, int]:
    count, pos = read_long(body, pos)
    if count < 0:
        pos, _ = read_span(body, pos)  # its size in bytes, which nobody needs
        return -count, pos
    return count, pos if count else pos - 1


def skip_number(body: bytes, pos: int) -> int:
    """Return the offset behind a number."""
    return read_raw(body, pos)[1]


def skip_bytes(body: bytes, pos: int) -> int:
    """Return the offset behind bytes or text."""
    return read_span(body, pos)[1]


def skip_text(body: bytes, start: int, pos: int) -> int:
    """Return the offset behind text, which must be UTF-8 even if nobody reads it.

    Args:
        body: All of it.
        start: Where texts begin that lie before it and are not checked yet.
        pos: Where its length begins.
    """
    body[start:pos].decode()
    start, end = read_span(body, pos)
    body[start:end].decode()
    return end


def skip_block(body: bytes, pos: int) -> tuple[int, int]:
    """Return how many items to skip one by one, after blocks that tell their size."""
    count, pos = read_long(body, pos)
    while count < 0:
        pos = read_span(body, pos)[1]
        count, pos = read_long(body, pos)
    return count, pos if count else pos - 1


def no_branch(raw: int) -> ValueError:
    """Return the error of a union whose branch does not exist."""
    return ValueError(f"the union has no branch {(raw >> 1) ^ -(raw & 1)}")


def check_end(body: bytes, pos: int) -> None:
    """Refuse a body that goes on behind its last value, or ends before it."""
    left_over = len(body) - pos
    if left_over > 0:
        raise ValueError(f"{left_over} bytes follow its end")
    raise IndexError


def malformed(
    paths: Sequence[str], error: BaseException, body: bytes, pos: int
) -> MalformedBody:
    """Return the error that says what cannot be read, where, and why.

    Args:
        paths: What each line of the generated source reads.
        error: As it was caught in the generated source.
        body: All of it.
        pos: Where the last value that was read ends.
    """
    line = error.__traceback__.tb_lineno if error.__traceback__ else 1
    return MalformedBody(
        offset=min(pos, len(body)), path=paths[line - 1], reason=_reason(error)
    )


def _reason(error: BaseException) -> str:
    match error:
        case UnicodeDecodeError():
            return "text that is not UTF-8"
        case RecursionError():
            return "values nested too deeply to be followed"
        case IndexError() | struct.error():
            return "the body ends inside it"
    return str(error) or type(error).__name__
