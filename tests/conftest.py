"""What every test may ask for: a stack, names of its own, and what the run allows.

--stack local       our own broker and registry, started once (the default)
--stack containers  the broker and the registry of docker-compose.yml in containers
--stack external    --bootstrap-servers and --registry-url of a running one
--require all       what this machine cannot run fails instead of being skipped
--soak              the long form of the tests that have one
"""

import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, NoReturn

import pytest
from confluent_kafka.cimpl import NewTopic

from operations.stack import Addresses, Stack
from operations.stack.topics import create_and_wait
from registry.errors import ConfigError
from runtime.config import KafkaSettings
from tests.parallel import ByFile

Refuse = Callable[[str], NoReturn]
"""Skips the test with a reason; fails it under ``--require all``."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that this module's docstring explains."""
    group = parser.getgroup("accord")
    stacks = ["local", "containers", "external"]
    group.addoption("--stack", choices=stacks, default="local")
    group.addoption("--bootstrap-servers", help="brokers of --stack external")
    group.addoption("--registry-url", help="schema registry of --stack external")
    group.addoption("--require", choices=["all"], help="fail instead of skipping")
    group.addoption("--soak", action="store_true", help="run the long forms")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse options that do not fit together before any test runs."""
    given = [
        config.getoption("--bootstrap-servers"),
        config.getoption("--registry-url"),
    ]
    if config.getoption("--stack") == "external" and not all(given):
        message = "--stack external needs --bootstrap-servers and --registry-url"
        raise pytest.UsageError(message)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:  # noqa: ANN401 - xdist's own
    """Keep the tests of a file in one process when there are several."""
    return ByFile(config, log)


@pytest.fixture(scope="session")
def require_or_skip(request: pytest.FixtureRequest) -> Refuse:
    """Return what to call with the reason why this machine cannot run a test."""

    def refuse(reason: str) -> NoReturn:
        if request.config.getoption("--require") == "all":
            pytest.fail(f"--require all, but {reason}", pytrace=False)
        pytest.skip(reason)

    return refuse


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out what only the long form runs."""
    if not config.getoption("--soak"):
        short = [each for each in items if each.get_closest_marker("soak") is None]
        config.hook.pytest_deselected(
            items=[each for each in items if each not in short]
        )
        items[:] = short


@pytest.fixture(scope="session")
def soak(request: pytest.FixtureRequest) -> bool:
    """Tell whether the long form is asked for."""
    return bool(request.config.getoption("--soak"))


@pytest.fixture(scope="session")
def stack(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    require_or_skip: Refuse,
) -> Iterator[Addresses]:
    """Give the addresses of a broker and a registry that the whole run shares."""
    data = tmp_path_factory.mktemp("stack")
    with _open_stack(request.config, data, require_or_skip) as addresses:
        yield addresses


@pytest.fixture
def unique_name() -> Callable[[str], str]:
    """Return what turns "orders" into a name that no other test uses."""
    return lambda stem: f"{stem}-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def new_topic(
    stack: Addresses, unique_name: Callable[[str], str]
) -> Callable[..., str]:
    """Return what creates a topic for this test alone and gives its name.

    For example ``new_topic("orders", partitions=6, cleanup_policy="compact")``.
    """
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers)

    def create(stem: str, *, partitions: int = 1, **config: str) -> str:
        name = unique_name(stem)
        settings = {key.replace("_", "."): value for key, value in config.items()}
        topic = NewTopic(name, num_partitions=partitions, config=settings)
        create_and_wait(kafka, [topic])
        return name

    return create


def _open_stack(
    config: pytest.Config, data: Path, refuse: Refuse
) -> AbstractContextManager[Addresses]:
    match config.getoption("--stack"):
        case "external":
            return nullcontext(
                Addresses(
                    bootstrap_servers=config.getoption("--bootstrap-servers"),
                    registry_url=config.getoption("--registry-url"),
                )
            )
        case "containers":
            return _start_containers(refuse)
        case _:
            return _start_local(data, refuse)


@contextmanager
def _start_local(data: Path, refuse: Refuse) -> Iterator[Addresses]:
    try:
        running = Stack.start(data)
    except ConfigError as exc:
        refuse(str(exc))
    with running:
        yield running.addresses


@contextmanager
def _start_containers(refuse: Refuse) -> Iterator[Addresses]:
    if not _has_docker_engine():
        refuse("no Docker engine answers")
    # Heavy, and of use to this stack alone.
    from tests.containers import start_containers  # noqa: PLC0415 - above

    with start_containers() as addresses:
        yield addresses


def _has_docker_engine() -> bool:
    program = shutil.which("docker")
    if program is None:
        return False
    return (
        subprocess.run([program, "info"], capture_output=True, check=False).returncode
        == 0
    )
