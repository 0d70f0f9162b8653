"""Decode an order, encode what it was priced to: generated, fastavro, stock serdes.

CPU microseconds a record, the least of several rounds in which the contenders take
turns, and ratios to the exact generated codec. Every contender's events are checked
to be the same before anything is measured.
"""

import io
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import process_time
from typing import Any

import fastavro
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from registry import wire
from registry.catalog import Contract, load_catalog
from registry.codec import Numbers
from registry.names import Version
from registry.serdes import Deserializer, Serializer
from schemas import CONTRACTS

ROUNDS = 15
RECORDS = 1_000
SEED = 20_260_101
READS = "transaction-service"
Event = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """Somebody who reads orders and writes priced ones."""

    name: str
    decode: Callable[[bytes], Event]
    encode: Callable[[Event], bytes]
    priced: list[Event]


def main() -> None:
    """Measure and print the table."""
    catalog = load_catalog(CONTRACTS)
    orders = catalog.get_contract("order-details-value")
    processed = catalog.get_contract("order-processed-value")
    registry = _registry(orders, processed)
    events = list(_orders())
    records = _write(registry, orders, events)
    contenders = _contenders(registry, orders, processed, events)
    _check(contenders, records, events)
    _print(contenders, _measure(contenders, records))


def _registry(*contracts: Contract) -> SchemaRegistryClient:
    client = SchemaRegistryClient.new_client({"url": "mock://bench"})
    for contract in contracts:
        for version in contract.versions:
            client.register_schema(contract.subject, Schema(version.text, "AVRO"))
    return client


def _orders() -> Iterable[Event]:
    """Yield orders of one to five lines; 40 % of the lines have a discount."""
    chance = random.Random(SEED)  # noqa: S311 - orders alike in every run
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(RECORDS):
        yield {
            "order_id": f"{number:08d}-{chance.randrange(10**6)}",
            "customer": {
                "id": f"C{chance.randrange(10**5)}",
                "name": chance.choice(["Paul Henriot", "Zoë Müller", "Ana Trujillo"]),
                "email": f"customer{chance.randrange(10**5)}@shop.example",
            },
            "items": [_line(chance) for _ in range(chance.randint(1, 5))],
            "currency": chance.choice(["USD", "EUR", "GBP", "JPY", "CHF"]),
            "created_at": start + timedelta(milliseconds=chance.randrange(10**10)),
        }


def _line(chance: random.Random) -> Event:
    is_reduced = chance.random() < 0.4  # noqa: PLR2004 - the share of the docstring
    return {
        "sku": f"SKU-{chance.randrange(10**4)}",
        "name": chance.choice(["Queso Cabrales", "Tofu", "Gnocchi", "Chai"]),
        "quantity": chance.randint(1, 150),
        "unit_price": Decimal(chance.randrange(100, 10**5)).scaleb(-2),
        "discount": Decimal(chance.choice([5, 10, 25]) if is_reduced else 0).scaleb(-2),
    }


def _write(
    registry: SchemaRegistryClient, orders: Contract, events: list[Event]
) -> list[bytes]:
    """Return the orders as records, every fifth of version 1."""
    older = Serializer(registry, orders, Version(1))
    newer = Serializer(registry, orders, Version(2))
    return [
        (newer if number % 5 else older)(event) for number, event in enumerate(events)
    ]


def _contenders(
    registry: SchemaRegistryClient,
    orders: Contract,
    processed: Contract,
    events: list[Event],
) -> list[Contender]:
    exact = [_priced(event) for event in events]
    scaled = [_scaled(event) for event in exact]
    write = Serializer(registry, processed, Version(1))
    fields = next(each.fields for each in orders.readers if each.name == READS)
    return [
        Contender(
            name="generated",
            decode=Deserializer(registry, orders),
            encode=write,
            priced=exact,
        ),
        Contender(
            name="generated, fields of the service",
            decode=Deserializer(registry, orders, fields=fields),
            encode=write,
            priced=exact,
        ),
        Contender(
            name="generated, fields, scaled",
            decode=Deserializer(
                registry, orders, fields=fields, numbers=Numbers.SCALED
            ),
            encode=Serializer(registry, processed, Version(1), numbers=Numbers.SCALED),
            priced=scaled,
        ),
        _fastavro(registry, orders, processed, exact),
        _stock(registry, orders, processed, exact),
    ]


