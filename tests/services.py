"""Topics of a test's own, orders in them, and services as separate processes."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.cimpl import NewTopic

from operations.stack import Addresses, Child
from operations.stack.topics import create_and_wait
from registry.catalog import Catalog, load_catalog
from registry.client import RegistryClient
from registry.names import Version
from registry.registration import register_contracts
from registry.serdes import Serializer
from runtime.config import KafkaSettings, RegistrySettings
from runtime.log_ends import LogEnds
from runtime.registry import connect_registry
from schemas import CONTRACTS

PARTITIONS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """The topics of one pipeline."""

    input: str
    output: str

    @property
    def dead_letters(self) -> str:
        """Where records of the input topic go that cannot be priced."""
        return f"{self.input}.dlq"

    @property
    def positions(self) -> str:
        """Where transaction-service notes how far it came."""
        return f"{self.output}.positions"


def create_topics(addresses: Addresses, name: str) -> Topics:
    """Create the topics of a pipeline that no other test uses."""
    topics = Topics(input=f"{name}-details", output=f"{name}-processed")
    names = [topics.input, topics.output, topics.dead_letters, topics.positions]
    create_and_wait(
        KafkaSettings(bootstrap_servers=addresses.bootstrap_servers),
        [NewTopic(each, num_partitions=PARTITIONS) for each in names],
    )
    return topics


def let_contracts_in(registry_url: str, catalog: Catalog | None = None) -> None:
    """Register every contract of the project, or of another catalog."""
    with RegistryClient(registry_url) as client:
        register_contracts(catalog or load_catalog(CONTRACTS), client)


def flags_for(addresses: Addresses, topics: Topics) -> list[str]:
    """Return the flags that put a processor on `topics`, in a group of its own."""
    return [
        "--bootstrap-servers",
        addresses.bootstrap_servers,
        "--registry-url",
        addresses.registry_url,
        "--input-topic",
        topics.input,
        "--output-topic",
        topics.output,
        "--group",
        topics.input,
    ]


def order(number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return a legal OrderDetails event of either version; even ones are discounted."""
    line: dict[str, Any] = {
        "sku": str(number % 77),
        "name": "Mozzarella di Giovanni",
        "quantity": number % 40 + 1,
        "unit_price": Decimal(number % 9999 + 1).scaleb(-2),
        "discount": Decimal("0.15") if number % 2 == 0 else Decimal("0.00"),
    }
    return {
        "order_id": f"order-{number}",
        "customer": {"id": "C1", "name": "Zoë", "email": "zoe@shop.example"},
        "items": [line],
        "currency": "EUR",
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        **changes,
    }


def send_orders(
    addresses: Addresses, topic: str, orders: Iterable[dict[str, Any]]
) -> None:
    """Write orders, those without any discount with version 1 of the contract."""
    contract = load_catalog(CONTRACTS).get_contract("order-details-value")
    with connect_registry(RegistrySettings(url=addresses.registry_url)) as registry:
        write = [Serializer(registry, contract, Version(each)) for each in (1, 2)]
    values = (
        (each["order_id"].encode(), write[_is_discounted(each)](each))
        for each in orders
    )
    send_values(addresses, topic, values)


def send_values(
    addresses: Addresses, topic: str, values: Iterable[tuple[bytes, bytes]]
) -> None:
    """Write keys and values as they are, each with a trace of its own."""
    producer = Producer(
        {
            "bootstrap.servers": addresses.bootstrap_servers,
            "partitioner": "murmur2_random",
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    for number, (key, value) in enumerate(values, start=1):
        trace = f"00-{number:032x}-{number:016x}-01".encode()
        producer.produce(topic, value, key, headers=[("traceparent", trace)])
    assert producer.flush(60) == 0


def find_log_ends(addresses: Addresses, topic: str) -> dict[int, int]:
    """Return where the log of each partition ends at this moment."""
    kafka = KafkaSettings(bootstrap_servers=addresses.bootstrap_servers)
    partitions = [(topic, number) for number in range(PARTITIONS)]
    ranges = LogEnds(kafka).get_ranges(partitions)
    return {number: end for (_, number), (_, end) in ranges.items()}


def have_read_to(
    ends: Mapping[int, int], topic: str, statuses: Iterable[dict[str, Any]]
) -> bool | None:
    """Return True once services are, together, at those ends of the topic's logs.

    Their lag says nothing of it: they hear of the end of a log that they do not fetch
    some seconds late.
    """
    reached = {
        int(number): offset
        for status in statuses
        for number, offset in status.get("next_offsets", {}).get(topic, {}).items()
    }
    return reached == ends or None


@contextmanager
def running(service: str, *flags: str, folder: Path, **environ: str) -> Iterator[Child]:
    """Run a service from here to the end of the block; its log is in `folder`."""
    program = Path(sys.executable).with_name(service)
    command = [str(program), "--state-dir", str(folder / "slots")]
    command += ["--log-format", "json", *flags]
    with running_command(service, command, folder=folder, **environ) as child:
        yield child


@contextmanager
def running_command(
    name: str, command: Sequence[str], *, folder: Path, **environ: str
) -> Iterator[Child]:
    """Run any command from here to the end of the block; its log is in `folder`."""
    log_path = folder / f"{name}-{os.urandom(4).hex()}.log"
    child = Child.start(name, command, log_path=log_path, environ=environ)
    try:
        yield child
    finally:
        child.stop()


@contextmanager
def own_registry(folder: Path, *, port: int = 0) -> Iterator[tuple[Child, str]]:
    """Run a registry apart from the shared stack; yield its process and its URL.

    It keeps its schemas in `folder`, whatever happens to its process.
    """
    command = [sys.executable, "-m", "registry.local", "--port", str(port)]
    child = Child.start(
        "registry",
        [*command, "--store", str(folder / "registry.db")],
        log_path=folder / "registry.log",
    )
    try:
        listening = child.wait_until(lambda: child.find_logged("url"), timeout_s=60)
        yield child, str(listening["url"])
    finally:
        child.stop()


def _is_discounted(event: dict[str, Any]) -> bool:
    return any(line["discount"] for line in event["items"])
