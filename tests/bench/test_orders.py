"""The benchmark's own arithmetic, against the service that it measures."""

from itertools import islice

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from bench.loop.orders import FRAME_BYTES, Workload, key_of, make_templates, number_of
from processors.transaction_service import SERVICE
from registry.catalog import load_catalog
from runtime.processor import Serdes
from schemas import CONTRACTS

COUNT = 300
LAST_BYTES = 6


@pytest.fixture(scope="module")
def registry() -> SchemaRegistryClient:
    """Return a registry that holds the contracts."""
    client = SchemaRegistryClient.new_client({"url": "mock://bench-orders"})
    catalog = load_catalog(CONTRACTS)
    for contract in catalog.contracts.values():
        for version in contract.versions:
            client.register_schema(contract.subject, Schema(version.text, "AVRO"))
    return client


@pytest.fixture(scope="module")
def workload(registry: SchemaRegistryClient) -> Workload:
    """Return orders of both versions."""
    contract = load_catalog(CONTRACTS).get_contract("order-details-value")
    ids = [
        registry.lookup_schema(contract.subject, Schema(each.text, "AVRO")).schema_id
        for each in contract.versions
    ]
    return Workload(
        templates=make_templates([each.schema for each in contract.versions]),
        schema_ids=[each or 0 for each in ids],
    )


def test_service_prices_orders_as_the_benchmark_expects(
    registry: SchemaRegistryClient, workload: Workload
) -> None:
    """Two computations that share no code give the same bytes."""
    serdes = Serdes.open(SERVICE, load_catalog(CONTRACTS), registry)
    values = [value for _, value in workload.records(COUNT)]

    priced = [
        serdes.serialize(event)[FRAME_BYTES:-LAST_BYTES]
        for value in values
        for event in SERVICE.transform(serdes.deserialize(value))
    ]

    assert priced == [workload.expected(number) for number in range(COUNT)]


def test_orders_are_of_both_versions(workload: Workload) -> None:
    """A fifth, about, was written before there was a discount."""
    writers = [each.writer for each in islice(workload.templates, 1000)]

    assert 100 < writers.count(0) < 300


def test_key_tells_the_number() -> None:
    """An output is matched with its order by its id alone."""
    assert number_of(key_of(123_456)) == 123_456
