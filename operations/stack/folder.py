"""The folder of one stack: who uses it, and what lies where."""

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Self

from operations.stack.locks import find_lock, is_locked
from registry.errors import ConfigError
from runtime.processes import Child

_OWNER_LOCK = "stack.lock"
_PROCESSES_LOCK = "processes.lock"
_ORPHANS_TIMEOUT_S = 10.0
# `is_in_use` takes the lock for an instant; that must not refuse a start.
_GLANCE_TIMEOUT_S = 0.3


class StackFolder:
    """A data folder that belongs to this process alone.

    It has two locks: one is held by the owner, the other by every process started
    through it too, so that a successor of a killed owner waits for its orphans.

    Attributes:
        path: Its absolute path.
    """

    def __init__(self, path: Path, processes_lock: IO[str], locks: ExitStack) -> None:
        self.path = path
        self._processes_lock = processes_lock
        self._locks = locks

    @classmethod
    def open(cls, path: Path) -> Self:
        """Create the folder if there is none, and lock it.

        Raises:
            ConfigError: Another stack runs on it, or it cannot be written.
        """
        path = path.resolve()
        with ExitStack() as locks:
            try:
                locks.enter_context(_take_owner_lock(path))
                processes_lock = locks.enter_context(_await_processes_lock(path))
            except OSError as exc:
                raise ConfigError(
                    f"{path} cannot be used as a data folder: {exc.strerror}",
                    hint="name a folder that you may write to with --data",
                ) from exc
            return cls(path, processes_lock, locks.pop_all())

    def close(self) -> None:
        """Let others use the folder once the started processes have ended."""
        self._locks.close()

    def start(self, name: str, command: Sequence[str]) -> Child:
        """Start a command with its log at `logs/<name>.log`."""
        return Child.start(
            name,
            command,
            log_path=self.path / "logs" / f"{name}.log",
            pass_fds=[self._processes_lock.fileno()],
        )

    def make_empty(self, name: str) -> Path:
        """Return the folder `name` inside, empty whatever it held before."""
        folder = self.path / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder


def is_in_use(path: Path) -> bool:
    """Tell whether a process owns the folder now."""
    return is_locked(path / _OWNER_LOCK)


def _take_owner_lock(path: Path) -> IO[str]:
    lock = find_lock(path / _OWNER_LOCK, timeout_s=_GLANCE_TIMEOUT_S)
    if lock is None:
        owner = (path / _OWNER_LOCK).read_text(encoding="utf-8")
        raise ConfigError(
            f"another stack runs on {path} (process {owner})",
            hint="stop it, or name another folder with --data",
        )
    return lock


def _await_processes_lock(path: Path) -> IO[str]:
    lock = find_lock(path / _PROCESSES_LOCK, timeout_s=_ORPHANS_TIMEOUT_S)
    if lock is None:
        raise ConfigError(
            f"processes of an earlier stack still run on {path}",
            hint="end them, or name another folder with --data",
        )
    return lock
