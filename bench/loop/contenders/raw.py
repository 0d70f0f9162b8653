"""Copies bytes without reading them: what Kafka itself costs a Python process."""

import sys

from confluent_kafka import Consumer, Producer, TopicPartition

_BATCH = 2000


def main(bootstrap: str, _registry: str, source: str, target: str, group: str) -> None:
    """Run until killed."""
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
                target, message.value(), message.key(), headers=message.headers()
            )
            offsets[message.partition() or 0] = message.offset() or 0
        places = [TopicPartition(source, *each) for each in offsets.items()]
        for place in places:
            place.offset += 1
        producer.send_offsets_to_transaction(places, consumer.consumer_group_metadata())
        producer.commit_transaction()


if __name__ == "__main__":
    main(*sys.argv[1:])
