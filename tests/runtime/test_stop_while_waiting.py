"""Ctrl-C while a service waits for a broker or a registry that is not there."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

_STOP_S = 30
_ABSENT = ("--bootstrap-servers", "127.0.0.1:1", "--registry-url", "http://127.0.0.1:1")


@pytest.mark.parametrize(
    "service",
    [
        "order-service",
        "transaction-service",
        "notification-service",
        "analytics-service",
    ],
)
def test_service_that_waits_is_stopped_in_peace(service: str, tmp_path: Path) -> None:
    """It has done nothing and left nothing undone: exit 0, and no advice."""
    program = Path(sys.executable).with_name(service)
    own = ("--log-format", "json", "--state-dir", str(tmp_path))
    command = [str(program), *_ABSENT, *own]
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        assert any("service.waiting" in line for line in running.stderr)

        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=_STOP_S)

    assert running.returncode == 0
    assert "check the address" not in said
    assert "Traceback" not in said
