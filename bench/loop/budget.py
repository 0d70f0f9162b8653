"""Where an order's CPU goes in our worker: each step alone, on one batch."""

from collections.abc import Callable
from time import process_time
from typing import Any

from confluent_kafka import Message
from confluent_kafka.schema_registry import SchemaRegistryClient

from bench.loop.orders import key_of, trace_of
from bench.loop.site import Site
from processors.transaction_service import SERVICE
from registry.catalog import load_catalog
from runtime.positions import Positions
from runtime.processor import Events, Serdes
from runtime.records import next_offsets, to_records
from schemas import CONTRACTS

_BATCH = 2_000
_ROUNDS = 60
_PER_PARTITION = 400


def measure_steps(site: Site, values: list[bytes]) -> list[dict[str, Any]]:
    """Return the least CPU microseconds an order of every step of ours in Python."""
    registry = SchemaRegistryClient({"url": site.registry_url})
    serdes = Serdes.open(SERVICE, load_catalog(CONTRACTS), registry)
    process = Events(serdes, SERVICE.transform, topic="priced")
    read, write, transform = serdes.deserialize, serdes.serialize, SERVICE.transform
    messages = [_message(number, value) for number, value in enumerate(values[:_BATCH])]
    records = to_records(messages)
    events = [read(each.value) for each in records]
    priced = [each for event in events for each in transform(event)]
    positions = Positions()
    for partition in range(_BATCH // _PER_PARTITION):
        positions.place(("orders", partition), 0, log_end=_PER_PARTITION)
    steps: dict[str, Callable[[], object]] = {
        "records from messages": lambda: to_records(messages),
        "which of them are due": lambda: positions.find_due(records),
        "decode": lambda: [read(each.value) for each in records],
        "price": lambda: [transform(event) for event in events],
        "encode": lambda: [write(event) for event in priced],
        "offsets to commit": lambda: next_offsets(records),
        "decode, price, encode, outputs together": lambda: [
            process(record) for record in records
        ],
    }
    return [{"step": name, "cpu_us": _least(step)} for name, step in steps.items()]


def _message(number: int, value: bytes) -> Message:
    return Message(
        topic="orders",
        partition=number // _PER_PARTITION,
        offset=number % _PER_PARTITION,
        key=key_of(number),
        value=value,
        headers=[("traceparent", trace_of(number))],
        timestamp=(1, 1),
    )


def _least(step: Callable[[], object]) -> float:
    least = float("inf")
    for _ in range(_ROUNDS):
        started = process_time()
        step()
        least = min(least, process_time() - started)
    return least / _BATCH * 1e6
