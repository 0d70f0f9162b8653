"""Ctrl-C while a console script is still being loaded, and after."""

import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_BIN = Path(sys.executable).parent
_SCRIPTS = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]["scripts"]
_EARLY_AND_LATE = ("click", "ssl")
"""What every program imports; the second when much else is there."""

_LOADS_LONG = """
import signal, sys
sys.stdout.write(f"{signal.getsignal(signal.SIGINT)!r}\\n")
sys.stdout.flush()
signal.sigtimedwait([signal.SIGUSR1], 60)
"""
_END_S = 30.0


@pytest.fixture(autouse=True)
def heeded_interrupt() -> Iterator[None]:
    """Start programs as a terminal does, though the tests may run in the background.

    There SIGINT is ignored, and a child would inherit that.
    """
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


def load_for_long(folder: Path, module: str) -> Mapping[str, str]:
    """Return an environment in which importing the module takes a minute."""
    (folder / f"{module}.py").write_text(_LOADS_LONG)
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.mark.parametrize("module", _EARLY_AND_LATE)
@pytest.mark.parametrize("script", _SCRIPTS)
def test_program_that_is_loading_ends_as_the_signal_says(
    script: str, module: str, tmp_path: Path
) -> None:
    """A shell sees 130, and nobody is shown what was being imported."""
    environ = load_for_long(tmp_path, module)
    with subprocess.Popen(
        [_BIN / script, "--help"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as loading:
        assert loading.stdout is not None
        loading.stdout.readline()

        loading.send_signal(signal.SIGINT)
        _, said = loading.communicate(timeout=_END_S)

    assert loading.returncode == -signal.SIGINT
    assert said == ""


def test_program_that_is_to_ignore_the_signal_does(tmp_path: Path) -> None:
    """What a shell starts in the background is not ended by Ctrl-C."""
    environ = load_for_long(tmp_path, "click")
    command = f"trap '' INT; exec {_BIN / 'contracts'} --help"
    with subprocess.Popen(
        ["sh", "-c", command], env=environ, stdout=subprocess.PIPE, text=True
    ) as loading:
        assert loading.stdout is not None
        handler = loading.stdout.readline()
        loading.kill()

    assert handler == f"{signal.SIG_IGN!r}\n"


def test_program_that_runs_has_its_own_answer() -> None:
    """`contracts` ends what it is about and exits with 130."""
    with subprocess.Popen(
        [_BIN / "contracts", "compat", "--batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write("{}\n")
        running.stdout.readline()

        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=_END_S)

    assert running.returncode == 130
    assert "Traceback" not in said


def test_interrupted_verdict_is_none(tmp_path: Path) -> None:
    """`pipeline verify` exits with 130, and not with 1: that would be a finding."""
    orders = tmp_path / "orders.jsonl"
    os.mkfifo(orders)
    nowhere = ["--bootstrap-servers=127.0.0.1:1", "--registry-url=http://127.0.0.1:1"]
    with (
        subprocess.Popen(
            [_BIN / "pipeline", "verify", *nowhere, "--input", orders],
            stderr=subprocess.PIPE,
            text=True,
        ) as running,
        orders.open("w"),
    ):  # returns once the command reads
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=_END_S)

    assert running.returncode == 130
    assert said.strip() == ""
