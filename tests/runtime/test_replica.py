"""Equal workers on one machine have different names; a successor has its victim's."""

import subprocess
import sys
from pathlib import Path

import pytest

from registry.errors import ConfigError
from runtime.config import ServiceSettings
from runtime.replica import claim_replica

HOLD_A_SLOT = """
import sys
from pathlib import Path
from runtime.config import ServiceSettings
from runtime.replica import claim_replica
settings = ServiceSettings(name="worker", state_dir=Path(sys.argv[1]))
with claim_replica(settings, group="worker") as name:
    print(name, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    """Return settings whose slots nobody holds."""
    return ServiceSettings(name="worker", state_dir=tmp_path / "slots")


def test_two_workers_have_two_names(settings: ServiceSettings) -> None:
    """Each takes the lowest slot that is free."""
    with (
        claim_replica(settings, group="worker") as first,
        claim_replica(settings, group="worker") as second,
    ):
        assert first.endswith("-0")
        assert second.endswith("-1")


def test_killed_workers_slot_is_free_at_once(settings: ServiceSettings) -> None:
    """A kill -9 leaves no lock: the successor has the victim's name."""
    command = [sys.executable, "-c", HOLD_A_SLOT, str(settings.state_dir)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as victim:
        assert victim.stdout is not None
        name = victim.stdout.readline().strip()
        victim.kill()

    with claim_replica(settings, group="worker") as successor:
        assert successor == name


def test_given_name_is_taken_as_it_is(tmp_path: Path) -> None:
    """--replica-id needs no slot and no folder."""
    settings = ServiceSettings(
        name="worker", replica_id="pod-7", state_dir=tmp_path / "none"
    )

    with claim_replica(settings, group="worker") as name:
        assert name == "worker-pod-7"

    assert not settings.state_dir.exists()


def test_unusable_folder_is_named(tmp_path: Path) -> None:
    """The error says which folder and which flags help."""
    blocked = tmp_path / "file"
    blocked.touch()
    settings = ServiceSettings(name="worker", state_dir=blocked)

    with (
        pytest.raises(ConfigError, match=str(blocked)) as refused,
        claim_replica(settings, group="worker"),
    ):
        pytest.fail("a slot in a file")

    assert "--state-dir" in refused.value.hint
