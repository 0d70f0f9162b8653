"""A pipeline as people start it: the console script, in a process of its own."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn, Self

import pytest
from playwright.sync_api import Page, sync_playwright

from operations.stack.jars import get_jars
from operations.stack.java import get_java
from registry.errors import ConfigError

_QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
BIN = Path(sys.executable).parent
_START_S = 120
_STOP_S = 60


class Up:
    """A running `pipeline up`.

    Attributes:
        process: The command itself.
        addresses: The line that it printed.
        data: Its folder.
    """

    def __init__(self, data: Path, *flags: str) -> None:
        self.data = data
        self.log_path = data.with_name(f"{data.name}.log")
        common = ["up", "--data", str(data), "--format", "json"]
        command = [str(BIN / "pipeline"), *common, *flags]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.addresses: dict[str, Any] = json.loads(line or "{}")

    @property
    def services(self) -> dict[str, str]:
        """Base URLs of the services by name."""
        text = (self.data / "stack.json").read_text(encoding="utf-8")
        found: dict[str, str] = json.loads(text)["services"]
        return found

    def run(self, command: str, *flags: object) -> subprocess.CompletedProcess[str]:
        """Run another command of `pipeline` on the same folder."""
        return run("pipeline", command, "--data", self.data, *flags)

    def stop(self) -> tuple[int, str]:
        """End it with SIGTERM; return its exit code and what it printed since."""
        self.process.send_signal(signal.SIGTERM)
        rest, _ = self.process.communicate(timeout=_STOP_S)
        return self.process.returncode, rest

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.process.poll() is None:
            self.stop()
        if self.process.stdout is not None:
            self.process.stdout.close()


def run(program: str, *flags: object) -> subprocess.CompletedProcess[str]:
    """Run a console script to its end."""
    return subprocess.run(
        [BIN / program, *map(str, flags)],
        capture_output=True,
        text=True,
        timeout=_START_S,
        check=False,
    )


@pytest.fixture(scope="session")
def kafka_works(require_or_skip: Callable[[str], None]) -> None:
    """Skip where this machine cannot run Kafka."""
    try:
        get_java()
        get_jars()
    except ConfigError as exc:
        require_or_skip(str(exc))


@pytest.fixture(scope="module")
def up(kafka_works: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Give a pipeline with all services and no orders."""
    del kafka_works
    with Up(tmp_path_factory.mktemp("up") / "data", "--rate", "0") as started:
        yield started


@pytest.fixture
def page(require_or_skip: Callable[[str], NoReturn]) -> Iterator[Page]:
    """Give a page of a headless Chromium that reaches nothing outside."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        require_or_skip("there is no Chromium; install it with: make system")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=_QUIET.split()
        )
        yield browser.new_page()
        browser.close()


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Return what waits for a condition, and fails if it does not come."""

    def wait(condition: Callable[[], bool], *, timeout_s: float = 60.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"it did not come true within {timeout_s} s")
            time.sleep(0.1)

    return wait


@pytest.fixture
def find_processes() -> Callable[..., list[int]]:
    """Return what finds the living processes whose command lines hold all words."""

    def find(*words: object) -> list[int]:
        listing = subprocess.run(
            ["ps", "-ww", "-eo", "pid=,stat=,args="],
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.split(None, 2) for line in listing.stdout.splitlines()]
        return [
            int(pid)
            for pid, state, *args in rows
            if not state.startswith("Z")
            and all(str(word) in " ".join(args) for word in words)
        ]

    return find
