"""The sentences of JSON errors, as a Confluent registry answers them."""

import re

from registry.compatibility.positions import SourceText
from registry.errors import InvalidSchema

_PACKAGE = "com.fasterxml.jackson.core"
_PARSE_ERROR = f"{_PACKAGE}.JsonParseException"
_END_ERROR = f"{_PACKAGE}.io.JsonEOFException"
_LIMIT_ERROR = f"{_PACKAGE}.exc.StreamConstraintsException"
_SOURCE = (
    "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled);"
    " line: {}, column: {}]"
)
_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_NON_NUMBERS = frozenset({"NaN", "Infinity", "-Infinity", "+Infinity", "-INF", "+INF"})
_CLOSING = {"Array": "]", "Object": "}"}
_OPENED_BY = {"]": "Array", "}": "Object"}
_SPACE = 32
_LATIN_1_LAST = 255
_HEX = re.compile(r"[0-9a-fA-F]{0,4}")

Opened = tuple[str, int]
"""A container that is not closed yet: Array or Object, and where it starts."""


class JsonSyntax:
    """Builds the error for a fault in one text.

    The registry names line 1, column 1 in most sentences, wherever the fault is;
    the fields `line` and `column` of the error tell the true place.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def unexpected(self, offset: int, expected: str) -> InvalidSchema:
        """The character cannot stand there."""
        character = self._text[offset]
        if character == "/":
            return self._bad_comment(offset)
        if ord(character) < _SPACE:
            sentence = (
                f"Illegal character ({_shown(character)}): only regular white space"
                " (\\r, \\n, \\t) is allowed between tokens"
            )
            return self._error(sentence, offset)
        sentence = f"Unexpected character ({_shown(character)}): {expected}"
        return self._error(sentence, offset)

    def not_an_entry(
        self, offset: int, expected: str, opened: Opened | None
    ) -> InvalidSchema:
        """Neither an entry nor its separator: perhaps the end of something else."""
        character = self._text[offset]
        kind = _OPENED_BY.get(character)
        if kind is None:
            return self.unexpected(offset, expected)
        marker = f"Unexpected close marker '{character}'"
        if opened is None:
            return self._error(f"{marker}: no open {kind} to close", offset)
        open_kind, start = opened
        sentence = (
            f"{marker}: expected '{_CLOSING[open_kind]}' (for {open_kind} starting at"
            f" {self._place_text(start)})"
        )
        return self._error(sentence, offset)

    def no_value(self, offset: int) -> InvalidSchema:
        """The character starts no value."""
        return self.unexpected(offset, f"expected a valid value {_VALUES}")

    def unknown_word(self, word: str, offset: int) -> InvalidSchema:
        """The word is no literal."""
        if word in _NON_NUMBERS:
            switch = "`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS`"
            sentence = f"Non-standard token '{word}': enable {switch} to allow"
        else:
            sentence = f"Unrecognized token '{word}': was expecting {_VALUES}"
        return self._error(sentence, offset)

    def bad_string(self, offset: int, role: str) -> InvalidSchema:
        """The string cannot go on at the offset."""
        character = self._text[offset : offset + 1]
        if not character:
            return self._ended_in_string(role)
        if character == "\\":
            return self._bad_escape(offset)
        sentence = (
            f"Illegal unquoted character ({_shown(character)}): has to be escaped"
            f" using backslash to be included in {role}"
        )
        return self._error(sentence, offset)

    def bad_number(self, offset: int, expected: str) -> InvalidSchema:
        """The character cannot go on the number that is being read."""
        sentence = f"Unexpected character ({_shown(self._text[offset])})"
        return self._error(f"{sentence} in numeric value: {expected}", offset)

    def leading_zero(self, offset: int) -> InvalidSchema:
        """A number starts with a zero that is not all of it."""
        return self._error("Invalid numeric value: Leading zeroes not allowed", offset)

    def number_too_long(self, offset: int, length: int, limit: int) -> InvalidSchema:
        """The number has more digits than are read."""
        sentence = (
            f"Number value length ({length}) exceeds the maximum allowed ({limit}, from"
            " `StreamReadConstraints.getMaxNumberLength()`)"
        )
        return self._limit_error(sentence, offset)

    def too_deep(self, offset: int, limit: int) -> InvalidSchema:
        """Objects and arrays are nested deeper than is read."""
        sentence = (
            f"Document nesting depth ({limit + 1}) exceeds the maximum allowed"
            f" ({limit}, from `StreamReadConstraints.getMaxNestingDepth()`)"
        )
        return self._limit_error(sentence, offset)

    def ended(self, detail: str) -> InvalidSchema:
        """The text ends too early; the detail goes on the sentence as it is."""
        return self._end_error(f"Unexpected end-of-input{detail}", _END_ERROR)

    def ended_in(self, opened: Opened) -> InvalidSchema:
        """The text ends before the container does."""
        kind, start = opened
        marker = f"(start marker at {self._place_text(start)})"
        return self.ended(f": expected close marker for {kind} {marker}")

    def ended_after_comma(self, opened: Opened) -> InvalidSchema:
        """The text ends where another entry must come."""
        sentence = f"Unexpected end-of-input within/between {opened[0]} entries"
        return self._end_error(sentence, _PARSE_ERROR)

    def _ended_in_string(self, role: str) -> InvalidSchema:
        if role == "name":
            return self.ended(" in field name")
        return self.ended(f": was expecting closing quote for a {role}")

    def _bad_escape(self, offset: int) -> InvalidSchema:
        escaped = self._text[offset + 1 : offset + 2]
        digits = _HEX.match(self._text, offset + 2)
        end = offset + 2 if digits is None else digits.end()
        if not escaped or (escaped == "u" and end >= len(self._text)):
            return self.ended(" in character escape sequence")
        if escaped != "u":
            shown = _shown(escaped)
            return self._error(f"Unrecognized character escape {shown}", offset)
        expected = "expected a hex-digit for character escape sequence"
        return self.unexpected(end, expected)

    def _bad_comment(self, offset: int) -> InvalidSchema:
        following = self._text[offset + 1 : offset + 2]
        if following in {"", "*"}:
            return self.ended(" in a comment")
        expected = "was expecting either '*' or '/' for a comment"
        sentence = f"Unexpected character ({_shown(following)}): {expected}"
        return self._error(sentence, offset + 1)

    def _error(self, sentence: str, offset: int) -> InvalidSchema:
        place = SourceText(self._text).position_at(offset)
        reason = f"{_PARSE_ERROR}: {sentence}\n at {_SOURCE.format(1, 1)}"
        return InvalidSchema(reason, line=place.line, column=place.column)

    def _limit_error(self, sentence: str, offset: int) -> InvalidSchema:
        place = SourceText(self._text).position_at(offset)
        reason = f"{_LIMIT_ERROR}: {sentence}"
        return InvalidSchema(reason, line=place.line, column=place.column)

    def _end_error(self, sentence: str, name: str) -> InvalidSchema:
        end = len(self._text)
        place = SourceText(self._text).position_at(end)
        reason = f"{name}: {sentence}\n at {self._place_text(end)}"
        return InvalidSchema(reason, line=place.line, column=place.column)

    def _place_text(self, offset: int) -> str:
        place = SourceText(self._text).position_at(offset)
        return _SOURCE.format(place.line, place.column)


def _shown(character: str) -> str:
    code = ord(character)
    if code < _SPACE:
        return f"(CTRL-CHAR, code {code})"
    if code > _LATIN_1_LAST:
        return f"'{character}' (code {code} / 0x{code:x})"
    return f"'{character}' (code {code})"
