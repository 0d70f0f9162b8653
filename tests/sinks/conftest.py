"""What tests of the sinks ask for: databases of both kinds, and a running pipeline."""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import create_engine, make_url, text

from operations.stack import Addresses, Child
from registry.catalog import load_catalog
from registry.serdes import Event, Serializer
from runtime.config import RegistrySettings
from runtime.registry import connect_registry
from schemas import CONTRACTS
from tests import services
from tests.sinks import postgresql

Run = Callable[..., AbstractContextManager[Child]]


@pytest.fixture(scope="session")
def postgresql_url(require_or_skip: Callable[[str], NoReturn]) -> Iterator[str]:
    """Give the URL of a real PostgreSQL that the whole run shares."""
    programs = postgresql.find_programs()
    if programs is not None:
        with postgresql.run_server(programs) as server:
            yield server.url
    elif _has_docker_engine():
        with postgresql.run_container() as url:
            yield url
    else:
        require_or_skip("there is no PostgreSQL server and no Docker engine")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    unique_name: Callable[[str], str],
) -> str:
    """Return the URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'sink.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    name = unique_name("sink").replace("-", "_")
    driver = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(driver, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def pipeline(stack: Addresses) -> Addresses:
    """Return a stack whose registry holds the contracts."""
    services.let_contracts_in(stack.registry_url)
    return stack


@pytest.fixture
def topic(pipeline: Addresses, new_topic: Callable[..., str]) -> str:
    """Return a topic of priced orders with three partitions; contracts are let in."""
    del pipeline
    return new_topic("orders", partitions=3)


@pytest.fixture
def run(pipeline: Addresses, topic: str, tmp_path: Path) -> Run:
    """Return what runs a sink on the topic, with more flags, and stops it."""

    def run_service(service: str, *flags: str) -> AbstractContextManager[Child]:
        return services.running(
            service,
            *("--bootstrap-servers", pipeline.bootstrap_servers),
            *("--registry-url", pipeline.registry_url),
            *("--input-topic", topic, "--group", topic),
            *("--session-timeout", "6", *flags),
            folder=tmp_path,
        )

    return run_service


@pytest.fixture
def send(pipeline: Addresses, topic: str) -> Callable[[Sequence[Event]], None]:
    """Return what writes priced orders to the topic."""
    contract = load_catalog(CONTRACTS).get_contract("order-processed-value")
    with connect_registry(RegistrySettings(url=pipeline.registry_url)) as registry:
        serialize = Serializer(registry, contract, contract.newest.version)

    def send_orders(events: Sequence[Event]) -> None:
        values = ((each["order_id"].encode(), serialize(each)) for each in events)
        services.send_values(pipeline, topic, values)

    return send_orders


def _has_docker_engine() -> bool:
    program = shutil.which("docker")
    if program is None:
        return False
    answer = subprocess.run([program, "info"], capture_output=True, check=False)
    return answer.returncode == 0
