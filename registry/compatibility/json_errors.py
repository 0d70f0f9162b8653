"""The sentences of JSON errors, as a Confluent registry answers them."""

import re

from registry.compatibility.positions import SourceText
from registry.errors import InvalidSchema

_PARSE_ERROR = "com.fasterxml.jackson.core.JsonParseException: "
_END_ERROR = "com.fasterxml.jackson.core.io.JsonEOFException: "
_SOURCE = (
    "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled);"
    " line: {}, column: {}]"
)
_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_SPACE = 32
_HEX = re.compile(r"[0-9a-fA-F]*")


class JsonSyntax:
    """Builds the error for a fault in one text.

    The registry names line 1, column 1 in most sentences, wherever the fault is;
    the fields `line` and `column` of the error tell the true place.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._source = SourceText(text)

    def unexpected(self, character: str, offset: int, expected: str) -> InvalidSchema:
        """The character cannot stand here."""
        shown = _shown(character)
        return self._error(f"Unexpected character ({shown}): {expected}", offset)

    def no_value(self, character: str, offset: int) -> InvalidSchema:
        """The character starts no value."""
        return self.unexpected(character, offset, f"expected a valid value {_VALUES}")

    def unknown_word(self, word: str, offset: int) -> InvalidSchema:
        """The word is no literal."""
        sentence = f"Unrecognized token '{word}': was expecting {_VALUES}"
        return self._error(sentence, offset)

    def bad_string(self, offset: int, role: str) -> InvalidSchema:
        """The string cannot go on at the offset."""
        character = self._text[offset : offset + 1]
        if not character:
            reason = (
                f"Unexpected end-of-input: was expecting closing quote for a {role}"
            )
            return self._end_error(reason)
        if character != "\\":
            sentence = (
                f"Illegal unquoted character ({_shown(character)}): has to be escaped"
                f" using backslash to be included in {role}"
            )
            return self._error(sentence, offset)
        return self._bad_escape(offset)

    def bad_number(self, following: str, offset: int) -> InvalidSchema:
        """A minus sign without a number after it."""
        if not following:
            return self._end_error("Unexpected end-of-input in a Number")
        expected = "expected digit (0-9) to follow minus sign, for valid numeric value"
        return self.unexpected(following, offset, expected)

    def number_runs_on(self, number: str, following: str, at: int) -> InvalidSchema:
        """Something that belongs to no number follows one directly."""
        if number.lstrip("-") == "0" and following.isdigit():
            return self._error("Invalid numeric value: Leading zeroes not allowed", at)
        if following == ".":
            expected = "Decimal point not followed by a digit"
            return self.unexpected(following, at, expected)
        expected = "Expected space separating root-level values"
        return self.unexpected(following, at, expected)

    def number_too_long(self, length: int, limit: int) -> InvalidSchema:
        """The number has more characters than are read."""
        return InvalidSchema(
            f"Number value length ({length}) exceeds the maximum allowed ({limit}, from"
            " `StreamReadConstraints.getMaxNumberLength()`)"
        )

    def too_deep(self, limit: int) -> InvalidSchema:
        """Objects and arrays are nested deeper than is read."""
        return InvalidSchema(
            f"Document nesting depth ({limit + 1}) exceeds the maximum allowed"
            f" ({limit}, from `StreamReadConstraints.getMaxNestingDepth()`)"
        )

    def ended(self, opened: tuple[str, int] | None, wanted: str) -> InvalidSchema:
        """The text ends inside the container opened there, or before `wanted`."""
        if opened is None:
            return self._end_error(f"Unexpected end-of-input: expected {wanted}")
        kind, offset = opened
        place = self._source.position_at(offset)
        start = _SOURCE.format(place.line, place.column)
        return self._end_error(
            f"Unexpected end-of-input: expected close marker for {kind}"
            f" (start marker at {start})"
        )

    def _bad_escape(self, offset: int) -> InvalidSchema:
        escaped = self._text[offset + 1 : offset + 2]
        if not escaped:
            return self._end_error(
                "Unexpected end-of-input in character escape sequence"
            )
        if escaped != "u":
            shown = _shown(escaped)
            return self._error(f"Unrecognized character escape {shown}", offset)
        digits = _HEX.match(self._text, offset + 2)
        end = digits.end() if digits else offset + 2
        expected = "expected a hex-digit for character escape sequence"
        return self.unexpected(self._text[end : end + 1] or " ", end, expected)

    def _error(self, sentence: str, offset: int) -> InvalidSchema:
        place = self._source.position_at(offset)
        reason = f"{_PARSE_ERROR}{sentence}\n at {_SOURCE.format(1, 1)}"
        return InvalidSchema(reason, line=place.line, column=place.column)

    def _end_error(self, sentence: str) -> InvalidSchema:
        place = self._source.position_at(len(self._text))
        where = _SOURCE.format(place.line, place.column)
        reason = f"{_END_ERROR}{sentence}\n at {where}"
        return InvalidSchema(reason, line=place.line, column=place.column)


def _shown(character: str) -> str:
    if ord(character) < _SPACE:
        return f"(CTRL-CHAR, code {ord(character)})"
    return f"'{character}' (code {ord(character)})"
