"""The serde step alone: decode, price, encode, without Kafka."""

from collections.abc import Callable
from time import process_time
from typing import Any

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from bench.loop.contenders import by_hand, stock
from bench.loop.field import BY_HAND, OURS, STOCK
from bench.loop.orders import FRAME_BYTES
from bench.loop.site import Site
from bench.loop.topics import LAST_BYTES
from processors.transaction_service import SERVICE
from registry.catalog import load_catalog
from runtime.processor import Serdes
from schemas import CONTRACTS

_ROUNDS = 15
_RECORDS = 2_000

Step = Callable[[bytes], bytes]


def measure_serdes(site: Site, values: list[bytes]) -> list[dict[str, Any]]:
    """Return the least CPU microseconds an order, the steps taking turns.

    Raises:
        SystemExit: They do not write the same.
    """
    steps = _steps(SchemaRegistryClient({"url": site.registry_url}))
    values = values[:_RECORDS]
    written = {
        name: [step(each)[FRAME_BYTES:-LAST_BYTES] for each in values]
        for name, step in steps.items()
    }
    if any(each != written[OURS] for each in written.values()):
        raise SystemExit("the serdes do not write the same")
    least = dict.fromkeys(steps, float("inf"))
    for _ in range(_ROUNDS):
        for name, step in steps.items():
            started = process_time()
            for value in values:
                step(value)
            spent_us = (process_time() - started) / len(values) * 1e6
            least[name] = min(least[name], spent_us)
    return [{"contender": name, "cpu_us": cpu_us} for name, cpu_us in least.items()]


def _steps(registry: SchemaRegistryClient) -> dict[str, Step]:
    serdes = Serdes.open(SERVICE, load_catalog(CONTRACTS), registry)
    read, write, transform = serdes.deserialize, serdes.serialize, SERVICE.transform

    def ours(value: bytes) -> bytes:
        (priced,) = transform(read(value))
        return write(priced)

    hand = by_hand.Serdes(registry)
    naming = {"subject.name.strategy.type": "TOPIC"}
    schema = registry.get_latest_version("order-processed-value").schema
    decode = AvroDeserializer(registry, conf=naming)
    encode = AvroSerializer(
        registry, schema, conf={"auto.register.schemas": False, **naming}
    )
    reads = SerializationContext("order-details", MessageField.VALUE)
    writes = SerializationContext("order-processed", MessageField.VALUE)
    return {
        OURS: ours,
        BY_HAND: lambda value: hand.encode(by_hand.price(hand.decode(value))),
        STOCK: lambda value: encode(stock.price(decode(value, reads)), writes),
    }
