"""A real PostgreSQL for the tests: Debian's server, or a container."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg

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
        self.url = f"postgresql://tester:secret-word@127.0.0.1:{self._port}/postgres"

    def create(self) -> None:
        """Make an empty cluster."""
        words = self._data.parent / "words"
        words.write_text("secret-word")
        words.chmod(0o644)
        access = ["--username=tester", f"--pwfile={words}", "--auth=scram-sha-256"]
        self._run("initdb", f"--pgdata={self._data}", "--no-sync", *access)

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        settings = f"-F -h 127.0.0.1 -p {self._port} -k {self._data.parent}"
        log = self._data.parent / "log"
        self._run("pg_ctl", "start", f"-D{self._data}", f"-l{log}", "-o", settings)
        wait_until(self._is_ready, timeout_s=_READY_S)

    def stop(self) -> None:
        """Stop it at once, as a crash would; nothing if it is down."""
        with suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "stop", f"-D{self._data}", "-m", "immediate")

    def _is_ready(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._user,
        )


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
