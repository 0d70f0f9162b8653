"""Serdes that read only some fields, or carry numbers as integers."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from registry import wire
from registry.catalog import Contract, load_catalog
from registry.codec import Numbers
from registry.errors import InvalidContract, UndecodableRecord
from registry.names import SchemaId, Subject, Version
from registry.serdes import Deserializer, Serializer
from schemas import CONTRACTS

ORDERS = load_catalog(CONTRACTS).get_contract("order-details-value")
LINE = {"sku": "1", "name": "Tofu", "quantity": 2, "unit_price": Decimal("14.00")}
ORDER: dict[str, Any] = {
    "order_id": "10248",
    "customer": {"id": "V", "name": "Paul", "email": "p@shop.example"},
    "items": [LINE],
    "currency": "EUR",
    "created_at": datetime(2026, 1, 1, tzinfo=UTC),
}


@pytest.fixture
def registry() -> SchemaRegistryClient:
    """Return a registry in memory that has both versions."""
    client = SchemaRegistryClient.new_client({"url": "mock://serdes"})
    for version in ORDERS.versions:
        client.register_schema(ORDERS.subject, Schema(version.text, "AVRO"))
    return client


def test_only_the_fields_of_a_service_are_decoded(
    registry: SchemaRegistryClient,
) -> None:
    """A version 1 record gives them too, with the default where there is none."""
    fields = ["customer", "items[].discount"]
    read = Deserializer(registry, ORDERS, fields=fields)

    event = read(Serializer(registry, ORDERS, Version(1))(ORDER))

    assert event == {
        "customer": ORDER["customer"],
        "items": [{"discount": Decimal("0.00")}],
    }


def test_scaled_numbers_go_out_as_they_came_in(registry: SchemaRegistryClient) -> None:
    """An order in integers is the record that the order in decimals is."""
    read = Deserializer(registry, ORDERS, numbers=Numbers.SCALED)
    write = Serializer(registry, ORDERS, Version(2), numbers=Numbers.SCALED)
    exact = {**ORDER, "items": [{**LINE, "discount": Decimal("0.05")}]}
    record = Serializer(registry, ORDERS, Version(2))(exact)

    scaled = read(record)

    assert scaled["items"][0]["unit_price"] == 1400
    assert scaled["items"][0]["discount"] == 5
    assert scaled["created_at"] == 1767225600000
    assert write(scaled) == record


def test_unknown_field_is_refused_at_start(registry: SchemaRegistryClient) -> None:
    """A service that reads what the contract has not does not start."""
    with pytest.raises(InvalidContract, match=r"items\[\]\.weight"):
        Deserializer(registry, ORDERS, fields=["items[].weight"])


def test_error_names_schema_id_byte_and_field(registry: SchemaRegistryClient) -> None:
    """A dead letter says where to look; the byte counts from the record's first."""
    write = Serializer(registry, ORDERS, Version(1))
    record = write(ORDER).replace(b"10248", b"1024\xff")

    with pytest.raises(UndecodableRecord) as refused:
        Deserializer(registry, ORDERS)(record)

    assert refused.value.schema_id == write.schema_id
    assert refused.value.reason == "byte 5 (order_id): text that is not UTF-8"


@pytest.mark.parametrize("text", ['{"type": "record"}', '"int"', "[]"])
def test_writer_schema_that_cannot_be_used_is_the_records_fault(
    registry: SchemaRegistryClient, text: str
) -> None:
    """Whatever is registered under the id, the record is refused and nothing else."""
    schema_id = registry.register_schema("other", Schema(text, "AVRO"))
    record = wire.prefix(SchemaId(schema_id)) + b"\x00"

    with pytest.raises(UndecodableRecord, match=f"schema id {schema_id}"):
        Deserializer(registry, ORDERS)(record)


def test_reader_with_an_illegal_default_is_refused_at_start(
    registry: SchemaRegistryClient,
) -> None:
    """Not when the first record needs the default."""
    field = {"name": "a", "type": "int", "default": "none"}
    text = (
        '{"type":"record","name":"R","fields":[' + str(field).replace("'", '"') + "]}"
    )
    registry.register_schema("broken", Schema(text, "AVRO"))

    with pytest.raises(InvalidContract, match="Invalid default"):
        Deserializer(registry, _with_newest(Subject("broken"), text))


def _with_newest(subject: Subject, text: str) -> Contract:
    newest = replace(ORDERS.newest, text=text, version=Version(1))
    return replace(ORDERS, subject=subject, versions=(newest,))
