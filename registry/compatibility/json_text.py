"""Reading JSON with places: comments allowed, the last of duplicate keys wins.

The grammar, the limits and the sentences of errors are those of the parser that a
Confluent registry uses (Jackson, comments switched on).
"""

import re

from registry.compatibility.json_errors import JsonSyntax, Opened
from registry.compatibility.json_numbers import read_number
from registry.compatibility.json_plain import NotPlain, read_plain_json
from registry.compatibility.json_strings import unescape
from registry.compatibility.json_values import (
    JsonArray,
    JsonBoolean,
    JsonNull,
    JsonObject,
    JsonString,
    JsonValue,
)
from registry.errors import InvalidSchema

MAX_NESTING = 1000
"""Deepest nesting of objects and arrays that is read."""

_GAP = re.compile(r"(?:[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_GAP_STARTS = frozenset({" ", "\t", "\r", "\n", "/", ""})
_PLAIN_STRING = re.compile(r'"([^"\\\x00-\x1f]*)"')
_STRING = re.compile(
    r'"((?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)(?P<end>"?)'
)
_WORD = re.compile(r"(?![0-9])[\w$]+")


def read_json(text: str) -> tuple[JsonValue | None, int]:
    """Return the first value of the text and the offset after it.

    The value is None if the text is blank.

    Raises:
        InvalidSchema: The text does not start with a JSON value.
    """
    try:
        return read_plain_json(text, max_nesting=MAX_NESTING)
    except NotPlain:
        reader = _Reader(text)
    if reader.is_at_end():
        return None, len(text)
    return reader.read_value(), reader.at


class _Open:
    """An object or array whose end has not been read yet."""

    __slots__ = ("items", "key", "members", "offset")

    def __init__(self, offset: int, *, members: dict[str, JsonValue] | None) -> None:
        self.offset = offset
        self.members = members
        self.items: list[JsonValue] = []
        self.key = ""

    @property
    def closing(self) -> str:
        return "]" if self.members is None else "}"

    @property
    def opened(self) -> Opened:
        return ("Array" if self.members is None else "Object", self.offset)

    def add(self, value: JsonValue) -> None:
        if self.members is None:
            self.items.append(value)
        else:
            self.members[self.key] = value

    def finish(self) -> JsonValue:
        if self.members is None:
            return JsonArray(tuple(self.items), self.offset)
        return JsonObject(self.members, self.offset)


class _Reader:
    """Reads one value without recursion, so that depth costs no stack."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._syntax = JsonSyntax(text)
        self._open: list[_Open] = []
        self.at = 0

    def is_at_end(self) -> bool:
        """Skip white space and comments, and return whether anything follows."""
        if self._text[self.at : self.at + 1] not in _GAP_STARTS:
            return False
        match = _GAP.match(self._text, self.at)
        self.at = self.at if match is None else match.end()
        return self.at >= len(self._text)

    def read_value(self) -> JsonValue:
        if self._text[self.at] in "]}":
            raise self._syntax.not_an_entry(self.at, "", None)
        while True:
            value = self._start_value()
            while value is not None:
                if not self._open:
                    return value
                value = self._continue_after(value)

    def _start_value(self) -> JsonValue | None:
        """Read a scalar or an empty container, or open one and return None."""
        character = self._text[self.at]
        if character in "{[":
            return self._open_container(character)
        if character == '"':
            offset = self.at
            return JsonString(self._read_string("string value"), offset)
        if character in "+-" or "0" <= character <= "9":
            return self._read_number()
        return self._read_literal()

    def _open_container(self, character: str) -> JsonValue | None:
        if len(self._open) >= MAX_NESTING:
            raise self._syntax.too_deep(self.at, MAX_NESTING)
        container = _Open(self.at, members={} if character == "{" else None)
        self._open.append(container)
        self.at += 1
        if self._next_before_end(container) == container.closing:
            return self._close()
        if self._text[self.at] in "]}":
            raise self._syntax.not_an_entry(self.at, "", container.opened)
        if container.members is not None:
            self._read_key(container)
        return None

    def _continue_after(self, value: JsonValue) -> JsonValue | None:
        """Add the value to its container; return that if it ends here."""
        container = self._open[-1]
        container.add(value)
        character = self._next_before_end(container)
        if character == container.closing:
            return self._close()
        if character != ",":
            kind, _ = container.opened
            expected = f"was expecting comma to separate {kind} entries"
            raise self._syntax.not_an_entry(self.at, expected, container.opened)
        self.at += 1
        if self.is_at_end():
            raise self._syntax.ended_after_comma(container.opened)
        if container.members is not None:
            self._read_key(container)
        return None

    def _close(self) -> JsonValue:
        self.at += 1
        return self._open.pop().finish()

    def _read_key(self, container: _Open) -> None:
        """Read a name and the colon, up to where the value must start."""
        if self._text[self.at] != '"':
            expected = "was expecting double-quote to start field name"
            raise self._syntax.unexpected(self.at, expected)
        container.key = self._read_string("name")
        if self.is_at_end():
            raise self._ended_in_entry()
        if self._text[self.at] != ":":
            expected = "was expecting a colon to separate field name and value"
            raise self._syntax.unexpected(self.at, expected)
        self.at += 1
        if self.is_at_end():
            raise self._ended_in_entry()

    def _ended_in_entry(self) -> InvalidSchema:
        return self._syntax.ended(" within/between Object entries")

    def _read_number(self) -> JsonValue:
        number = read_number(self._text, self.at, self._syntax)
        self.at = number.end
        if not self._open and self._text[self.at : self.at + 1].strip(" \t\r\n"):
            expected = "Expected space separating root-level values"
            raise self._syntax.unexpected(self.at, expected)
        return number.value

    def _read_string(self, role: str) -> str:
        plain = _PLAIN_STRING.match(self._text, self.at)
        if plain is not None:
            self.at = plain.end()
            return plain[1]
        match = _STRING.match(self._text, self.at)
        if match is None or not match["end"]:
            end = self.at + 1 if match is None else match.end()
            raise self._syntax.bad_string(end, role)
        self.at = match.end()
        return unescape(match[1])

    def _read_literal(self) -> JsonValue:
        word = _WORD.match(self._text, self.at)
        if word is None:
            raise self._syntax.no_value(self.at)
        offset = self.at
        self.at = word.end()
        match word[0]:
            case "null":
                return JsonNull(offset)
            case "true" | "false":
                return JsonBoolean(word[0] == "true", offset)
        raise self._syntax.unknown_word(word[0], offset)

    def _next_before_end(self, container: _Open) -> str:
        """Skip to the next character and return it, or raise at the end."""
        if self.is_at_end():
            raise self._syntax.ended_in(container.opened)
        return self._text[self.at]
