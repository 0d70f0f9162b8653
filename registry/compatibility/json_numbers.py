"""Numbers in a JSON text."""

import re
from typing import NamedTuple

from registry.compatibility.java_numbers import double_text
from registry.compatibility.json_errors import JsonSyntax
from registry.compatibility.json_values import JsonNumber
from registry.errors import InvalidSchema

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_UNFINISHED_EXPONENT = re.compile(r"[eE][+-]?")
_SIGNED_WORD = re.compile(r"[+-]I[Nn][\w$]*")
_NO_PLUS_SIGN = (
    "JSON spec does not allow numbers to have plus signs: enable"
    " `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow"
)
MAX_DIGITS = 1000
"""Most digits of a number that is read, those of its exponent included."""


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
        raise _no_number(text, offset, syntax)
    following = text[match.end() : match.end() + 1]
    if following in {".", "e", "E"}:
        _check_finished(text, match, syntax)
    if match[0].lstrip("-") == "0" and following.isdigit():
        raise syntax.leading_zero(match.end())
    digit_count = sum(map(str.isdigit, match[0]))
    if digit_count > MAX_DIGITS:
        raise syntax.number_too_long(offset, digit_count, MAX_DIGITS)
    return NumberRead(number_at(match[0], offset), match.end())


def number(value: float, text: str = "") -> JsonNumber:
    """Return the JSON form of a float, as Java's double if no text is given."""
    return JsonNumber(text or double_text(value), value)


def number_at(written: str, offset: int) -> JsonNumber:
    """Return the number that is written so, at the offset."""
    if written.lstrip("-").isdigit():
        integer = int(written)
        return JsonNumber(str(integer), integer, offset)
    value = float(written)
    return JsonNumber(double_text(value), value, offset)


def _no_number(text: str, offset: int, syntax: JsonSyntax) -> InvalidSchema:
    """The sign there begins no number; an I is looked past for an infinity."""
    word = _SIGNED_WORD.match(text, offset)
    if word is not None:
        return syntax.unknown_word(word[0], offset)
    after = offset + 1 + text.startswith("I", offset + 1)
    if after >= len(text):
        is_lone_minus = text[offset:] == "-"
        detail = "No digit following sign" if is_lone_minus else " in a Number value"
        return syntax.ended(detail)
    if text[offset] == "+":
        return syntax.bad_number(offset, _NO_PLUS_SIGN)
    if text.startswith(".", offset + 1):
        return syntax.no_value(after)
    expected = "expected digit (0-9) to follow minus sign, for valid numeric value"
    return syntax.bad_number(after, expected)


def _check_finished(text: str, match: re.Match[str], syntax: JsonSyntax) -> None:
    """Raise for a point or an exponent without digits, where one may still come."""
    end = match.end()
    if text[end] == "." and match[1] is None and match[2] is None:
        after = end + 1 if end + 1 < len(text) else end
        raise syntax.bad_number(after, "Decimal point not followed by a digit")
    exponent = _UNFINISHED_EXPONENT.match(text, end)
    if exponent is None or match[2] is not None:
        return
    if exponent.end() >= len(text):
        detail = "expected a digit for number exponent"
        raise syntax.ended(detail)
    expected = "Exponent indicator not followed by a digit"
    raise syntax.bad_number(exponent.end(), expected)
