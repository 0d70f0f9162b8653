"""JSON without comments and mistakes, read fast: a whole entry at a time.

All else is left to `json_text`, which reads a character at a time and knows what to
say. Both give the same values; the tests hold them against each other.
"""

import re
from typing import NoReturn

from registry.compatibility.json_numbers import MAX_DIGITS, number_at
from registry.compatibility.json_strings import unescape
from registry.compatibility.json_values import (
    JsonArray,
    JsonBoolean,
    JsonNull,
    JsonObject,
    JsonString,
    JsonValue,
)

_GAP = r"[ \t\r\n]*"
_PLAIN = r'[^"\\\x00-\x1f]*'
_STRING = rf'"({_PLAIN}(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{{4}}){_PLAIN})*)"'
_NUMBER = r"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
_SCALAR = rf"{_STRING}|(true|false|null)|{_NUMBER}"
_VALUE = rf"(?:(?:{_SCALAR}){_GAP}([,\]}}])|([{{\[]){_GAP}([\]}}]?))"
_MEMBER = re.compile(rf"{_GAP}{_STRING}{_GAP}:{_GAP}{_VALUE}")
_ITEM = re.compile(rf"{_GAP}(){_VALUE}")
_STRING_GROUP, _WORD_GROUP, _NUMBER_GROUP, _OPENING_GROUP = 2, 3, 4, 6
_CONTAINER = re.compile(rf"{_GAP}[{{\[]")
_AFTER = re.compile(rf"{_GAP}([,\]}}])")
_ENTRY = {"{": _MEMBER.match, "[": _ITEM.match}
_CLOSING = {"{": "}", "[": "]"}


class NotPlain(Exception):
    """The text is something else, which another reader has to look at."""


def read_plain_json(text: str, *, max_nesting: int) -> tuple[JsonValue, int]:
    """Return the object or array at the start of the text, and the offset after it.

    Raises:
        NotPlain: Something else stands there, or something in it is wrong.
    """
    if _CONTAINER.match(text) is None:
        raise NotPlain
    reader = _PlainReader(text, max_nesting)
    return reader.read(), reader.at


class _Open:
    """An object or array whose end has not been read yet; `name` is its own."""

    __slots__ = ("entries", "name", "offset", "opening")

    def __init__(self, opening: str, offset: int, name: str) -> None:
        self.opening = opening
        self.offset = offset
        self.name = name
        self.entries: list[tuple[str, JsonValue]] = []

    def finish(self) -> JsonValue:
        if self.opening == "{":
            return JsonObject(dict(self.entries), self.offset)
        return JsonArray(tuple([value for _, value in self.entries]), self.offset)


class _PlainReader:
    """Reads one container.

    The name of the last entry and the mark behind it are kept between two steps.
    """

    def __init__(self, text: str, max_nesting: int) -> None:
        self._text = text
        self._max_nesting = max_nesting
        self._open: list[_Open] = []
        self._match_entry = _ITEM.match
        self._name = self._mark = ""
        self.at = 0

    def read(self) -> JsonValue:
        while True:
            value = self._read_entry()
            while value is not None:
                if not self._open:
                    return value
                value = self._add(value)

    def _read_entry(self) -> JsonValue | None:
        """Read a scalar or an empty container, or open one and return None."""
        match = self._match_entry(self._text, self.at)
        if match is None:
            _refuse()
        self.at = match.end()
        self._name, string, word, number, self._mark, opening, closing = match.groups()
        if "\\" in self._name:
            self._name = unescape(self._name)
        if string is not None:
            value = unescape(string) if "\\" in string else string
            return JsonString(value, match.start(_STRING_GROUP) - 1)
        if opening:
            return self._enter(opening, closing, match.start(_OPENING_GROUP))
        if word:
            return _literal(word, match.start(_WORD_GROUP))
        if len(number) > MAX_DIGITS:
            _refuse()
        return number_at(number, match.start(_NUMBER_GROUP))

    def _enter(self, opening: str, closing: str, offset: int) -> JsonValue | None:
        if len(self._open) >= self._max_nesting:
            _refuse()
        self._open.append(_Open(opening, offset, self._name))
        self._match_entry = _ENTRY[opening]
        return self._close(closing) if closing else None

    def _add(self, value: JsonValue) -> JsonValue | None:
        """Add the value to its container; return that if it ends here."""
        self._open[-1].entries.append((self._name, value))
        return None if self._mark == "," else self._close(self._mark)

    def _close(self, mark: str) -> JsonValue:
        container = self._open.pop()
        if mark != _CLOSING[container.opening]:
            _refuse()
        if self._open:
            self._name = container.name
            self._match_entry = _ENTRY[self._open[-1].opening]
            self._read_mark()
        return container.finish()

    def _read_mark(self) -> None:
        match = _AFTER.match(self._text, self.at)
        if match is None:
            _refuse()
        self.at = match.end()
        self._mark = match[1]


def _literal(word: str, offset: int) -> JsonValue:
    if word == "null":
        return JsonNull(offset)
    return JsonBoolean(word == "true", offset)


def _refuse() -> NoReturn:
    raise NotPlain
