"""Numbers in a JSON text."""

import re
from typing import NamedTuple

from registry.compatibility.java_numbers import double_text
from registry.compatibility.json_errors import JsonSyntax
from registry.compatibility.json_values import JsonNumber

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_MAX_DIGITS = 1000


class NumberRead(NamedTuple):
    """A number, and the offset after it."""

    value: JsonNumber
    end: int


def read_number(text: str, offset: int, syntax: JsonSyntax) -> NumberRead:
    """Read the number that starts at the offset.

    Raises:
        InvalidSchema: It is not a JSON number.
    """
    match = _NUMBER.match(text, offset)
    if match is None:
        raise syntax.bad_number(text[offset + 1 : offset + 2], offset)
    following = text[match.end() : match.end() + 1]
    if following and (following.isalnum() or following in "._+-"):
        raise syntax.number_runs_on(match[0], following, match.end())
    if len(match[0]) > _MAX_DIGITS:
        raise syntax.number_too_long(len(match[0]), _MAX_DIGITS)
    return NumberRead(_number(match, offset), match.end())


def number(value: float, text: str = "") -> JsonNumber:
    """Return the JSON form of a Python number, a float as Java's double."""
    if isinstance(value, int):
        return JsonNumber(str(value), value)
    return JsonNumber(text or double_text(value), value)


def _number(match: re.Match[str], offset: int) -> JsonNumber:
    if match[1] is None and match[2] is None:
        integer = int(match[0])
        return JsonNumber(str(integer), integer, offset)
    value = float(match[0])
    return JsonNumber(double_text(value), value, offset)
