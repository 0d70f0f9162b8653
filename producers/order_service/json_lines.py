"""Orders from a file or from standard input: JSON Lines, one order a line."""

import codecs
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from producers.order_service.errors import IllegalOrder, SourceChanged
from producers.order_service.lines import LONGEST_LINE_BYTES, Line, LineReader
from producers.order_service.orders import OrderRules, SourcedOrder
from producers.order_service.ordinary import read_line
from producers.order_service.positions import Bookmark, Position
from producers.order_service.trail import Trail
from registry.errors import ConfigError
from runtime.errors import BadInput

STANDARD_INPUT = "-"

_WAIT_S = 0.1


class JsonLinesSource:
    """Orders of a JSON Lines file; empty lines are passed over.

    A position stands after so many lines: lines may be added to the file, but those
    before the position must stay as they were.
    """

    def __init__(self, lines: LineReader, *, name: str, rules: OrderRules) -> None:
        self._lines = lines
        self._name = name
        self._rules = rules
        self._passed = Trail()

    @property
    def is_exhausted(self) -> bool:
        """True once the last line was taken."""
        return self._lines.is_exhausted

    @property
    def share_done(self) -> float | None:
        """How much was taken, 0 to 1; None if the size is not known."""
        size_bytes = self._lines.size_bytes
        if not size_bytes:
            return None
        return min(1.0, self._lines.taken_bytes / size_bytes)

    @property
    def position(self) -> Position:
        """The place after the line that was taken last.

        If that is a last line without an end and no legal order, the place is before
        it: whoever writes the file may not have finished it.
        """
        return self.bookmark()()

    def bookmark(self) -> Bookmark:
        """Return what gives `position` as it is now, whenever it is asked."""
        return self._passed.bookmark()

    def resume(self, position: Position) -> None:
        """Go to a place that `position` once gave; nothing was taken yet.

        Raises:
            SourceChanged: The lines before the place are fewer, or not the same.
            ConfigError: The file cannot be read.
        """
        count = position.entry_count
        while self._passed.entry_count < count:
            line = self._find_line(_WAIT_S)
            if line is not None:
                self._passed.add(line.digest)
            elif self.is_exhausted:
                found = self._passed.entry_count
                reason = (
                    f"its lines are fewer, {found}, than the {count} written already"
                )
                raise SourceChanged(self._name, reason)
        if self.position != position:
            reason = f"its first {count} lines were written already and have changed"
            raise SourceChanged(self._name, reason)

    def find_order(self, *, wait_s: float) -> SourcedOrder | None:
        """Return the order on the next line; None if it is empty or not there yet.

        Raises:
            BadInput: The line is no legal order; names file, line and reason.
                Calling again goes on after it.
            ConfigError: The file cannot be read any further.
        """
        line = self._find_line(wait_s)
        if line is None:
            return None
        place = f"{self._name}:{line.number}"
        try:
            content = _content(line)
            event = read_line(content, self._rules) if content else None
        except IllegalOrder as exc:
            if line.is_ended:
                self._passed.add(line.digest)
            raise BadInput(place, exc.reason) from exc
        self._passed.add(line.digest)
        return None if event is None else SourcedOrder(place, event)

    def _find_line(self, wait_s: float) -> Line | None:
        try:
            return self._lines.find_line(wait_s=wait_s)
        except OSError as exc:
            raise _unreadable(self._name, exc) from exc


@contextmanager
def open_json_lines(name: str, rules: OrderRules) -> Iterator[JsonLinesSource]:
    """Read orders from the file of that name, or from standard input if it is "-".

    Raises:
        ConfigError: The file cannot be opened.
    """
    if name == STANDARD_INPUT:
        reader = LineReader(sys.stdin.fileno())
        yield JsonLinesSource(reader, name="stdin", rules=rules)
        return
    try:
        descriptor = os.open(name, os.O_RDONLY)
    except OSError as exc:
        raise _unreadable(name, exc) from exc
    try:
        yield JsonLinesSource(LineReader(descriptor), name=name, rules=rules)
    finally:
        os.close(descriptor)


def _content(line: Line) -> bytes:
    if line.content is None:
        raise IllegalOrder(f"longer than {LONGEST_LINE_BYTES} bytes")
    if line.number == 1:
        return line.content.removeprefix(codecs.BOM_UTF8).strip()
    return line.content.strip()


def _unreadable(name: str, exc: OSError) -> ConfigError:
    return ConfigError(f"{name} cannot be read: {exc.strerror}")
