"""Run one command so that it never outlives the process that wanted it.

A script of its own, without imports from this project, so that it starts in
milliseconds: ``python -I -S child.py STATUS_FD GRACE_S COMMAND...``

The parent holds the other end of our standard input. Its end, by whatever death,
is end-of-file here: the command gets SIGTERM, and SIGKILL after GRACE_S seconds.
If this process itself is killed, the kernel kills the command (Linux).
What the command started and left behind is killed after it. Exits with the
command's status; 128 + n if signal n ended it.
"""

import ctypes
import os
import select
import signal
import sys
import time

_PR_SET_PDEATHSIG = 1
# A copy of the pipe's other end may live on in a fork of the parent; then only the
# change of our parent's id tells that it died.
_PARENT_CHECK_S = 0.5


def main(argv: list[str]) -> int:
    """Start the command, write its process id to STATUS_FD, wait for its end."""
    status_fd, grace_s, command = int(argv[1]), float(argv[2]), argv[3:]
    parent = os.getppid()
    wakeup = _catch_signals()
    pid = _spawn(command, status_fd)
    os.write(status_fd, str(pid).encode())
    os.close(status_fd)
    return _watch(pid, parent=parent, wakeup=wakeup, grace_s=grace_s)


def _catch_signals() -> int:
    """Turn SIGTERM and SIGCHLD into bytes to be read from the returned descriptor."""
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return readable


def _spawn(command: list[str], status_fd: int) -> int:
    """Fork and become the command in the child; return its process id."""
    launcher = os.getpid()
    pid = os.fork()
    if pid:
        _lead_group(pid)
        return pid
    try:
        _lead_group(0)
        os.close(status_fd)
        _die_with(launcher)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)  # Python had them ignored
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as exc:
        sys.stderr.write(f"{command[0]} cannot be started: {exc.strerror}\n")
    finally:
        os._exit(127)


def _lead_group(pid: int) -> None:
    """Give the process a group of its own; done on both sides of the fork."""
    try:
        os.setpgid(pid, pid)
    except OSError:  # the other side was first, and the command runs already
        return


def _die_with(launcher: int) -> None:
    """Ask the kernel to kill us with the launcher; nothing where it cannot."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != launcher:
            os._exit(127)


def _watch(pid: int, *, parent: int, wakeup: int, grace_s: float) -> int:
    """Wait for the command's end; bring it about when told to or left alone."""
    sources, kill_at = [0, wakeup], float("inf")
    while True:
        ready, _, _ = select.select(sources, [], [], _PARENT_CHECK_S)
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            _kill_group(pid)
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if wakeup in ready and signal.SIGTERM in os.read(wakeup, 512):
            os.kill(pid, signal.SIGTERM)
        if kill_at == float("inf") and (0 in ready or os.getppid() != parent):
            sources, kill_at = [wakeup], time.monotonic() + grace_s
            os.kill(pid, signal.SIGTERM)
        if time.monotonic() >= kill_at:
            _kill_group(pid)


def _kill_group(pid: int) -> None:
    """Kill the command, if it still runs, and whatever it left behind."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv))
