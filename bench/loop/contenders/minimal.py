"""The least loop around our codec: no dead letters, no faults, no metrics, no traces.

Exactly once: outputs and offsets in one transaction of up to 2,000 records.
"""

import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient

from registry.catalog import load_catalog
from registry.codec import Numbers
from registry.serdes import Deserializer, Event, Serializer
from schemas import CONTRACTS

_BATCH = 2000
_PASSED_ON = ("customer", "created_at")


def price(order: Event) -> Event:
    """Return the priced order; numbers are scaled."""
    total = 0
    for line in order["items"]:
        total += line["quantity"] * line["unit_price"] * (100 - line["discount"])
    return {
        "order_id": order["order_id"],
        "customer": order["customer"],
        "item_count": len(order["items"]),
        "total": total,
        "currency": order["currency"],
        "created_at": order["created_at"],
        "processed_at": time.time_ns() // 1_000_000,
    }


def main(
    bootstrap: str, registry_url: str, source: str, target: str, group: str
) -> None:
    """Run until killed."""
    catalog = load_catalog(CONTRACTS)
    registry = SchemaRegistryClient({"url": registry_url})
    orders = catalog.get_contract("order-details-value")
    processed = catalog.get_contract("order-processed-value")
    decode = Deserializer(
        registry,
        orders,
        fields=next(
            each.fields for each in orders.readers if each.name == "transaction-service"
        ),
        numbers=Numbers.SCALED,
        passed_on=_PASSED_ON,
    )
    encode = Serializer(
        registry,
        processed,
        processed.newest.version,
        numbers=Numbers.SCALED,
        passed_on=_PASSED_ON,
    )
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
    )
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "transactional.id": group,
            "partitioner": "murmur2_random",
            "retry.backoff.ms": 10,
        }
    )
    producer.init_transactions()
    consumer.subscribe([source])
    while True:
        messages = consumer.consume(_BATCH, 0.01)
        if not messages:
            continue
        producer.begin_transaction()
        offsets = {}
        for message in messages:
            producer.produce(
                target,
                encode(price(decode(message.value()))),
                message.key(),
                headers=message.headers(),
            )
            offsets[message.partition() or 0] = message.offset() or 0
        places = [TopicPartition(source, *each) for each in offsets.items()]
        for place in places:
            place.offset += 1
        producer.send_offsets_to_transaction(places, consumer.consumer_group_metadata())
        producer.commit_transaction()


if __name__ == "__main__":
    main(*sys.argv[1:])
