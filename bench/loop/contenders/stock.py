"""confluent-kafka with its own Avro serdes, as its transactional example does it."""

import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

_BATCH = 500
_WAIT_S = 1.0


def price(order: dict[str, Any]) -> dict[str, Any]:
    """Return the priced order."""
    total = sum(
        line["quantity"] * line["unit_price"] * (1 - line.get("discount", 0))
        for line in order["items"]
    )
    return {
        "order_id": order["order_id"],
        "customer": order["customer"],
        "item_count": len(order["items"]),
        "total": total.quantize(Decimal("0.0001")),
        "currency": order["currency"],
        "created_at": order["created_at"],
        "processed_at": datetime.now(UTC),
    }


def main(
    bootstrap: str, registry_url: str, source: str, target: str, group: str
) -> None:
    """Run until killed."""
    registry = SchemaRegistryClient({"url": registry_url})
    naming = {"subject.name.strategy.type": "TOPIC"}
    schema = registry.get_latest_version("order-processed-value").schema
    # Without a reader schema: with one, v2's default comes as text.
    decode = AvroDeserializer(registry, conf=naming)
    encode = AvroSerializer(
        registry, schema, conf={"auto.register.schemas": False, **naming}
    )
    reads = SerializationContext("order-details", MessageField.VALUE)
    writes = SerializationContext("order-processed", MessageField.VALUE)
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": group})
    producer.init_transactions()
    consumer.subscribe([source])
    while True:
        messages = consumer.consume(_BATCH, _WAIT_S)
        if not messages:
            continue
        producer.begin_transaction()
        for message in messages:
            order = decode(message.value(), reads)
            value = encode(price(order), writes)
            producer.produce(target, value, message.key(), headers=message.headers())
        producer.send_offsets_to_transaction(
            consumer.position(consumer.assignment()),
            consumer.consumer_group_metadata(),
        )
        producer.commit_transaction()


if __name__ == "__main__":
    main(*sys.argv[1:])
