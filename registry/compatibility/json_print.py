"""Compact JSON text, escaped the way Jackson escapes it."""

import math
import re

from registry.compatibility.json_values import (
    JsonArray,
    JsonBoolean,
    JsonNull,
    JsonNumber,
    JsonString,
    JsonValue,
)

_MUST_ESCAPE = re.compile(r'["\\\x00-\x1f]')
_SHORT_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


def quote(text: str) -> str:
    """Return the text as a JSON string; only what must be escaped is."""
    return f'"{_MUST_ESCAPE.sub(_escape, text)}"'


def to_json_text(value: JsonValue) -> str:
    """Return compact JSON; a number that JSON cannot hold (NaN) becomes a string."""
    match value:
        case JsonNull():
            return "null"
        case JsonBoolean():
            return "true" if value.value else "false"
        case JsonNumber():
            return value.text if _is_finite(value) else quote(value.text)
        case JsonString():
            return quote(value.value)
        case JsonArray():
            return f"[{','.join(map(to_json_text, value.items))}]"
    return f"{{{','.join(map(_member_text, value.members.items()))}}}"


def _is_finite(number: JsonNumber) -> bool:
    # An integer may be too large to be asked as a float.
    return isinstance(number.value, int) or math.isfinite(number.value)


def _member_text(member: tuple[str, JsonValue]) -> str:
    name, value = member
    return f"{quote(name)}:{to_json_text(value)}"


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT_ESCAPES.get(character, f"\\u{ord(character):04X}")
