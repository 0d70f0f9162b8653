"""The private engine: reachable, cut off, and gone without a trace."""

import subprocess
from pathlib import Path

from tests.compose.engine import Cache, private_engine


def traces() -> set[str]:
    """Return mounts, control groups and processes that an engine could leave."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    groups = [str(path) for path in Path("/sys/fs/cgroup").glob("*/accord-engine-*")]
    engines = subprocess.run(
        ["pgrep", "dockerd|contain"],  # it takes 15 characters
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    return {*mounts, *groups, *engines}


def test_engine_reaches_nothing_and_leaves_nothing(
    cache: Cache, tmp_path: Path
) -> None:
    """It has a network with itself alone in it, and its end is the end of all of it."""
    own = Cache(folder=tmp_path)
    own.config.symlink_to(cache.config)
    before = traces()

    with private_engine(own) as engine:
        links = subprocess.run(
            engine.in_network("ip", "-brief", "link"),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        answer = engine.docker("version", "--format={{.Server.Os}}").stdout

    assert answer.strip() == "linux"
    assert {line.split()[0] for line in links.splitlines()} <= {"lo", "docker0"}
    assert traces() == before