def _priced(order: Event) -> Event:
    total = sum(
        line["quantity"] * line["unit_price"] * (1 - line["discount"])
        for line in order["items"]
    )
    return {
        "order_id": order["order_id"],
        "customer": order["customer"],
        "item_count": len(order["items"]),
        "total": Decimal(total).quantize(Decimal("0.0001")),
        "currency": order["currency"],
        "created_at": order["created_at"],
        "processed_at": order["created_at"],
    }


def _scaled(priced: Event) -> Event:
    created = round(priced["created_at"].timestamp() * 1000)
    total = int(priced["total"].scaleb(4))
    return {**priced, "total": total, "created_at": created, "processed_at": created}


def _fastavro(
    registry: SchemaRegistryClient,
    orders: Contract,
    processed: Contract,
    priced: list[Event],
) -> Contender:
    """Return fastavro by hand, at its fastest: no reader schema where ids match."""
    newest = fastavro.parse_schema(orders.newest.schema)
    schemas = {
        _id(registry, orders, version): (
            fastavro.parse_schema(each.schema),
            None if each is orders.newest else newest,
        )
        for version, each in enumerate(orders.versions, start=1)
    }
    output = fastavro.parse_schema(processed.newest.schema)
    prefix = wire.prefix(Serializer(registry, processed, Version(1)).schema_id)

    def decode(value: bytes) -> Event:
        buffer = io.BytesIO(value)
        buffer.seek(wire.PREFIX_BYTES)
        writer, reader = schemas[value[: wire.PREFIX_BYTES]]
        return fastavro.schemaless_reader(buffer, writer, reader)  # type: ignore[return-value] # a record

    def encode(event: Event) -> bytes:
        buffer = io.BytesIO()
        buffer.write(prefix)
        fastavro.schemaless_writer(buffer, output, event)
        return buffer.getvalue()

    return Contender(name="fastavro", decode=decode, encode=encode, priced=priced)


def _id(registry: SchemaRegistryClient, contract: Contract, version: int) -> bytes:
    return wire.prefix(Serializer(registry, contract, Version(version)).schema_id)


def _stock(
    registry: SchemaRegistryClient,
    orders: Contract,
    processed: Contract,
    priced: list[Event],
) -> Contender:
    naming = {"subject.name.strategy.type": "TOPIC"}
    read = AvroDeserializer(registry, orders.newest.text, conf=naming)
    write = AvroSerializer(
        registry,
        Schema(processed.newest.text, "AVRO"),
        conf={"auto.register.schemas": False, **naming},
    )
    reads = SerializationContext(orders.topic, MessageField.VALUE)
    writes = SerializationContext(processed.topic, MessageField.VALUE)
    return Contender(
        name="stock serdes",
        decode=lambda value: read(value, reads),
        encode=lambda event: write(event, writes),
        priced=priced,
    )


def _check(
    contenders: list[Contender], records: list[bytes], events: list[Event]
) -> None:
    """Stop unless all write the same bytes and see the same orders."""
    for contender in contenders:
        written = list(map(contender.encode, contender.priced))
        seen = [contender.decode(each)["order_id"] for each in records]
        if written != list(map(contenders[0].encode, contenders[0].priced)):
            raise SystemExit(f"{contender.name} writes other bytes")
        if seen != [each["order_id"] for each in events]:
            raise SystemExit(f"{contender.name} reads other orders")


def _measure(
    contenders: list[Contender], records: list[bytes]
) -> dict[str, tuple[float, float]]:
    """Return the least CPU microseconds to decode and to encode a record, by name."""
    least = {each.name: (float("inf"), float("inf")) for each in contenders}
    for _ in range(ROUNDS):
        for each in contenders:
            decoding = _time(each.decode, records)
            encoding = _time(each.encode, each.priced)
            before = least[each.name]
            least[each.name] = min(before[0], decoding), min(before[1], encoding)
    return least


def _time(call: Callable[[Any], object], values: list[Any]) -> float:
    started = process_time()
    for value in values:
        call(value)
    return (process_time() - started) / len(values) * 1e6


def _print(contenders: list[Contender], least: dict[str, tuple[float, float]]) -> None:
    base = sum(least["fastavro"])
    print(f"{'CPU us a record':34}{'decode':>8}{'encode':>8}{'both':>8}  x fastavro")
    for each in contenders:
        decoding, encoding = least[each.name]
        both = decoding + encoding
        figures = f"{decoding:8.2f}{encoding:8.2f}{both:8.2f}{both / base:12.2f}"
        print(f"{each.name:34}{figures}")
