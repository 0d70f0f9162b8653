"""Places in a text."""

import re
from bisect import bisect_right
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n?|\n")


class Position(NamedTuple):
    """A place in a schema text, as an editor counts.

    Attributes:
        line: From 1; 0 for a schema that was built, not read.
        column: From 1; 0 likewise.
    """

    line: int
    column: int


NOWHERE = Position(0, 0)


class SourceText:
    """Turns offsets of one text into lines and columns."""

    def __init__(self, text: str) -> None:
        self._line_starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def position_at(self, offset: int) -> Position:
        """Return the place of the character at the offset, counted from 0."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)
