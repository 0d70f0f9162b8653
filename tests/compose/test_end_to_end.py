"""The compose files run: every order through the whole stack, as users start it."""

from collections.abc import Iterator
from subprocess import CompletedProcess

import pytest

from tests.compose.engine import Engine
from tests.compose.images import ROOT

UP_S = 600.0
# Images that are built first have limits of their own; so has each command of Compose.
pytestmark = pytest.mark.timeout(3 * UP_S, func_only=True)

PROJECT = "accord-test"
VERIFIED = "verified: 830 orders, 0 missing, 0 duplicate, 0 wrong"
ONE_BROKER = ["docker-compose.yml"]
THREE_BROKERS = ["docker-compose.yml", "docker-compose.cluster.yml"]
COUNT_COPIES = """
from confluent_kafka.admin import AdminClient
topics = AdminClient({"bootstrap.servers": "kafka:9092"}).list_topics(timeout=20).topics
print({len(p.replicas) for each in topics.values() for p in each.partitions.values()})
"""


class Stack:
    """A project of the given files."""

    def __init__(self, engine: Engine, files: list[str]) -> None:
        self._engine = engine
        self._files = [f"--file={ROOT / name}" for name in files]

    def compose(self, *arguments: str) -> CompletedProcess[str]:
        """Run `docker compose` with the profile of the end-to-end test."""
        options = [*self._files, "--profile=e2e"]
        return self._engine.compose(PROJECT, *options, *arguments, timeout_s=UP_S)

    def run_end_to_end(self) -> CompletedProcess[str]:
        """Run what the README says."""
        return self.compose("up", "--exit-code-from", "e2e", "e2e")

    def remove(self) -> None:
        """Leave no container and no volume."""
        self.compose("down", "--volumes", "--timeout=1")


@pytest.fixture
def stack(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Stack]:
    """Give a stack of the files that the test names, and remove it."""
    found = Stack(engine, request.param)
    yield found
    found.remove()


def tell(stack: Stack, run: CompletedProcess[str]) -> str:
    """Return what a failure should show: the run, and the end of every log."""
    logs = stack.compose("logs", "--tail=15", "--no-color").stdout
    return f"{run.stdout}\n{run.stderr}\n{logs}"


@pytest.mark.parametrize("stack", [ONE_BROKER], indirect=True)
def test_orders_are_priced_counted_and_mailed_and_again_not_twice(stack: Stack) -> None:
    """The documented command verifies every order; again, it finds the same ones."""
    first = stack.run_end_to_end()
    assert first.returncode == 0, tell(stack, first)
    assert VERIFIED in first.stdout
    assert "830 orders\n" in first.stdout
    assert "830 mails\n" in first.stdout

    second = stack.run_end_to_end()
    assert second.returncode == 0, tell(stack, second)
    assert VERIFIED in second.stdout


@pytest.mark.parametrize("stack", [THREE_BROKERS], indirect=True)
def test_three_brokers_keep_three_copies(stack: Stack) -> None:
    """The override makes a cluster: every order verified, every partition thrice."""
    run = stack.run_end_to_end()
    assert run.returncode == 0, tell(stack, run)
    assert VERIFIED in run.stdout

    ask = ["run", "--rm", "--no-deps", "e2e", "python", "-c", COUNT_COPIES]
    assert stack.compose(*ask).stdout.strip() == "{3}"
