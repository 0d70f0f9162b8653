"""The services beside each other: how fast they write, price and count."""

import json
import random
import sqlite3
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from confluent_kafka.cimpl import NewTopic

from bench.loop.field import Contender
from bench.loop.measure import Job, Progress, cpu_seconds, rss, run
from bench.loop.orders import SEED
from bench.loop.site import PARTITIONS, Input, Site
from bench.loop.topics import create_target, create_topics, delete_topics
from operations.stack.topics import create_and_wait
from runtime.config import KafkaSettings
from runtime.processes import Child

_SAMPLE_S = 0.05
_LONGEST_S = 300.0
_HARDEST = "analytics-service, each order of its own minute and customer"


@dataclass(frozen=True, slots=True)
class _Mark:
    at_s: float
    cpu_s: float
    done: int


def measure_services(
    site: Site,
    sources: tuple[Input, Input],
    ours: Contender,
    *,
    file_orders: int,
    rounds: int,
) -> dict[str, Any]:
    """Let the services take turns; return a row each, with all its rounds.

    A first turn of everybody does not count: a broker gets faster over its first
    million records.

    Args:
        site: Broker and registry, the same for all.
        sources: The orders that transaction-service prices and analytics-service then
            counts; those of a shop, and those that leave nothing to sum.
        ours: transaction-service.
        file_orders: Orders that order-service writes from a file.
        rounds: How many count.
    """
    source, scattered = sources
    counts = {
        "order-service": file_orders,
        "transaction-service": source.count,
        "analytics-service": source.count,
        _HARDEST: scattered.count,
    }
    rows: dict[str, Any] = {
        name: {"orders": count, "rounds": []} for name, count in counts.items()
    }
    for number in range(rounds + 1):
        written = _measure_order_service(site, count=file_orders)
        turn = {"order-service": written, **_measure_readers(site, source, ours)}
        turn[_HARDEST] = _measure_readers(site, scattered, ours)["analytics-service"]
        for name, found in turn.items() if number else ():
            rows[name]["rounds"].append(found)
            _tell(number, name, found)
    return rows


def _tell(number: int, name: str, found: Mapping[str, float]) -> None:
    rate, cpu_us = found["rate"], found["cpu_us"]
    figures = f"{rate:>10,.0f} a second {cpu_us:8.1f} us of CPU"
    print(f"  round {number}: {name:20.20}{figures}", flush=True)


def _measure_order_service(site: Site, *, count: int) -> dict[str, Any]:
    """Return how fast order-service writes a file of orders, exactly once."""
    path = site.folder / "orders.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_lines(count))
    topic = f"file-{uuid.uuid4().hex[:6]}"
    topics = [topic, f"{topic}.positions"]
    create_topics(site.bootstrap, topics[:1], PARTITIONS)
    _create_positions(site, topics[1])
    command = _program(site, "order-service", "--from", str(path), "--topic", topic)
    job = Job(source=topic, target=topic, group="", count=count, partitions=PARTITIONS)
    progress = Progress(site.bootstrap, job)
    child = Child.start(topic, command, log_path=site.folder / f"{topic}.log")
    try:
        row = _watch(child, progress.outputs, count)
    finally:
        child.stop()
        delete_topics(site.bootstrap, topics)
    return row


def _measure_readers(site: Site, source: Input, ours: Contender) -> dict[str, Any]:
    """Return how fast transaction-service prices, and analytics-service counts that."""
    target = f"counted-{uuid.uuid4().hex[:6]}"
    targets = create_target(site.bootstrap, target, source.partitions)
    job = Job(
        source=source.topic,
        target=target,
        group=target,
        count=source.count,
        partitions=source.partitions,
    )
    priced = run(site, [ours.command(site, source, target)], job)
    try:
        counted = _measure_analytics(site, target, source.count)
    finally:
        delete_topics(site.bootstrap, targets)
    return {
        "transaction-service": {
            "rate": priced.rate,
            "cpu_us": priced.cpu_us,
            "rss_mib": priced.rss_mib[-1],
        },
        "analytics-service": counted,
    }


def _measure_analytics(site: Site, target: str, count: int) -> dict[str, Any]:
    database = site.folder / f"{target}.db"
    command = _program(
        site,
        *("analytics-service", "--input-topic", target, "--group", f"{target}-sink"),
        *("--database", f"sqlite:///{database}"),
    )
    child = Child.start(target, command, log_path=site.folder / f"{target}-sink.log")
    try:
        return _watch(child, lambda: _counted(database), count)
    finally:
        child.stop()


def _watch(child: Child, count_done: Callable[[], int], count: int) -> dict[str, Any]:
    started = time.monotonic()
    marks: list[_Mark] = []
    memory_mib = 0.0
    while not marks or marks[-1].done < count:
        time.sleep(_SAMPLE_S)
        done = count_done()
        at_s = time.monotonic() - started
        if child.exit_status is not None or at_s > _LONGEST_S:
            child.check_running()
            raise SystemExit(f"{child.name} is at {done} of {count}")
        if done:
            marks.append(_Mark(at_s, cpu_seconds(child.pid), done))
            memory_mib = rss(child.pid)
    first, last = marks[0], marks[-1]
    done = max(last.done - first.done, 1)
    return {
        "rate": done / max(last.at_s - first.at_s, _SAMPLE_S),
        "cpu_us": (last.cpu_s - first.cpu_s) / done * 1e6,
        "rss_mib": memory_mib,
    }


def _program(site: Site, name: str, *flags: str) -> list[str]:
    return [
        str(Path(sys.executable).with_name(name)),
        *flags,
        *("--bootstrap-servers", site.bootstrap, "--registry-url", site.registry_url),
        *("--state-dir", str(site.folder / "slots")),
    ]


def _create_positions(site: Site, topic: str) -> None:
    compacted = {"cleanup.policy": "compact"}
    create_and_wait(
        KafkaSettings(bootstrap_servers=site.bootstrap),
        [NewTopic(topic, num_partitions=1, config=compacted)],
    )


def _counted(database: Path) -> int:
    if not database.exists():
        return 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            row = connection.execute("SELECT sum(order_count) FROM currency_totals")
            return int(row.fetchone()[0] or 0)
        except sqlite3.OperationalError:  # not made yet
            return 0


def _lines(count: int) -> Iterator[str]:
    """Yield orders as JSON, of one to five lines."""
    chance = random.Random(SEED)  # noqa: S311 - alike in every run
    for number in range(count):
        items = [
            {
                "sku": str(chance.randrange(10**4)),
                "name": "Queso Cabrales",
                "quantity": chance.randint(1, 150),
                "unit_price": str(Decimal(chance.randrange(100, 10**5)).scaleb(-2)),
                "discount": chance.choice(["0.00", "0.05", "0.25"]),
            }
            for _ in range(chance.randint(1, 5))
        ]
        order = {
            "order_id": f"{number:08x}-file",
            "customer": {"id": f"C{number}", "name": "Zoë", "email": "z@shop.example"},
            "items": items,
            "currency": "EUR",
            "created_at": "2026-01-01T00:00:00Z",
        }
        yield json.dumps(order, ensure_ascii=False) + "\n"
