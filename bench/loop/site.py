"""Where runs take place: a broker and a registry of their own."""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from bench.loop.orders import SHOP, Crowd, Workload, make_templates
from bench.loop.topics import create_topics, delete_topics, load
from operations.stack import Stack
from registry.catalog import Catalog, load_catalog
from registry.client import RegistryClient
from registry.registration import register_contracts
from schemas import CONTRACTS

PARTITIONS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A broker, a registry and a folder for logs.

    Attributes:
        broker_pid: The broker's process.
    """

    bootstrap: str
    registry_url: str
    broker_pid: int
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A topic of orders, loaded once.

    Attributes:
        schemas: Folder of the contracts that our service is told, "" for its own.
    """

    topic: str
    workload: Workload
    count: int
    partitions: int = PARTITIONS
    schemas: str = ""


@contextmanager
def open_site() -> Iterator[Site]:
    """Start broker and registry, and let the contracts in."""
    with (
        tempfile.TemporaryDirectory(prefix="accord-bench-") as folder,
        Stack.start(Path(folder, "stack")) as stack,
    ):
        let_in(stack.registry_url, load_catalog(CONTRACTS))
        yield Site(
            bootstrap=stack.bootstrap_servers,
            registry_url=stack.registry_url,
            broker_pid=stack.kafka.brokers[0].pid,
            folder=Path(folder),
        )


def let_in(registry_url: str, catalog: Catalog) -> None:
    """Register every version of a catalog."""
    with RegistryClient(registry_url) as client:
        register_contracts(catalog, client)


def make_workload(
    site: Site,
    *,
    catalog: Catalog | None = None,
    lines: tuple[int, int] = (1, 5),
    crowd: Crowd = SHOP,
) -> Workload:
    """Return orders of every version of the contract."""
    contract = (catalog or load_catalog(CONTRACTS)).get_contract("order-details-value")
    registry = SchemaRegistryClient({"url": site.registry_url})
    ids = [
        registry.lookup_schema(contract.subject, Schema(each.text, "AVRO")).schema_id
        for each in contract.versions
    ]
    return Workload(
        templates=make_templates(
            [each.schema for each in contract.versions], lines, crowd
        ),
        schema_ids=[each or 0 for each in ids],
    )


@contextmanager
def loaded(
    site: Site,
    workload: Workload,
    count: int,
    *,
    partitions: int = PARTITIONS,
    schemas: str = "",
) -> Iterator[Input]:
    """Load a topic that is there for the block."""
    topic = f"orders-{uuid.uuid4().hex[:8]}"
    names = [topic, f"{topic}.dlq"]
    create_topics(site.bootstrap, names, partitions)
    load(site.bootstrap, topic, workload, count)
    yield Input(
        topic=topic,
        workload=workload,
        count=count,
        partitions=partitions,
        schemas=schemas,
    )
    delete_topics(site.bootstrap, names)
