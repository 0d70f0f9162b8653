"""The broker and the registry of docker-compose.yml as containers of the test run.

Images and settings are those of the file; only where clients reach them differs.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from operations.stack import Addresses
from operations.stack.broker_config import find_free_ports
from operations.stack.readiness import ReadinessProbe

COMPOSE = Path(__file__).parents[1] / "docker-compose.yml"
_READY_S = 120.0
_LOOK_AGAIN_S = 0.2
_BROKER_PORT = 29092
_REGISTRY_PORT = 8081


@contextmanager
def start_containers() -> Iterator[Addresses]:
    """Start both on a network of their own; remove them at the end.

    Raises:
        TimeoutError: One of them cannot be used within two minutes.
    """
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    # Clients must know the port before the broker starts: it tells them.
    (port,) = find_free_ports(1)
    with (
        Network() as network,
        _container(services, "kafka", network) as kafka,
        _container(services, "schema-registry", network) as registry,
    ):
        host = kafka.get_docker_client().host()
        kafka.with_env(
            "KAFKA_ADVERTISED_LISTENERS", f"CLIENTS://kafka:9092,HOST://{host}:{port}"
        )
        kafka.with_bind_ports(_BROKER_PORT, port).start()
        _wait_for_broker(f"{host}:{port}")
        registry.with_exposed_ports(_REGISTRY_PORT).start()
        url = f"http://{host}:{registry.get_exposed_port(_REGISTRY_PORT)}"
        _wait_for_registry(url)
        yield Addresses(bootstrap_servers=f"{host}:{port}", registry_url=url)


@contextmanager
def _container(
    services: Mapping[str, Any], name: str, network: Network
) -> Iterator[DockerContainer]:
    """Give a container of the file's service that has not started; stop it later."""
    service = services[name]
    container = DockerContainer(service["image"])
    container.with_network(network).with_network_aliases(name)
    for variable, value in service["environment"].items():
        container.with_env(variable, str(value))
    try:
        yield container
    finally:
        container.stop()


def _wait_for_broker(address: str) -> None:
    deadline = time.monotonic() + _READY_S
    with closing(ReadinessProbe(address, brokers=1)) as probe:
        while not probe.is_ready():
            _check(deadline, f"Kafka at {address}")


def _wait_for_registry(url: str) -> None:
    deadline = time.monotonic() + _READY_S
    while not _answers(url):
        _check(deadline, f"the schema registry at {url}")
        time.sleep(_LOOK_AGAIN_S)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/subjects").is_success
    except httpx.TransportError:
        return False


def _check(deadline: float, who: str) -> None:
    if time.monotonic() > deadline:
        message = f"{who} cannot be used within {_READY_S:g} s"
        raise TimeoutError(message)
