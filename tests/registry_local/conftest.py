"""A registry in this process, and registries as processes of their own."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from registry.local import Emulation, Limits, Options, SqliteStore, create_app

_JSON = "application/vnd.schemaregistry.v1+json"
_DEADLINE_S = 20


class InProcess:
    """Asks a registry in memory without a socket; remembers its store."""

    def __init__(self, options: Options, store: SqliteStore | None = None) -> None:
        self.store = store or SqliteStore.open(None)
        app = create_app(self.store, options)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=transport)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str | None] | None = None,
    ) -> httpx.Response:
        """Send a request; a header that is None is left out."""
        if raw is None and body is not None:
            raw = json.dumps(body).encode()
        sent = {"accept": "*/*", "content-type": _JSON, **(headers or {})}
        url = httpx.URL("http://registry").copy_with(raw_path=path.encode())
        request = httpx.Request(
            method,
            url,
            headers={name: it for name, it in sent.items() if it is not None},
            content=raw,
        )
        return self._runner.run(self._client.send(request))

    def ask_slowly(self, method: str, path: str) -> httpx.Response:
        """Send a request whose body never ends."""
        request = httpx.Request(method, f"http://registry{path}", content=_endless())
        return self._runner.run(self._client.send(request))

    def register(self, subject: str, schema: object, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - members of a JSON body
        """Register a schema and return the answer."""
        body = {"schema": json.dumps(schema), **body}
        answer: dict[str, Any] = self.ask(
            "POST", f"/subjects/{subject}/versions", body
        ).json()
        return answer

    def close(self) -> None:
        """Release the event loop and the store."""
        self._runner.run(self._client.aclose())
        self._runner.close()
        self.store.close()


@dataclass
class Served:
    """A registry as a process of its own.

    Attributes:
        url: Where it answers.
        process: The process, for those who want to see it die.
        log: The file that its standard error goes to.
    """

    url: str
    process: subprocess.Popen[str]
    log: Path

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and return its exit code."""
        self.process.send_signal(how)
        return self.process.wait(_DEADLINE_S)


async def _endless() -> AsyncIterator[bytes]:
    yield b"{"
    await asyncio.Event().wait()


StartInProcess = Callable[..., InProcess]
Serve = Callable[..., Served]


@pytest.fixture
def start_in_process() -> Iterator[StartInProcess]:
    """Return a function that starts a registry in this process."""
    started: list[InProcess] = []

    def start(
        emulate: Emulation = Emulation.V8,
        limits: Limits | None = None,
        options: Options | None = None,
    ) -> InProcess:
        usual = Options(emulate=emulate, limits=limits or Limits())
        started.append(InProcess(options or usual))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def registry(start_in_process: StartInProcess) -> InProcess:
    """Return an empty registry in this process."""
    return start_in_process()


@pytest.fixture
def serve_registry(tmp_path: Path) -> Iterator[Serve]:
    """Return a function that starts a registry as a process and waits for it."""
    started: list[subprocess.Popen[str]] = []

    def serve(store: Path | str = "memory", *arguments: str) -> Served:
        # A pipe that nobody reads would block what the log is written to.
        log_path = tmp_path / f"registry-{len(started)}.log"
        with log_path.open("w") as log:
            process = run_registry(
                "--port", "0", "--store", str(store), *arguments, stderr=log
            )
        started.append(process)
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        return Served(url, process, log_path)

    yield serve
    for process in started:
        process.kill()
        process.communicate(timeout=_DEADLINE_S)


@pytest.fixture
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the program until it ends by itself."""

    def run_to_end(*arguments: str) -> subprocess.CompletedProcess[str]:
        process = run_registry(*arguments)
        try:
            out, err = process.communicate(timeout=_DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    return run_to_end


def run_registry(
    *arguments: str, stderr: IO[str] | int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start the program with these arguments."""
    return subprocess.Popen(
        [sys.executable, "-m", "registry.local", *arguments],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
