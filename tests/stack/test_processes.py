"""Children: started, watched, stopped, and never left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from operations.stack import Child, NotReadyInTime, ProcessEnded, wait_for_service

Run = Callable[..., Child]
StartParent = Callable[..., tuple[subprocess.Popen[str], list[str]]]
WaitUntilGone = Callable[..., None]
ParentOf = Callable[[int], int]

_UP = ["sh", "-c", "echo up; exec sleep 60"]
_DEAF = "trap '' TERM; echo deaf; while :; do sleep 0.1; done"
_SERVICE = """
import http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Handler.asked += 1
        self.send_response(200 if Handler.asked > 2 and self.path == "/readyz" else 503)
        self.end_headers()
        if self.path == "/status":
            self.wfile.write(b'{"state": "holding", "held": "Kafka is away"}')
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print("not JSON", file=sys.stderr)
url = f"http://127.0.0.1:{server.server_port}"
print(json.dumps({"event": "service.starting"}), file=sys.stderr)
print(json.dumps({"event": "service.listening", "url": url}), file=sys.stderr)
server.serve_forever(0.05)
"""
_HOLDING = _SERVICE.replace("> 2 and", "> 2**32 and")
_PARENT = """
import sys
from pathlib import Path
from operations.stack import Child
log = Path(sys.argv[1])
child = Child.start("orphan", sys.argv[2:], log_path=log)
child.wait_until(lambda: child.read_log() or None, timeout_s=10)
print(child.pid, flush=True)
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Return what starts a command; all are killed at the end."""
    children: list[Child] = []

    def start(*command: str, environ: dict[str, str] | None = None) -> Child:
        child = Child.start(
            "probe", command, log_path=tmp_path / "logs/probe.log", environ=environ
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()


@pytest.mark.parametrize("status", [0, 1, 78])
def test_exit_status_is_the_commands(run: Run, status: int) -> None:
    """The launcher in between passes the status on."""
    assert run("sh", "-c", f"exit {status}").wait(timeout_s=10) == status


def test_killed_command_has_128_and_the_signal(run: Run) -> None:
    """A death by signal is told apart, as a shell tells it."""
    child = run("sleep", "60")

    child.signal(signal.SIGKILL)

    assert child.wait(timeout_s=10) == 128 + signal.SIGKILL


def test_program_that_is_missing_ends_with_127(run: Run) -> None:
    """The log names the program that could not be started."""
    child = run("no-such-program")

    assert child.wait(timeout_s=10) == 127
    assert child.read_log().startswith("no-such-program cannot be started: No such")


def test_command_gets_environment_and_no_input(run: Run) -> None:
    """Variables are added to ours; standard input is empty at once."""
    child = run("sh", "-c", 'cat; echo "$GREETING $HOME"', environ={"GREETING": "hi"})

    assert child.wait(timeout_s=10) == 0
    assert child.read_log() == f"hi {os.environ['HOME']}\n"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc")
def test_command_finds_the_usual_signals(run: Run) -> None:
    """A closed pipe and Ctrl-C end it, though Python itself ignores the first."""
    child = run("grep", "SigIgn", "/proc/self/status")

    child.wait(timeout_s=10)

    ignored = int(child.read_log().split()[1], 16)
    assert not ignored & (1 << signal.SIGINT - 1 | 1 << signal.SIGPIPE - 1)


def test_log_is_kept_and_read_from_the_last_start(run: Run) -> None:
    """A second start appends; `read_log` returns its own part."""
    run("echo", "first").wait(timeout_s=10)
    second = run("echo", "second")
    second.wait(timeout_s=10)

    assert second.read_log() == "second\n"
    assert second.log_path.read_text() == "first\nsecond\n"


def test_stop_lets_the_command_finish(run: Run) -> None:
    """SIGTERM comes first, and what the command makes of it is its status."""
    child = run("sh", "-c", "trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done")
    child.wait_until(lambda: child.read_log() or None, timeout_s=10)

    assert child.stop() == 3


def test_stop_kills_the_command_that_does_not_listen(run: Run) -> None:
    """After the grace SIGKILL follows, for the command and what it started."""
    child = run("sh", "-c", _DEAF)
    child.wait_until(lambda: child.read_log() or None, timeout_s=10)

    started = time.monotonic()
    child.stop(grace_s=0.2)

    assert time.monotonic() - started < 5
    assert child.exit_status is not None


def test_nothing_that_the_command_left_behind_stays(
    run: Run, wait_until_gone: WaitUntilGone
) -> None:
    """A grandchild goes with the command that started it."""
    child = run("sh", "-c", "sleep 60 & echo $!")

    child.wait(timeout_s=10)

    wait_until_gone(int(child.read_log()))


def test_stop_again_changes_nothing(run: Run) -> None:
    """Stopping is safe for a command that has ended."""
    child = run("true")
    child.wait(timeout_s=10)

    assert [child.stop(), child.stop()] == [0, 0]


def test_signal_to_an_ended_command_is_no_error(run: Run) -> None:
    """A signal that comes too late goes nowhere."""
    child = run("true")
    child.wait(timeout_s=10)

    child.signal(signal.SIGTERM)

    assert child.exit_status == 0


def test_service_is_ready_when_it_says_so(run: Run) -> None:
    """The URL comes from its log; 503 means to ask again."""
    child = run(sys.executable, "-c", _SERVICE)

    url = wait_for_service(child, timeout_s=20)

    assert url.startswith("http://127.0.0.1:")


def test_service_that_ends_first_is_quoted(run: Run) -> None:
    """The error has the name, the status and the last line that it logged."""
    child = run("sh", "-c", "echo cannot listen on 127.0.0.1:80; exit 78")

    with pytest.raises(
        ProcessEnded, match=r"probe ended with status 78: cannot listen"
    ):
        wait_for_service(child, timeout_s=10)


def test_service_that_never_listens_is_not_waited_for_longer(run: Run) -> None:
    """The error has the name and the time, and is retryable."""
    child = run("sleep", "60")

    with pytest.raises(NotReadyInTime, match=r"probe was not ready within 0\.1 s"):
        wait_for_service(child, timeout_s=0.1)


def test_service_that_gets_no_further_is_asked_why(run: Run) -> None:
    """The error tells what it says of itself, and its last word."""
    child = run(sys.executable, "-c", _HOLDING)
    child.wait_until(lambda: "listening" in child.read_log() or None, timeout_s=20)

    with pytest.raises(NotReadyInTime, match=r"0\.1 s: it is holding: Kafka is away;"):
        wait_for_service(child, timeout_s=0.1)


@pytest.mark.parametrize(
    "script",
    [_UP[-1], _DEAF],
    ids=["listens", "ignores SIGTERM"],
)
def test_child_dies_with_a_killed_parent(
    tmp_path: Path,
    start_parent: StartParent,
    wait_until_gone: WaitUntilGone,
    parent_of: ParentOf,
    script: str,
) -> None:
    """Nothing is left seconds after `kill -9` of the parent."""
    parent, (pid,) = start_parent(_PARENT, tmp_path / "log", "sh", "-c", script)
    launcher = parent_of(int(pid))

    parent.kill()

    wait_until_gone(int(pid), launcher)


def test_child_dies_with_a_parent_that_was_forked(
    tmp_path: Path, start_parent: StartParent, wait_until_gone: WaitUntilGone
) -> None:
    """A fork that inherited the pipe and lives on does not keep the child alive."""
    code = _PARENT.replace("print(", "fork = os.fork()\nif fork: print(fork,", 1)
    parent, (fork, pid) = start_parent(f"import os{code}", tmp_path / "log", *_UP)

    parent.kill()

    try:
        wait_until_gone(int(pid))
    finally:
        os.kill(int(fork), signal.SIGKILL)


def test_child_outlives_the_thread_that_started_it(run: Run) -> None:
    """Only the end of the process counts, not that of one of its threads."""
    started: list[Child] = []
    thread = threading.Thread(target=lambda: started.append(run(*_UP)))
    thread.start()
    thread.join()

    (child,) = started
    child.wait_until(lambda: child.read_log() or None, timeout_s=10)
    with pytest.raises(NotReadyInTime):
        child.wait(timeout_s=1)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_command_dies_with_its_launcher(
    run: Run, wait_until_gone: WaitUntilGone, parent_of: ParentOf
) -> None:
    """Killing the launcher in between leaves nothing behind either."""
    child = run(*_UP)

    os.kill(parent_of(child.pid), signal.SIGKILL)

    wait_until_gone(child.pid)


def test_lines_of_a_log_are_read_once_they_are_complete(run: Run) -> None:
    """Whoever passes a log on reads each line once, and none in halves."""
    child = run("sh", "-c", "printf 'one\\ntwo\\nthr'")
    child.wait(timeout_s=10)

    lines = child.read_lines(after_bytes=0)

    assert lines == b"one\ntwo\n"
    assert child.read_lines(after_bytes=len(b"one\n")) == b"two\n"
    assert child.read_lines(after_bytes=len(lines)) == b""
