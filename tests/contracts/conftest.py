"""The `contracts` command line run in this process, and registries to run it on."""

import io
import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp

from registry.cli import contracts as command_line
from registry.cli import failures
from registry.client import RegistryClient
from registry.local import Options, SqliteStore, create_app
from tests.contracts.altered import AlteredRegistry

_DEADLINE_S = 20


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The standard output, read as JSON."""
        return json.loads(self.out)


Contracts = Callable[..., Outcome]


@pytest.fixture
def contracts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Contracts:
    """Return what runs `contracts` with arguments, and a standard input if need be."""

    def run(*arguments: object, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["contracts", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        try:
            status = failures.run(command_line)
        except SystemExit as exc:
            status = exc.code if isinstance(exc.code, int) else 1
        captured = capsys.readouterr()
        return Outcome(status=status, out=captured.out, err=captured.err)

    return run


@pytest.fixture
def registry_url() -> Iterator[str]:
    """Give the address of an empty registry of this test's own."""
    with serve_registry() as url:
        yield url


@pytest.fixture
def other_registry_url() -> Iterator[str]:
    """Give the address of a second empty registry."""
    with serve_registry() as url:
        yield url


@pytest.fixture
def client(registry_url: str) -> Iterator[RegistryClient]:
    """Give a client of the test's own registry."""
    with RegistryClient(registry_url) as connected:
        yield connected


@contextmanager
def serve_registry(
    answers: Mapping[str, Any] | None = None, options: Options | None = None
) -> Iterator[str]:
    """Serve an empty registry on a free port, from a thread.

    Args:
        answers: Path -> what it answers there, whatever it holds.
        options: How it answers elsewhere.
    """
    store = SqliteStore.open(None)
    app = AlteredRegistry(create_app(store, options), answers or {})
    with serve_app(app) as url:
        yield url
    store.close()


@contextmanager
def serve_app(app: ASGIApp) -> Iterator[str]:
    """Serve the application on a free port, from a thread."""
    config = uvicorn.Config(app, port=0, log_config=None, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = threading.Event()
    for _ in range(_DEADLINE_S * 100):
        if server.started or not thread.is_alive():
            break
        deadline.wait(0.01)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    yield f"http://{host}:{port}"
    server.should_exit = True
    thread.join(_DEADLINE_S)


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes a file below the test's folder; objects become JSON."""

    def write_file(name: str, content: object) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return path

    return write_file
