"""Topics of the benchmark: created, loaded once, and checked after every run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from confluent_kafka import Consumer, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bench.loop.orders import FRAME_BYTES, Workload, key_of, number_of, trace_of
from operations.stack.topics import create_and_wait
from runtime.config import KafkaSettings

LAST_BYTES = 6
_IN_FLIGHT = 200_000
_BATCH = 10_000


def create_topics(bootstrap: str, names: Sequence[str], partitions: int) -> None:
    """Create topics; they are there when this returns."""
    create_and_wait(
        KafkaSettings(bootstrap_servers=bootstrap),
        [NewTopic(each, num_partitions=partitions) for each in names],
    )


def create_target(bootstrap: str, name: str, partitions: int) -> list[str]:
    """Create a topic of outputs, and that of our marks; return their names."""
    names = [name, f"{name}.positions"]
    create_topics(bootstrap, names, partitions)
    return names


def delete_topics(bootstrap: str, names: Sequence[str]) -> None:
    """Delete topics, so that the broker's folder does not grow."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for answer in admin.delete_topics(list(names)).values():
        answer.result(30)


def load(bootstrap: str, topic: str, workload: Workload, count: int) -> None:
    """Write the first `count` orders, each with a trace."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "partitioner": "murmur2_random",
            "queue.buffering.max.messages": 2 * _IN_FLIGHT,
            "linger.ms": 20,
        }
    )
    for number, (key, value) in enumerate(workload.records(count)):
        header = [("traceparent", trace_of(number))]
        producer.produce(topic, value, key, headers=header)  # type: ignore[arg-type] # pairs
        if number % _BATCH == 0:
            while len(producer) > _IN_FLIGHT:
                producer.poll(0.01)
            producer.poll(0)
    if producer.flush(120):
        raise SystemExit(f"{topic} could not be loaded")


@dataclass(slots=True, kw_only=True)
class Check:
    """What became of the orders, as a reader of committed records sees it.

    Attributes:
        outputs: Records read.
        missing: Orders without an output.
        doubled: Outputs beyond the first of an order.
        wrong: Outputs that are not what any order becomes.
        without_key: Outputs that lost the key of their order.
        without_trace: Outputs that lost the trace of their order.
    """

    outputs: int = 0
    missing: int = 0
    doubled: int = 0
    wrong: int = 0
    without_key: int = 0
    without_trace: int = 0

    @property
    def is_exact(self) -> bool:
        """True if every order has exactly its one output."""
        return not (self.missing or self.doubled or self.wrong)

    @property
    def losses(self) -> list[str]:
        """Return what outputs lack of their orders though they are right."""
        lost = {"key": self.without_key, "trace": self.without_trace}
        return [name for name, count in lost.items() if count]


def check(
    bootstrap: str,
    topic: str,
    expected: Callable[[int], bytes],
    count: int,
    *,
    last_bytes: int = LAST_BYTES,
) -> Check:
    """Compare every output of a topic with what it must be.

    Args:
        bootstrap: The broker.
        topic: Holds the outputs.
        expected: Of an order's number, what a value begins with behind its frame.
        count: Number of orders.
        last_bytes: Of the time of processing, which nobody can expect.
    """
    found = Check()
    seen = bytearray(count)

    def heed(message: Message) -> None:
        value = message.value() or b""
        number = number_of(value[FRAME_BYTES + 1 :])
        rest = len(value) - FRAME_BYTES - len(wanted := expected(number))
        found.outputs += 1
        found.wrong += not value.startswith(wanted, FRAME_BYTES) or rest != last_bytes
        found.doubled += seen[number]
        seen[number] = 1
        found.without_key += message.key() != key_of(number)
        found.without_trace += message.headers() != [("traceparent", trace_of(number))]

    read_committed(bootstrap, topic, heed)
    found.missing = seen.count(0)
    return found


def read_committed(bootstrap: str, topic: str, heed: Callable[[Message], None]) -> None:
    """Hand over every committed record of a topic, up to its end."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "bench-check",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
        }
    )
    partitions = consumer.list_topics(topic, 30).topics[topic].partitions
    consumer.assign([TopicPartition(topic, each, 0) for each in partitions])
    at_end: set[int | None] = set()
    while len(at_end) < len(partitions):
        for message in consumer.consume(_BATCH, 0.2):
            if message.error() is None:
                heed(message)
            else:
                at_end.add(message.partition())
    consumer.close()
