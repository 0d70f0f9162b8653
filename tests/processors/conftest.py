"""A pipeline of a test's own, and the service on it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from operations.stack import Addresses, Child
from operations.verify.command import Request, verify_topics
from operations.verify.evidence import TopicNames
from operations.verify.verdict import Verdict
from registry.catalog import load_catalog
from runtime.config import KafkaSettings, RegistrySettings
from schemas import CONTRACTS
from tests import services
from tests.services import Topics

Start = Callable[..., Child]
Verify = Callable[[], Verdict]


@pytest.fixture(scope="session")
def pipeline(stack: Addresses) -> Addresses:
    """Return a stack whose registry holds the contracts."""
    services.let_contracts_in(stack.registry_url)
    return stack


@pytest.fixture
def topics(pipeline: Addresses, unique_name: Callable[[str], str]) -> Topics:
    """Return topics that no other test uses."""
    return services.create_topics(pipeline, unique_name("orders"))


@pytest.fixture
def start(pipeline: Addresses, topics: Topics, tmp_path: Path) -> Iterator[Start]:
    """Return what starts transaction-service on the test's topics, with more flags.

    Every process is stopped at the end of the test.
    """
    with ExitStack() as processes:

        def start_service(*flags: str, **environ: str) -> Child:
            return processes.enter_context(
                on_topics(pipeline, topics, *flags, folder=tmp_path, **environ)
            )

        yield start_service


@pytest.fixture
def verify(pipeline: Addresses, topics: Topics) -> Verify:
    """Return what judges the test's topics from outside."""
    request = Request(
        kafka=KafkaSettings(bootstrap_servers=pipeline.bootstrap_servers),
        registry=RegistrySettings(url=pipeline.registry_url),
        catalog=load_catalog(CONTRACTS),
        names=TopicNames(inputs=topics.input, outputs=topics.output),
    )
    return lambda: verify_topics(request)


def on_topics(
    pipeline: Addresses, topics: Topics, *flags: str, folder: Path, **environ: str
) -> AbstractContextManager[Child]:
    """Return a running transaction-service on `topics`; later flags win."""
    return services.running(
        "transaction-service",
        *services.flags_for(pipeline, topics),
        *flags,
        folder=folder,
        **environ,
    )
