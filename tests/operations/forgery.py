"""Topics made by hand: what services would have written, and what they must not."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from operations.verify import Evidence, Law, StockDecoder, Verdict, judge
from registry.catalog import load_catalog
from runtime.records import Header, Record
from schemas import CONTRACTS

CREATED = datetime(2026, 1, 31, 12, tzinfo=UTC)
PROCESSED = datetime(2026, 1, 31, 13, tzinfo=UTC)
LAW = Law(currencies=frozenset({"USD", "EUR"}))

_INPUTS, _OUTPUTS, _LETTERS = "order-details", "order-processed", "order-details.dlq"


def order(order_id: str = "1", **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of an event
    """Return an order of two pieces at 10.50 with a tenth off: 18.9000 USD."""
    line = {
        "sku": "11",
        "name": "Queso",
        "quantity": 2,
        "unit_price": Decimal("10.50"),
        "discount": Decimal("0.10"),
    }
    line |= {name: changes.pop(name) for name in list(changes) if name in line}
    return {
        "order_id": order_id,
        "customer": {"id": "c", "name": "Zoë", "email": "zoe@shop.example"},
        "items": [line],
        "currency": "USD",
        "created_at": CREATED,
        **changes,
    }


def priced(order_id: str = "1", **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - the same
    """Return what `order(order_id)` must become."""
    return {
        "order_id": order_id,
        "customer": {"id": "c", "name": "Zoë", "email": "zoe@shop.example"},
        "item_count": 1,
        "total": Decimal("18.9000"),
        "currency": "USD",
        "created_at": CREATED,
        "processed_at": PROCESSED,
        **changes,
    }


@dataclass
class Forgery:
    """Three topics of one partition, filled record by record."""

    inputs: list[Record] = field(default_factory=list)
    outputs: list[Record] = field(default_factory=list)
    letters: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Register the contracts in a registry that lives in memory."""
        self._registry = SchemaRegistryClient.new_client({"url": "mock://"})
        self._serializers: dict[tuple[str, int], AvroSerializer] = {}
        for contract in load_catalog(CONTRACTS).contracts.values():
            for version in contract.versions:
                schema = Schema(version.text, "AVRO")
                self._registry.register_schema(contract.subject, schema)
                self._serializers[contract.topic, version.version] = AvroSerializer(
                    self._registry, schema, conf={"auto.register.schemas": False}
                )

    def put(
        self,
        event: dict[str, Any] | bytes | None,
        *,
        version: int = 2,
        trace: str = "",
        replay_of: Record | None = None,
    ) -> Record:
        """Append an input: an event, or bytes as they are."""
        value = self._encode(_INPUTS, version, event)
        headers = _headers(trace, replay_of)
        return _append(self.inputs, _INPUTS, value, headers)

    def answer(
        self,
        event: dict[str, Any] | bytes,
        *,
        trace: str = "",
        replay_of: Record | None = None,
    ) -> Record:
        """Append an output; what is replayed keeps the header that says so."""
        value = self._encode(_OUTPUTS, 1, event)
        headers = _headers(trace, replay_of)
        return _append(self.outputs, _OUTPUTS, value, headers)

    def bury(self, source: Record, **changes: Any) -> Record:  # noqa: ANN401 - fields of a record
        """Append the dead letter of an input, with some fields changed."""
        origin = {
            "topic": source.topic,
            "partition": str(source.partition),
            "offset": str(source.offset),
        }
        headers: list[Header] = [
            (f"__streams.errors.{name}", text.encode()) for name, text in origin.items()
        ]
        letter = _append(self.letters, _LETTERS, source.value, headers)
        self.letters[-1] = letter._replace(**changes)
        return self.letters[-1]

    def judge(self) -> Verdict:
        """Let the verifier loose on it."""
        evidence = Evidence(
            inputs=self.inputs, outputs=self.outputs, dead_letters=self.letters
        )
        return judge(evidence, StockDecoder(self._registry), LAW)

    def _encode(
        self, topic: str, version: int, event: dict[str, Any] | bytes | None
    ) -> bytes | None:
        if event is None or isinstance(event, bytes):
            return event
        context = SerializationContext(topic, MessageField.VALUE)
        value: bytes | None = self._serializers[topic, version](event, context)
        return value


def faults(verdict: Verdict) -> dict[str, int]:
    """Return the counts that must be 0, those that are."""
    names = ("missing", "duplicate", "wrong", "out_of_order")
    counts = {name: count for name, count in verdict.to_json().items() if count}
    return {name: counts[name] for name in names if name in counts}


def _headers(trace: str, replay_of: Record | None) -> list[Header]:
    headers: list[Header] = []
    if trace:
        headers.append(("traceparent", f"00-{trace:0>32}-{'1' * 16}-01".encode()))
    if replay_of is not None:
        letter_id = f"{replay_of.partition}:{replay_of.offset}"
        headers.append(("accord.dlq.replayed", letter_id.encode()))
    return headers


def _append(
    topic: list[Record], name: str, value: bytes | None, headers: list[Header]
) -> Record:
    record = Record(name, 0, len(topic), b"key", value, headers, 0)
    topic.append(record)
    return record
