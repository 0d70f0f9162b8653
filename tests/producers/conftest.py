"""What the tests of order-service share: orders, rules, and the program itself."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient

from operations.stack import Addresses
from producers.order_service.orders import OrderRules
from registry.catalog import Contract, load_catalog
from registry.client import RegistryClient
from registry.registration import register_contracts
from runtime.config import RegistrySettings
from runtime.registry import connect_registry
from schemas import CONTRACTS

NORTHWIND = Path(__file__).parents[2] / "operations/data/northwind-orders.jsonl"
_PROGRAM = Path(sys.executable).with_name("order-service")
_ORDER: dict[str, Any] = {
    "order_id": "10248",
    "customer": {"id": "VINET", "name": "Paul Henriot", "email": "vinet@shop.example"},
    "items": [
        {
            "sku": "11",
            "name": "Queso Cabrales",
            "quantity": 12,
            "unit_price": "14.00",
            "discount": "0.15",
        }
    ],
    "currency": "USD",
    "created_at": "1996-07-04T00:00:00Z",
}
OrderServiceEnd = subprocess.CompletedProcess[str]
OrderService = Callable[..., OrderServiceEnd]


@pytest.fixture(scope="session")
def northwind() -> Path:
    """Return the file of the 830 Northwind orders."""
    return NORTHWIND


@pytest.fixture(scope="session")
def contract() -> Contract:
    """Return the contract of orders."""
    return load_catalog(CONTRACTS).get_contract("order-details-value")


@pytest.fixture(scope="session")
def rules(contract: Contract) -> OrderRules:
    """Return the rules of the newest version."""
    return OrderRules.from_version(contract.newest)


@pytest.fixture
def order() -> dict[str, Any]:
    """Return a legal order as JSON, to be changed at will."""
    return deepcopy(_ORDER)


@pytest.fixture
def environment() -> dict[str, str]:
    """Return this process's environment without settings of Accord."""
    mine = ("ACCORD_", "KAFKA_", "SCHEMA_REGISTRY_")
    return {
        name: value for name, value in os.environ.items() if not name.startswith(mine)
    }


@pytest.fixture
def run_alone(environment: dict[str, str]) -> OrderService:
    """Return what runs order-service to its end; nothing of a stack is set."""

    def run(*arguments: str | Path, stdin: str = "") -> OrderServiceEnd:
        return subprocess.run(
            [_PROGRAM, *arguments],
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def registered(stack: Addresses) -> Addresses:
    """Return the addresses of a stack that knows every contract."""
    with RegistryClient(stack.registry_url) as client:
        register_contracts(load_catalog(CONTRACTS), client)
    return stack


@pytest.fixture(scope="session")
def registry(registered: Addresses) -> Iterator[SchemaRegistryClient]:
    """Give a client of the registry."""
    with connect_registry(RegistrySettings(url=registered.registry_url)) as client:
        yield client


@pytest.fixture
def topic(new_topic: Callable[..., str]) -> str:
    """Return a topic of this test alone, with 3 partitions."""
    return new_topic("orders", partitions=3)


@pytest.fixture
def positions_topic(new_topic: Callable[..., str]) -> str:
    """Return a topic of positions of this test alone."""
    return new_topic("positions", cleanup_policy="compact")


@pytest.fixture
def run_order_service(
    run_alone: OrderService,
    environment: dict[str, str],
    registered: Addresses,
    topic: str,
    positions_topic: str,
) -> OrderService:
    """Return what runs order-service on the stack to its end, writing `topic`."""
    environment |= {
        "KAFKA_BOOTSTRAP_SERVERS": registered.bootstrap_servers,
        "SCHEMA_REGISTRY_URL": registered.registry_url,
        "ACCORD_TOPIC": topic,
        "ACCORD_POSITIONS_TOPIC": positions_topic,
    }
    return run_alone
