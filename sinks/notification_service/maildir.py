"""Letters as files in a Maildir, each at most once.

A letter is written to `tmp` and linked into `new`. Its file name comes from its
Message-ID, so that delivering it again finds the file there and leaves it alone.
Source: D. J. Bernstein, "Using maildir format".
"""

import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from registry.errors import ConfigError
from runtime.errors import MailUnavailable
from sinks.notification_service.letter import Letter

_STALE_S = 36 * 3600
_SYNCS_AT_ONCE = 8
_SUBFOLDERS = ("tmp", "new", "cur")


class Maildir:
    """A mail folder; any mail reader may move the letters on to `cur`."""

    leaves_doubt = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tmp, self._new, self._cur = (folder / each for each in _SUBFOLDERS)
        self._writer = f"{socket.gethostname().replace('/', '_')}.{os.getpid()}"
        # Delivered, but perhaps not on the disk yet.
        self._unsettled: dict[str, Path] = {}
        self._taken_on: set[str] | None = None

    def check(self) -> None:
        """Create the folders and show that they can be written.

        Raises:
            ConfigError: They cannot.
        """
        try:
            for each in (self._tmp, self._new, self._cur):
                each.mkdir(parents=True, exist_ok=True)
            probe = self._tmp / f"probe.{self._writer}"
            probe.write_bytes(b"")
            probe.unlink()
            self._sweep()
        except OSError as exc:
            raise ConfigError(
                f"the mail folder {self._folder} cannot be written: {exc.strerror}",
                hint="name another with --mail maildir:PATH",
            ) from exc

    def send(self, letter: Letter) -> None:
        """Deliver a letter; readers see all of it or nothing.

        Raises:
            MailUnavailable: The folder cannot be written now. Retryable.
        """
        with self._errors():
            _publish(self._write(letter), self._note(letter))

    def send_again(self, letter: Letter) -> None:
        """Deliver a letter unless a reader has taken it on to `cur`.

        What is in `new` is replaced: a power failure may have cut it short.

        Raises:
            MailUnavailable: The folder cannot be written now. Retryable.
        """
        if _file_name(letter) in self._unsettled:
            return
        with self._errors():
            if self._taken_on is None:
                self._taken_on = {_unique_part(each) for each in self._cur.iterdir()}
            if _file_name(letter) not in self._taken_on:
                self._write(letter).replace(self._note(letter))

    def settle(self) -> None:
        """Return once contents and names of the letters are on the disk.

        Raises:
            MailUnavailable: They are not. Retryable.
        """
        # One after the other, each waits for the disk; together they share its work.
        with self._errors(), ThreadPoolExecutor(_SYNCS_AT_ONCE) as pool:
            list(pool.map(_sync, self._unsettled.values()))
            _sync(self._new)
        self._unsettled.clear()
        self._taken_on = None

    def close(self) -> None:
        """Nothing is held open."""

    def _write(self, letter: Letter) -> Path:
        """Return a file with the letter that nobody reads yet."""
        temporary = self._tmp / f"{_file_name(letter)}.{self._writer}"
        # Mail on a disk has bare line feeds; SMTP's CR LF belongs to the wire.
        temporary.write_bytes(letter.content.replace(b"\r\n", b"\n"))
        return temporary

    def _note(self, letter: Letter) -> Path:
        """Return the letter's place in `new`, to be brought to the disk later."""
        path = self._new / _file_name(letter)
        self._unsettled[path.name] = path
        return path

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            reason = exc.strerror or type(exc).__name__
            raise MailUnavailable(f"the mail folder {self._folder}", reason) from exc

    def _sweep(self) -> None:
        """Remove what a killed writer left behind, as the format asks for."""
        oldest = time.time() - _STALE_S
        for path in self._tmp.iterdir():
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def _file_name(letter: Letter) -> str:
    return f"{letter.key.hex()}.accord"


def _unique_part(path: Path) -> str:
    """Return a file's name without the flags that a reader adds."""
    return path.name.partition(":")[0]


def _publish(temporary: Path, final: Path) -> None:
    """Let the file appear under its final name, unless one is there already."""
    try:
        final.hardlink_to(temporary)
    except FileExistsError:
        pass
    except OSError:
        # A file system without hard links: the same content takes the same place.
        temporary.replace(final)
        return
    temporary.unlink()


def _sync(path: Path) -> None:
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        # A reader has moved it on to `cur` already.
        return
    try:
        os.fsync(file)
    finally:
        os.close(file)
