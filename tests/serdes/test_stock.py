"""Stock clients agree: the same bytes out, the same events in."""

from typing import Any

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.catalog import Catalog
from registry.names import Version
from registry.serdes import Deserializer, Serializer
from tests.serdes.events import order_details, order_processed

# One registry serves every example.
shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

EVENTS = st.one_of(
    st.tuples(st.just("order-details-value"), st.just(1), order_details(version=1)),
    st.tuples(st.just("order-details-value"), st.just(2), order_details(version=2)),
    st.tuples(st.just("order-processed-value"), st.just(1), order_processed()),
)
Drawn = tuple[str, int, dict[str, Any]]


class Clients:
    """Our serdes and the stock ones, made once for a version of a contract."""

    def __init__(self, registry: SchemaRegistryClient, catalog: Catalog) -> None:
        self._registry = registry
        self._catalog = catalog
        self._made: dict[tuple[str, int], tuple[Serializer, AvroSerializer]] = {}

    def serializers(
        self, subject: str, version: int
    ) -> tuple[Serializer, AvroSerializer]:
        """Return ours and the stock one for a version."""
        if (subject, version) not in self._made:
            contract = self._catalog.get_contract(subject)
            stock = AvroSerializer(
                self._registry,
                contract.get_version(version).text,
                conf={"auto.register.schemas": False},
            )
            ours = Serializer(self._registry, contract, Version(version))
            self._made[subject, version] = ours, stock
        return self._made[subject, version]


@pytest.fixture(scope="module")
def clients(registry: SchemaRegistryClient, catalog: Catalog) -> Clients:
    """Return both kinds of serdes on one registry."""
    return Clients(registry, catalog)


def context(subject: str) -> SerializationContext:
    """Return the context that a stock client gives its serdes."""
    return SerializationContext(subject.removesuffix("-value"), MessageField.VALUE)


@shared
@given(drawn=EVENTS)
def test_bytes_equal_those_of_the_stock_serializer(
    clients: Clients, drawn: Drawn
) -> None:
    """Every legal event is written byte for byte as AvroSerializer writes it."""
    subject, version, event = drawn
    ours, stock = clients.serializers(subject, version)

    assert ours(event) == stock(event, context(subject))


@shared
@given(drawn=EVENTS)
def test_stock_deserializer_reads_what_we_wrote(
    clients: Clients, registry: SchemaRegistryClient, drawn: Drawn
) -> None:
    """AvroDeserializer gives back the event that went in."""
    subject, version, event = drawn
    ours, _ = clients.serializers(subject, version)

    assert AvroDeserializer(registry)(ours(event), context(subject)) == event


@shared
@given(drawn=EVENTS)
def test_we_read_what_the_stock_serializer_wrote(
    clients: Clients, registry: SchemaRegistryClient, catalog: Catalog, drawn: Drawn
) -> None:
    """Our deserializer gives back the event, at most with defaults added."""
    subject, version, event = drawn
    _, stock = clients.serializers(subject, version)
    read = Deserializer(registry, catalog.get_contract(subject))

    found = read(stock(event, context(subject)))

    assert _without_defaults(found, version) == event


def _without_defaults(event: dict[str, Any], version: int) -> dict[str, Any]:
    """Drop what a reader of version 2 adds to an order of version 1."""
    if version > 1 or "items" not in event:
        return event
    items = [
        {name: value for name, value in line.items() if name != "discount"}
        for line in event["items"]
    ]
    return {**event, "items": items}
