"""Priced orders for the sinks: events, records, and the figures they must come to."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from confluent_kafka.schema_registry import RegisteredSchema, Schema

from registry.catalog import Contract, load_catalog
from registry.codec import Numbers
from registry.serdes import Deserializer, Event, Serializer
from runtime.records import Record
from schemas import CONTRACTS

TOPIC = "order-processed"
PLACED = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
PROCESSED = datetime(2026, 3, 1, 12, 31, 59, 999_000, tzinfo=UTC)


class KnownSchemas:
    """A registry that holds one contract's newest version as id 7."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def lookup_schema(self, subject_name: str, schema: Schema) -> RegisteredSchema:
        """Return id 7, whatever is asked for."""
        return RegisteredSchema(
            guid=None, schema_id=7, subject=subject_name, version=1, schema=schema
        )

    def get_schema(self, schema_id: int) -> Schema:
        """Return the contract's newest version; there is no other."""
        assert schema_id == 7
        return Schema(self._contract.newest.text, "AVRO")


CONTRACT = load_catalog(CONTRACTS).get_contract("order-processed-value")
serialize = Serializer(KnownSchemas(CONTRACT), CONTRACT, CONTRACT.newest.version)


def deserializer(numbers: Numbers = Numbers.EXACT) -> Deserializer:
    """Return what reads records made here."""
    return Deserializer(KnownSchemas(CONTRACT), CONTRACT, numbers=numbers)


def order(number: int, **changes: Any) -> Event:  # noqa: ANN401 - any field
    """Return a legal OrderProcessed event."""
    return {
        "order_id": f"order-{number}",
        "customer": {
            "id": f"C{number % 7}",
            "name": "Zoë O'Neill",
            "email": f"zoe{number}@shop.example",
        },
        "item_count": number % 5 + 1,
        "total": Decimal(number * 10_001 % 99_999_999).scaleb(-4),
        "currency": ("USD", "EUR", "JPY")[number % 3],
        "created_at": PLACED,
        "processed_at": PROCESSED,
        **changes,
    }


def record(
    offset: int,
    event: Event | None = None,
    *,
    value: bytes | None = None,
    number: int = 0,
) -> Record:
    """Return a record of partition `number` with an event, or with other bytes."""
    content = serialize(event) if event is not None else value
    return Record(TOPIC, number, offset, b"key", content, [("trace", b"\x00\xff")], 1)


def records(events: Iterable[Event]) -> list[Record]:
    """Return a partition's records, from offset 0 on."""
    return [record(offset, event) for offset, event in enumerate(events)]


def revenue_of(events: Sequence[Event]) -> dict[str, str]:
    """Return the revenue per currency, added up as whole ten-thousandths."""
    sums: Counter[str] = Counter()
    for event in events:
        sums[event["currency"]] += int(event["total"].scaleb(4))
    return {
        currency: f"{Decimal(units).scaleb(-4):.4f}" for currency, units in sums.items()
    }
