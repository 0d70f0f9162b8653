"""Batches from a real broker: nothing skipped, nothing twice, only what is ours."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import pytest
from confluent_kafka import Producer

from operations.stack import Addresses
from registry.errors import PipelineError
from runtime.config import KafkaSettings, LoopSettings
from runtime.errors import OffsetMissing
from runtime.intake import Intake
from runtime.kafka import build_consumer
from runtime.records import Record, next_offsets
from runtime.start_offsets import GroupOffsets

RECORDS = 60
DEADLINE_S = 60


class Unavailable(PipelineError):
    """An environment that is down."""

    retryable = True


@contextmanager
def intake_on(stack: Addresses, topic: str, *, instance: str = "0") -> Iterator[Intake]:
    """Give an intake of the group that bears the topic's name."""
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers)
    settings = LoopSettings(group=topic, session_timeout_s=6)
    consumer = build_consumer(kafka, settings, group=topic, instance=instance)
    intake = Intake(
        consumer,
        GroupOffsets(consumer, kafka),
        kafka=kafka,
        settings=settings,
        stop=threading.Event(),
    )
    intake.subscribe([topic])
    try:
        yield intake
    finally:
        intake.close()


@pytest.fixture
def topic(stack: Addresses, new_topic: Callable[..., str]) -> str:
    """Return a topic of six partitions with RECORDS records."""
    name = new_topic("intake", partitions=6)
    send(stack, name, RECORDS)
    return name


def send(stack: Addresses, topic: str, count: int) -> None:
    """Write records to all partitions."""
    producer = Producer({"bootstrap.servers": stack.bootstrap_servers})
    for number in range(count):
        producer.produce(topic, str(number).encode(), partition=number % 6)
    assert producer.flush(30) == 0


def drain(intake: Intake) -> list[Record]:
    """Collect until nothing is left."""
    records: list[Record] = []
    deadline = monotonic() + DEADLINE_S
    while not intake.is_drained and monotonic() < deadline:
        batch = intake.collect(2000)
        intake.advance(next_offsets(batch))
        records += batch
    return records


@pytest.mark.parametrize("attempt", range(5))
def test_new_group_reads_from_the_first_record_on(
    stack: Addresses, topic: str, attempt: int
) -> None:
    """However the answers of the broker interleave, no partition starts later."""
    with intake_on(stack, topic, instance=str(attempt)) as intake:
        records = drain(intake)

    assert sorted(int(each.value or b"") for each in records) == list(range(RECORDS))


def test_rewound_batch_comes_again_whole(stack: Addresses, topic: str) -> None:
    """What was not committed is handed out again, in order."""
    with intake_on(stack, topic) as intake:
        first = drain(intake)
        intake.rewind()
        again = drain(intake)

    assert sorted(first) == sorted(again)


def test_held_work_is_done_when_the_environment_is_back(
    stack: Addresses, topic: str
) -> None:
    """A batch survives a hold: it is done once, and the next one follows it."""
    failures = [Unavailable("down"), Unavailable("down")]

    def work() -> str:
        if failures:
            raise failures.pop()
        return "done"

    with intake_on(stack, topic) as intake:
        records = drain(intake)
        result = intake.persist(work)
        send(stack, topic, 6)
        records += drain_more(intake, 6)

    assert result == "done"
    assert len(records) == RECORDS + 6


def test_error_that_is_not_retryable_ends_the_hold(
    stack: Addresses, topic: str
) -> None:
    """Only what can pass is waited for."""

    def work() -> None:
        raise PipelineError("a bug")

    with intake_on(stack, topic) as intake, pytest.raises(PipelineError, match="a bug"):
        intake.persist(work)


def test_log_that_begins_later_is_for_people(
    stack: Addresses, topic: str, delete_records: Callable[[str, int], None]
) -> None:
    """A new group on a log that has lost its start stops instead of guessing."""
    delete_records(topic, 3)

    with (
        intake_on(stack, topic) as intake,
        pytest.raises(OffsetMissing, match="not from 0"),
    ):
        drain(intake)


def drain_more(intake: Intake, count: int) -> list[Record]:
    """Collect until `count` records have come."""
    records: list[Record] = []
    deadline = monotonic() + DEADLINE_S
    while len(records) < count and monotonic() < deadline:
        batch = intake.collect(2000)
        intake.advance(next_offsets(batch))
        records += batch
    return records
