"""`pytest --stack containers`: integration tests on the images of the compose file."""

import re
import subprocess
import sys

import pytest
import yaml

from tests.compose.engine import Engine
from tests.compose.images import ROOT

# Finds a run that hangs as a whole; each test within has its own limit. It took one
# to five minutes on two cores, as others left them.
RUN_S = 1500.0
WHERE_WE_ARE = {
    # An image of its own, which no stand-in replaces; the engine ends with this run.
    "TESTCONTAINERS_RYUK_DISABLED": "true",
    # We are where ports are published, even if this machine is a container itself.
    "TESTCONTAINERS_CONNECTION_MODE": "docker_host",
    "TESTCONTAINERS_HOST_OVERRIDE": "127.0.0.1",
}
SOME = [
    "tests/serdes/test_serdes.py",
    "tests/stack/test_topics.py",
    "tests/runtime/test_intake.py",
    "tests/runtime/test_start_offsets.py",
    "tests/producers/test_positions.py",
]
"""A cut through the suite; a workflow runs all of it."""


# Images that are built first have limits of their own.
@pytest.mark.timeout(RUN_S + 60, func_only=True)
def test_same_tests_pass_on_containers(engine: Engine) -> None:
    """A broker and a registry in containers pass what the local stack passes."""
    pytest_here = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    options = ["--stack=containers", "--require=all", "--quiet"]
    done = subprocess.run(
        engine.in_network(*pytest_here, *options, *SOME),
        cwd=ROOT,
        env={**engine.environ, **WHERE_WE_ARE},
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_S,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout


def test_workflow_runs_whatever_uses_the_stack() -> None:
    """Each folder of such tests runs on every stack, on every pull request."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/stacks.yml").read_text())
    users = {
        path.parent.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").glob("*/*.py")
        if re.search(r"\b(stack|pipeline): Addresses", path.read_text())
    }

    assert users == set(workflow["jobs"]["stack"]["env"]["TESTS"].split())
