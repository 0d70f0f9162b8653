"""Letters as files in a Maildir, each at most once.

A letter is written to `tmp` and linked into `new`. Its file name comes from its
Message-ID, so that delivering it again finds the file there and leaves it alone.
Source: D. J. Bernstein, "Using maildir format".
"""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import ConfigError
from runtime.errors import MailUnavailable
from sinks.notification_service.letter import Letter

_STALE_S = 36 * 3600


class Maildir:
    """A mail folder; any mail reader may move the letters on to `cur`."""

    leaves_doubt = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tmp, self._new, self._cur = (folder / each for each in _SUBFOLDERS)
        self._writer = f"{socket.gethostname().replace('/', '_')}.{os.getpid()}"

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
        name = _file_name(letter)
        temporary = self._tmp / f"{name}.{self._writer}"
        with self._errors():
            if not (self._new / name).exists():
                _write(temporary, letter.content)
                _publish(temporary, self._new / name)

    def send_again(self, letter: Letter) -> None:
        """Deliver a letter unless it is there, whether read already or not."""
        # Slow in a large folder, but asked only after a crash.
        if next(self._cur.glob(f"{_file_name(letter)}*"), None) is None:
            self.send(letter)

    def settle(self) -> None:
        """Return once the letters' names are on the disk, as their contents are.

        Raises:
            MailUnavailable: They are not. Retryable.
        """
        with self._errors():
            folder = os.open(self._new, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def close(self) -> None:
        """Nothing is held open."""

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


_SUBFOLDERS = ("tmp", "new", "cur")


def _file_name(letter: Letter) -> str:
    return f"{letter.key.hex()}.accord"


def _write(path: Path, content: bytes) -> None:
    # Mail on a disk has bare line feeds; SMTP's CR LF belongs to the wire.
    with path.open("wb") as file:
        file.write(content.replace(b"\r\n", b"\n"))
        file.flush()
        os.fsync(file.fileno())


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
