"""Locks between processes: one file, held until closed or until its holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_POLL_S = 0.05


@contextmanager
def waiting_lock(path: Path) -> Iterator[None]:
    """Hold the lock at `path`, after waiting for whoever holds it now."""
    with _open(path) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def find_lock(path: Path, *, timeout_s: float) -> IO[str] | None:
    """Take the lock at `path` and write our process id into it.

    Returns:
        The open file, which holds the lock until it is closed here and in every
        process it was passed to; None if another holder keeps it for `timeout_s`.
    """
    deadline = time.monotonic() + timeout_s
    handle = _open(path)
    while not _is_taken(handle):
        if time.monotonic() > deadline:
            handle.close()
            return None
        time.sleep(_POLL_S)
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def is_locked(path: Path) -> bool:
    """Tell whether somebody holds the lock at `path`."""
    if not path.exists():
        return False
    with path.open(encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _is_taken(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a+", encoding="utf-8")
