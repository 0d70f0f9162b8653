"""Child processes: started with a log, waited for, stopped in peace."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import httpx

from runtime.errors import NotReadyInTime, ProcessEnded

_T = TypeVar("_T")

_LAUNCHER = Path(__file__).with_name("child.py")
_POLL_S = 0.02
_ORPHAN_GRACE_S = 2.0
_LAST_WORDS_LENGTH = 300


class _Launch(NamedTuple):
    """What is started, each time."""

    command: Sequence[str | Path]
    environ: Mapping[str, str]
    pass_fds: Sequence[int]


class Child:
    """A running command that dies with this process, even when that is killed.

    Standard output and standard error go to one log file, appended.

    Attributes:
        name: What messages call it, e.g. "transaction-service".
        pid: Process id of the command itself.
        log_path: Its log; `read_log` returns the part since this start.
    """

    def __init__(self, name: str, launch: _Launch, *, log_path: Path) -> None:
        self.name = name
        self.log_path = log_path
        self._launch = launch
        self._log_start_bytes = 0
        self._run()

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        log_path: Path,
        environ: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> Self:
        """Start the command; it runs when this returns, but may not be ready.

        Args:
            name: What messages call it.
            command: Program and arguments; no shell sees them.
            log_path: Appended to; its folder is created.
            environ: Added to this process's environment.
            pass_fds: Open files that the command shall inherit.
        """
        launch = _Launch(tuple(command), dict(environ or {}), tuple(pass_fds))
        return cls(name, launch, log_path=log_path)

    def restart(self) -> None:
        """Start the command again, which must have ended; its log goes on."""
        self._run()

    def _run(self) -> None:
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        readable, writable = os.pipe()
        launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(writable)]
        with self.log_path.open("ab") as log, os.fdopen(readable, "rb") as status:
            self._log_start_bytes = log.tell()
            self._process = subprocess.Popen(  # noqa: S603 - the caller's command, no shell
                [*launcher, str(_ORPHAN_GRACE_S), *self._launch.command],
                env={**os.environ, **self._launch.environ},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[writable, *self._launch.pass_fds],
                start_new_session=True,
            )
            os.close(writable)
            self.pid = int(status.read() or self._process.pid)

    @property
    def exit_status(self) -> int | None:
        """None while it runs; its exit status, or 128 + the signal that ended it."""
        return self._process.poll()

    def read_log(self) -> str:
        """Return what it has written since it was started."""
        with self.log_path.open("rb") as log:
            log.seek(self._log_start_bytes)
            return log.read().decode("utf-8", errors="replace")

    def read_lines(self, *, after_bytes: int) -> bytes:
        """Return the complete lines of its log after the first `after_bytes`.

        Counted from this start, as `read_log` is.
        """
        with self.log_path.open("rb") as log:
            log.seek(self._log_start_bytes + after_bytes)
            text = log.read()
        return text[: text.rfind(b"\n") + 1]

    def find_logged(self, key: str, value: str | None = None) -> dict[str, Any] | None:
        """Return the first JSON line with `key`, of that value if one is given."""
        for line in self.read_log().splitlines():
            fields = _parse_line(line)
            if key in fields and value in (None, fields[key]):
                return fields
        return None

    def wait_until(self, probe: Callable[[], _T | None], *, timeout_s: float) -> _T:
        """Return the first answer of `probe` that is not None.

        Raises:
            ProcessEnded: The command ended before.
            NotReadyInTime: `timeout_s` passed before.
        """
        deadline = time.monotonic() + timeout_s
        while (answer := probe()) is None:
            self.check_running()
            if time.monotonic() > deadline:
                raise NotReadyInTime(
                    self.name, timeout_s=timeout_s, log_path=self.log_path
                )
            time.sleep(_POLL_S)
        return answer

    def check_running(self) -> None:
        """Raise ProcessEnded, with the last line it logged, if it has ended."""
        if (status := self.exit_status) is not None:
            raise self.to_ended(status)

    def to_ended(self, status: int) -> ProcessEnded:
        """Return the error that tells of its end with `status`."""
        return ProcessEnded(
            self.name,
            status=status,
            last_words=self.last_words,
            log_path=self.log_path,
        )

    @property
    def last_words(self) -> str:
        """The last line of its log, at most 300 characters; "" if there is none."""
        said = [line.strip() for line in self.read_log().splitlines() if line.strip()]
        return said[-1][:_LAST_WORDS_LENGTH] if said else ""

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command alone; nothing if it has ended."""
        if self.exit_status is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, *, timeout_s: float) -> int:
        """Return the exit status, or raise NotReadyInTime while it still runs."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise NotReadyInTime(
                f"the end of {self.name}", timeout_s=timeout_s, log_path=self.log_path
            ) from None

    def stop(self, *, grace_s: float = 10.0) -> int:
        """End it with SIGTERM, after `grace_s` with SIGKILL; return its exit status.

        Safe to call again.
        """
        self._process.terminate()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close()
        return self._process.wait()

    def kill(self) -> None:
        """End it and every process it started with SIGKILL, and wait for that."""
        if self.exit_status is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._close()

    def _close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()


def wait_for_service(child: Child, *, timeout_s: float = 60.0) -> str:
    """Wait until a service is ready; return the URL that it listens on.

    The URL is the one it logs: ``{"event": "service.listening", "url": ...}``.

    Raises:
        ProcessEnded: The service ended before.
        NotReadyInTime: Its ``/readyz`` did not answer 200 within `timeout_s`.
    """
    deadline = time.monotonic() + timeout_s
    listening = child.wait_until(
        lambda: child.find_logged("event", "service.listening"), timeout_s=timeout_s
    )
    url = str(listening["url"])
    try:
        return child.wait_until(
            lambda: url if _is_ready(url) else None,
            timeout_s=deadline - time.monotonic(),
        )
    except NotReadyInTime as exc:
        raise NotReadyInTime(
            child.name,
            timeout_s=timeout_s,
            log_path=child.log_path,
            last_words=f"{_tell_state(url)}; it logged last: {child.last_words}",
        ) from exc


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _tell_state(url: str) -> str:
    """Return "it is joining" and the like: what /status says of itself."""
    try:
        status = httpx.get(f"{url}/status", timeout=5).json()
    except (httpx.TransportError, ValueError):
        return "it does not answer /status"
    return ": ".join(filter(None, [f"it is {status.get('state')}", status.get("held")]))


def _parse_line(line: str) -> dict[str, Any]:
    if not line.startswith("{"):
        return {}
    try:
        fields = json.loads(line)
    except json.JSONDecodeError:
        return {}
    return fields if isinstance(fields, dict) else {}
