"""What the supervisor knows of a worker that it starts again."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.processes import Child
from runtime.workers import Worker

PATIENCE_S = 30.0
WORKER = """
import http.server, json, os

class Status(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"pid": os.getpid()}).encode())

server = http.server.HTTPServer(("127.0.0.1", 0), Status)
url = f"http://127.0.0.1:{server.server_port}"
print(json.dumps({"event": "service.listening", "url": url}), flush=True)
server.serve_forever()
"""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    """Return a worker that answers with its process id."""
    command = [sys.executable, "-c", WORKER]
    worker = Worker("worker-0", command, log_path=tmp_path / "worker-0.log")
    yield worker
    worker.stop()


def test_worker_that_is_asked_while_it_starts_again_answers_for_itself(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where its predecessor listened is forgotten, whoever asks at whatever moment."""
    first = _wait_for_other(worker, than=None)
    start = Child.start

    def start_while_somebody_asks(*args: Any, **kwargs: Any) -> Child:  # noqa: ANN401 - passed on
        worker.status()
        return start(*args, **kwargs)

    monkeypatch.setattr(Child, "start", start_while_somebody_asks)
    os.kill(first, signal.SIGKILL)

    assert _wait_for_other(worker, than=first) != first


def _wait_for_other(worker: Worker, *, than: int | None) -> int:
    """Return the process id that the worker answers with, once it is another."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        worker.check()
        pid: int | None = worker.status().get("pid", than)
        if pid is not None and pid != than:
            return pid
        time.sleep(0.02)
    raise TimeoutError
