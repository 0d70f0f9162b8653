"""Lines of a file, a pipe or a terminal, a chunk at a time."""

import hashlib
import os
import select
import stat
from collections import deque
from collections.abc import Sequence
from itertools import count, repeat
from typing import NamedTuple

_CHUNK_BYTES = 2**18
LONGEST_LINE_BYTES = 2**23


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
    """

    def __init__(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        self.size_bytes = found.st_size if stat.S_ISREG(found.st_mode) else None
        self._descriptor = descriptor
        self._complete: deque[Line] = deque()
        self._rest = b""
        self._too_long: hashlib._Hash | None = None
        self._has_ended = False
        self._line_count = 0
        self._read_bytes = 0

    @property
    def is_exhausted(self) -> bool:
        """True once the last line was taken and the end was met."""
        return self._has_ended and not self._complete

    @property
    def taken_bytes(self) -> int:
        """Size of the lines that were taken so far, with their ends."""
        waiting = [len(line.content or b"") + line.is_ended for line in self._complete]
        return self._read_bytes - len(self._rest) - sum(waiting)

    def find_line(self, *, wait_s: float) -> Line | None:
        """Return the next line, or None if it is not there after `wait_s`.

        Raises:
            OSError: It cannot be read.
        """
        if not self._complete and not self._has_ended:
            self._read(wait_s)
        return self._complete.popleft() if self._complete else None

    def _read(self, wait_s: float) -> None:
        if not select.select([self._descriptor], [], [], wait_s)[0]:
            return
        chunk = os.read(self._descriptor, _CHUNK_BYTES)
        self._read_bytes += len(chunk)
        if chunk:
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            self._add(lines, is_ended=True)
        else:
            self._has_ended = True
            if self._rest or self._too_long is not None:
                self._add([self._rest], is_ended=False)
                self._rest = b""
        if len(self._rest) > LONGEST_LINE_BYTES:
            self._too_long = self._too_long or hashlib.sha256()
            self._too_long.update(self._rest)
            self._rest = b""

    def _add(self, lines: Sequence[bytes], *, is_ended: bool) -> None:
        if self._too_long is not None and lines:
            first, *lines = lines
            self._add_end_of_long_line(self._too_long, first, is_ended=is_ended)
        digests = [hashlib.sha256(each.strip()).digest() for each in lines]
        numbers = count(self._line_count + 1)
        # A named tuple's own constructor takes longer than this.
        new = tuple.__new__
        self._complete += [
            new(Line, each) for each in zip(numbers, lines, digests, repeat(is_ended))
        ]
        self._line_count += len(lines)

    def _add_end_of_long_line(
        self, digest: "hashlib._Hash", end: bytes, *, is_ended: bool
    ) -> None:
        digest.update(end)
        self._too_long = None
        self._line_count += 1
        self._complete.append(Line(self._line_count, None, digest.digest(), is_ended))
