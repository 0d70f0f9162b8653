"""The folder of one stack: who uses it, and what lies where."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self

from operations.stack.locks import find_holder, find_lock
from operations.stack.processes import Child
from registry.errors import ConfigError

_PREDECESSOR_TIMEOUT_S = 10.0
_POLL_S = 0.05


class StackFolder:
    """A locked data folder.

    The lock lives as long as this object or any process started through it, so a
    successor never meets the last breaths of a killed predecessor.

    Attributes:
        path: Its absolute path.
    """

    def __init__(self, path: Path, lock: IO[str]) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def open(cls, path: Path) -> Self:
        """Create the folder if there is none, and lock it.

        Raises:
            ConfigError: Another stack runs on it, or it cannot be written.
        """
        path = path.resolve()
        try:
            return cls(path, _take_lock(path / "stack.lock", path))
        except OSError as exc:
            raise ConfigError(
                f"{path} cannot be used as a data folder: {exc.strerror}",
                hint="name a folder that you may write to with --data",
            ) from exc

    def close(self) -> None:
        """Let others use the folder once the started processes have ended."""
        self._lock.close()

    def start(self, name: str, command: Sequence[str]) -> Child:
        """Start a command with its log at `logs/<name>.log`."""
        return Child.start(
            name,
            command,
            log_path=self.path / "logs" / f"{name}.log",
            pass_fds=[self._lock.fileno()],
        )

    def make_empty(self, name: str) -> Path:
        """Return the folder `name` inside, empty whatever it held before."""
        folder = self.path / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder


def _take_lock(lock_path: Path, path: Path) -> IO[str]:
    deadline = time.monotonic() + _PREDECESSOR_TIMEOUT_S
    while (lock := find_lock(lock_path)) is None:
        # Without a living holder, only orphans on their way out still keep it.
        holder = find_holder(lock_path)
        if holder is not None or time.monotonic() > deadline:
            raise ConfigError(
                f"another stack runs on {path} (process {holder or 'unknown'})",
                hint="stop it, or name another folder with --data",
            )
        time.sleep(_POLL_S)
    return lock
