"""A registry that holds the contracts, and clients for it."""

from collections.abc import Iterator

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient

from operations.stack import Addresses
from registry.catalog import Catalog, load_catalog
from registry.client import RegistryClient
from registry.registration import register_contracts
from runtime.config import RegistrySettings
from runtime.registry import connect_registry
from schemas import CONTRACTS


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """Return the project's own contracts."""
    return load_catalog(CONTRACTS)


@pytest.fixture(scope="session")
def registry(stack: Addresses, catalog: Catalog) -> Iterator[SchemaRegistryClient]:
    """Give a client of a registry in which every contract is registered."""
    with RegistryClient(stack.registry_url) as client:
        register_contracts(catalog, client)
    with connect_registry(RegistrySettings(url=stack.registry_url)) as connected:
        yield connected
