"""Locks between processes: one file, held until closed or until its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def waiting_lock(path: Path) -> Iterator[None]:
    """Hold the lock at `path`, after waiting for whoever holds it now."""
    with _open(path) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def find_lock(path: Path) -> IO[str] | None:
    """Take the lock at `path` and write our process id into it.

    Returns:
        The open file, which holds the lock until it is closed here and in every
        process it was passed to; None if another holder has it.
    """
    handle = _open(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def _open(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a+", encoding="utf-8")
