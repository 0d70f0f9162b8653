"""What the options of the test run promise."""

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_TOPICS = "tests/stack/test_topics.py::test_every_contract_gets_its_topic"


@pytest.fixture
def without_docker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Point Docker's programs at a socket that nobody listens on."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")


@pytest.mark.usefixtures("without_docker")
def test_machine_without_docker_skips_containers_with_a_reason() -> None:
    """A run says what it did not run, and why; it does not fail."""
    status, said = _run_pytest(_TOPICS, "--stack", "containers")

    assert status == pytest.ExitCode.OK
    assert "no Docker engine answers" in said


@pytest.mark.usefixtures("without_docker")
def test_require_all_turns_the_skip_into_a_failure() -> None:
    """With `--require all` nothing is missed silently."""
    status, said = _run_pytest(_TOPICS, "--stack", "containers", "--require", "all")

    assert status == pytest.ExitCode.TESTS_FAILED
    assert "--require all, but no Docker engine answers" in said


def test_external_stack_without_addresses_is_a_usage_error() -> None:
    """The sentence names the flags that are missing."""
    status, said = _run_pytest(_TOPICS, "--stack", "external")

    assert status == pytest.ExitCode.USAGE_ERROR
    assert "--bootstrap-servers and --registry-url" in said


def _run_pytest(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(
        command, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr
