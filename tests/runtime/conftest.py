"""What tests of the runtime do to a broker, and an intake without one."""

import threading
from collections.abc import Callable

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from operations.stack import Addresses
from runtime.config import KafkaSettings, LoopSettings
from runtime.intake import Intake
from tests.runtime.scripted_intake import (
    IN_0,
    IN_1,
    LIMIT,
    Bench,
    Remembered,
    ScriptedConsumer,
    WholeLogs,
)


@pytest.fixture
def delete_records(stack: Addresses) -> Callable[[str, int], None]:
    """Return what cuts the start off partition 0 of a topic, up to an offset."""
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})

    def delete(topic: str, before: int) -> None:
        cut = TopicPartition(topic, 0, before)
        for answer in admin.delete_records([cut]).values():
            answer.result(30)

    return delete


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Bench:
    """Return an intake of the topic `in` whose group has given it nothing yet."""
    monkeypatch.setattr("runtime.intake.LogEnds", WholeLogs)
    consumer, remembered, stop = ScriptedConsumer(), Remembered(), threading.Event()
    monkeypatch.setattr("runtime.intake.time", consumer.clock)
    intake = Intake(
        consumer,  # type: ignore[arg-type] # behaves as one
        remembered,
        kafka=KafkaSettings(bootstrap_servers="nowhere"),
        settings=LoopSettings(
            group="worker",
            collect_s=0.03,
            on_missing_offset=getattr(request, "param", "fail"),
        ),
        stop=stop,
    )
    intake.subscribe(["in"])
    return Bench(intake, consumer, remembered, stop)


@pytest.fixture
def ready(bench: Bench) -> Bench:
    """Return an intake that owns two partitions, both placed at their first record."""
    bench.consumer.assign(IN_0, IN_1)
    assert bench.intake.collect(LIMIT) == []
    bench.consumer.calls.clear()
    return bench
