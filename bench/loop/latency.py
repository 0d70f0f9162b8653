"""From produce to visible, a hundred orders a second."""

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from confluent_kafka import Consumer, Producer, TopicPartition

from bench.loop.field import Contender
from bench.loop.measure import cpu_seconds
from bench.loop.orders import FRAME_BYTES, Workload, number_of, trace_of
from bench.loop.site import PARTITIONS, Input, Site
from bench.loop.topics import create_target, create_topics, delete_topics
from runtime.processes import Child

RATE = 100
_READY_S = 60.0
_REST_S = 20.0
_PROBE_EVERY_S = 0.5
_PROBES = 2_000
"""Numbers of orders that are sent before the measurement."""


@dataclass(slots=True)
class Seen:
    """When orders were sent, and when their outputs became visible."""

    sent: dict[int, float] = field(default_factory=dict)
    visible: dict[int, float] = field(default_factory=dict)


def measure_latency(
    site: Site, contender: Contender, workload: Workload, *, seconds: int
) -> dict[str, Any]:
    """Return percentiles in milliseconds, and the CPU that it took.

    Args:
        site: Where.
        contender: Who.
        workload: The orders; they go to a topic of their own.
        seconds: How long.
    """
    name = f"latency-{uuid.uuid4().hex[:6]}"
    target = f"{name}-out"
    topics = [name, f"{name}.dlq"]
    create_topics(site.bootstrap, topics, PARTITIONS)
    topics += create_target(site.bootstrap, target, PARTITIONS)
    empty = Input(topic=name, workload=workload, count=0)
    command = contender.command(site, empty, target)
    count = _PROBES + RATE * seconds
    values = list(workload.records(count))
    child = Child.start(name, command, log_path=site.folder / f"{name}.log")
    try:
        with _Reading(site.bootstrap, target) as reading:
            sender = _Sender(site.bootstrap, name, values, reading.seen)
            sender.wait_until_ready(child)
            cpu_s = cpu_seconds(child.pid)
            sender.send(range(_PROBES, count))
            cpu_s = cpu_seconds(child.pid) - cpu_s
            reading.wait_for(range(_PROBES, count))
    finally:
        child.stop()
        delete_topics(site.bootstrap, topics)
    return _summarise(reading.seen, range(_PROBES, count), cpu_s / seconds)


class _Reading:
    """Notes, in a thread of its own, when an order's output becomes visible."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self.seen = Seen()
        self._stop = threading.Event()
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "bench-latency",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 100,
            }
        )
        self._consumer.assign([TopicPartition(topic, each, 0) for each in range(6)])
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()
        self._consumer.close()

    def _read(self) -> None:
        while not self._stop.is_set():
            message = self._consumer.poll(0.1)
            if message is None or message.error() is not None:
                continue
            number = number_of((message.value() or b"")[FRAME_BYTES + 1 :])
            self.seen.visible.setdefault(number, time.monotonic())

    def wait_for(self, numbers: Sequence[int]) -> None:
        """Wait until all are visible, for some seconds at most."""
        _wait(lambda: self.seen.visible.keys() >= set(numbers), _REST_S)


class _Sender:
    """Sends orders one by one."""

    def __init__(
        self,
        bootstrap: str,
        topic: str,
        values: Sequence[tuple[bytes, bytes]],
        seen: Seen,
    ) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "partitioner": "murmur2_random",
                "linger.ms": 0,
            }
        )
        self._topic = topic
        self._values = values
        self._seen = seen

    def wait_until_ready(self, child: Child) -> None:
        """Send a probe now and then until outputs come from every partition."""
        number, deadline = 0, time.monotonic() + _READY_S
        while len(self._seen.visible) < 2 * PARTITIONS:
            child.check_running()
            if time.monotonic() > deadline:
                raise SystemExit(f"{child.name} is not ready after {_READY_S:.0f} s")
            for _ in range(PARTITIONS):
                self._send_one(number)
                number += 1
            time.sleep(_PROBE_EVERY_S)

    def send(self, numbers: range) -> None:
        """Send at the rate, whatever becomes of it."""
        started = time.monotonic()
        for index, number in enumerate(numbers):
            delay_s = started + index / RATE - time.monotonic()
            if delay_s > 0:
                time.sleep(delay_s)
            self._send_one(number)
        self._producer.flush(10)

    def _send_one(self, number: int) -> None:
        key, value = self._values[number]
        self._seen.sent[number] = time.monotonic()
        header = [("traceparent", trace_of(number))]
        self._producer.produce(self._topic, value, key, headers=header)  # type: ignore[arg-type] # pairs
        self._producer.poll(0)


def _wait(is_done: Callable[[], bool], longest_s: float) -> None:
    deadline = time.monotonic() + longest_s
    while not is_done() and time.monotonic() < deadline:
        time.sleep(0.05)


def _summarise(seen: Seen, numbers: range, cpu_share: float) -> dict[str, Any]:
    times_ms = sorted(
        1000 * (seen.visible[each] - seen.sent[each])
        for each in numbers
        if each in seen.visible
    )
    if len(times_ms) < len(numbers):
        raise SystemExit(f"{len(numbers) - len(times_ms)} orders never became visible")

    def at(share: float) -> float:
        return times_ms[min(int(len(times_ms) * share), len(times_ms) - 1)]

    return {
        "count": len(times_ms),
        "p50_ms": at(0.5),
        "p99_ms": at(0.99),
        "p999_ms": at(0.999),
        "max_ms": times_ms[-1],
        "cpu_share": cpu_share,
    }
