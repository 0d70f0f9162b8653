"""A real PostgreSQL for the tests: Debian's server, or a container."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from operations.stack import Child, ProcessEnded

_INSTALLED = Path("/usr/lib/postgresql")
_IMAGE = "postgres:17-alpine"
_READY_S = 30.0


class Server:
    """A running server that can be stopped and started again.

    Attributes:
        url: Of its default database, for SQLAlchemy.
    """

    def __init__(self, programs: Path, data: Path, user: str | None) -> None:
        self._programs = programs
        self._data = data
        self._user = user
        self._port = _free_port()
        self._child: Child | None = None
        self.url = f"postgresql://tester:secret-word@127.0.0.1:{self._port}/postgres"

    def create(self) -> None:
        """Make an empty cluster."""
        words = self._data.parent / "words"
        words.write_text("secret-word")
        words.chmod(0o644)
        access = ["--username=tester", f"--pwfile={words}", "--auth=scram-sha-256"]
        subprocess.run(
            self._command("initdb", "--no-sync", *access),
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        """Start it, to die with the tests, and wait until it takes connections."""
        # Its port may be lent to a connection of somebody else for a moment.
        wait_until(self._start_once, timeout_s=_READY_S)

    def stop(self) -> None:
        """Stop it at once, as a crash would; nothing if it is down."""
        if self._child is not None:
            self._child.signal(signal.SIGQUIT)
            self._child.wait(timeout_s=_READY_S)
            self._child.stop()

    def _start_once(self) -> bool:
        folder = self._data.parent
        address = ["-h", "127.0.0.1", "-p", str(self._port), "-k", str(folder)]
        child = Child.start(
            "postgresql",
            self._command("postgres", "-F", *address),
            log_path=folder / "log",
        )
        try:
            child.wait_until(self._find_ready, timeout_s=_READY_S)
        except ProcessEnded:
            child.stop()
            return False
        self._child = child
        return True

    def _find_ready(self) -> bool | None:
        try:
            psycopg.connect(self.url, connect_timeout=1).close()
        except psycopg.OperationalError:
            return None
        return True

    def _command(self, program: str, *arguments: str) -> list[str]:
        """Return what runs a program on the data, as the server's user."""
        command = [str(self._programs / program), "-D", str(self._data), *arguments]
        if self._user is None:
            return command
        ids = [f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups"]
        return ["setpriv", *ids, *command]


def find_programs() -> Path | None:
    """Return the folder of the newest installed server's programs."""
    found = sorted(_INSTALLED.glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def run_server(programs: Path) -> Iterator[Server]:
    """Run a server on an empty cluster; PostgreSQL refuses to run as root."""
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="accord-pg-"))
    try:
        if user is not None:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        server = Server(programs, folder / "data", user)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@contextmanager
def run_container() -> Iterator[str]:
    """Run a server in a container and yield its URL."""
    # Heavy, and of use where there is a Docker engine alone.
    from testcontainers.postgres import PostgresContainer  # noqa: PLC0415 - above

    with PostgresContainer(_IMAGE, driver=None) as container:
        yield container.get_connection_url()


def wait_until(condition: Callable[[], bool], *, timeout_s: float) -> None:
    """Return once the condition holds; fail the test if it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not hold in time"
        time.sleep(0.02)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
