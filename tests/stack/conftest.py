"""Waiting for processes to go, and a parent that can be killed."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_POLL_S = 0.02

WaitUntilGone = Callable[..., None]
StartParent = Callable[..., tuple[subprocess.Popen[str], list[str]]]


@pytest.fixture
def wait_until_gone() -> WaitUntilGone:
    """Return what waits until no given process lives, and fails if one stays."""

    def wait(*pids: int, timeout_s: float = 5.0) -> None:
        deadline = time.monotonic() + timeout_s
        while alive := [pid for pid in pids if _is_alive(pid)]:
            if time.monotonic() > deadline:
                pytest.fail(f"still alive after {timeout_s} s: {alive}")
            time.sleep(_POLL_S)

    return wait


@pytest.fixture
def start_parent() -> Iterator[StartParent]:
    """Return what runs code in a process of its own and gives the words it prints.

    The code prints one line when it has started its children, then waits.
    """
    parents: list[subprocess.Popen[str]] = []

    def start(code: str, *args: object) -> tuple[subprocess.Popen[str], list[str]]:
        program = f"{code}\nimport signal\nsignal.pause()"
        parent = subprocess.Popen(
            [sys.executable, "-c", program, *map(str, args)],
            stdout=subprocess.PIPE,
            text=True,
        )
        parents.append(parent)
        assert parent.stdout is not None
        return parent, parent.stdout.readline().split()

    yield start
    for parent in parents:
        parent.kill()
        parent.wait()
        # Closed, not read to its end: an orphan may still hold the other one.
        if parent.stdout is not None:
            parent.stdout.close()


@pytest.fixture
def parent_of() -> Callable[[int], int]:
    """Return what tells the parent of a living process."""
    return lambda pid: int(_look_up(pid)[1])


def _is_alive(pid: int) -> bool:
    """Tell whether the process exists and is more than a zombie."""
    return not _look_up(pid)[0].startswith("Z")


def _look_up(pid: int) -> list[str]:
    """Return state and parent of a process; state Z if there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self").exists():
        try:
            return stat.read_text().rpartition(") ")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            return ["Z", "0"]
    ps = ["ps", "-o", "stat=,ppid=", "-p", str(pid)]
    answer = subprocess.run(ps, capture_output=True, text=True, check=False)
    return answer.stdout.split() or ["Z", "0"]
