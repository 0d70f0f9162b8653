"""Orders from a file or from standard input: JSON Lines, one order a line."""

import codecs
import hashlib
import os
import select
import stat
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from producers.order_service.errors import IllegalOrder, SourceChanged
from producers.order_service.orders import OrderRules, SourcedOrder
from producers.order_service.ordinary import read_line
from producers.order_service.positions import Position
from registry.errors import ConfigError
from runtime.errors import BadInput

STANDARD_INPUT = "-"

_CHUNK_BYTES = 2**18
_LONGEST_LINE_BYTES = 2**23
_WAIT_S = 0.1


class Line(NamedTuple):
    """A line without its end.

    Attributes:
        number: From 1.
        content: None if it is longer than 8 MiB.
        digest: SHA-256 of the content without white space around it; of a line that
            is too long, with it.
        is_ended: False for the last line of a file that does not end with a newline.
    """

    number: int
    content: bytes | None
    digest: bytes
    is_ended: bool


class LineReader:
    """Lines of a file, a pipe or a terminal; never waits longer than it is told.

    A signal is thus noticed also while nothing comes down a pipe.

    Attributes:
        size_bytes: Size of a regular file, else None.
        taken_bytes: Size of the lines that were taken so far, with their ends.
    """

    def __init__(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        self.size_bytes = found.st_size if stat.S_ISREG(found.st_mode) else None
        self.taken_bytes = 0
        self._descriptor = descriptor
        self._complete: deque[Line] = deque()
        self._rest = b""
        self._too_long: hashlib._Hash | None = None
        self._has_ended = False
        self._number = 0

    @property
    def is_exhausted(self) -> bool:
        """True once the last line was taken and the end was met."""
        return self._has_ended and not self._complete

    def find_line(self, *, wait_s: float) -> Line | None:
        """Return the next line, or None if it is not there after `wait_s`."""
        if not self._complete and not self._has_ended:
            self._read(wait_s)
        if not self._complete:
            return None
        line = self._complete.popleft()
        self.taken_bytes += len(line.content or b"") + 1
        return line

    def _read(self, wait_s: float) -> None:
        if not select.select([self._descriptor], [], [], wait_s)[0]:
            return
        chunk = os.read(self._descriptor, _CHUNK_BYTES)
        if chunk:
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                self._add(line, is_ended=True)
        else:
            self._has_ended = True
            if self._rest or self._too_long is not None:
                self._add(self._rest, is_ended=False)
        if len(self._rest) > _LONGEST_LINE_BYTES:
            self._too_long = self._too_long or hashlib.sha256()
            self._too_long.update(self._rest)
            self._rest = b""

    def _add(self, content: bytes, *, is_ended: bool) -> None:
        self._number += 1
        if self._too_long is None:
            digest = hashlib.sha256(content.strip()).digest()
            line = Line(self._number, content, digest, is_ended)
        else:
            self._too_long.update(content)
            line = Line(self._number, None, self._too_long.digest(), is_ended)
        self._too_long = None
        self._complete.append(line)


class JsonLinesSource:
    """Orders of a JSON Lines file; empty lines are passed over.

    A position stands after so many lines: lines may be added to the file, but those
    before the position must stay as they were.
    """

    def __init__(self, lines: LineReader, *, name: str, rules: OrderRules) -> None:
        self._lines = lines
        self._name = name
        self._rules = rules
        self._passed_count = 0
        self._passed = hashlib.sha256()

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
        return Position(
            entry_count=self._passed_count, fingerprint=self._passed.hexdigest()
        )

    def resume(self, position: Position) -> None:
        """Go to a place that `position` once gave; nothing was taken yet.

        Raises:
            SourceChanged: The lines before the place are fewer, or not the same.
            ConfigError: The file cannot be read.
        """
        count = position.entry_count
        while self._passed_count < count:
            line = self._find_line(_WAIT_S)
            if line is not None:
                self._pass(line)
            elif self.is_exhausted:
                found = self._passed_count
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
                self._pass(line)
            raise BadInput(place, exc.reason) from exc
        self._pass(line)
        return None if event is None else SourcedOrder(place, event)

    def _pass(self, line: Line) -> None:
        self._passed_count += 1
        self._passed.update(line.digest)

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
        raise IllegalOrder(f"longer than {_LONGEST_LINE_BYTES} bytes")
    if line.number == 1:
        return line.content.removeprefix(codecs.BOM_UTF8).strip()
    return line.content.strip()


def _unreadable(name: str, exc: OSError) -> ConfigError:
    return ConfigError(f"{name} cannot be read: {exc.strerror}")
