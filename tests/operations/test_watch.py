"""What stands still is noticed: a loop that waits, that hangs, or gets no records."""

import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from confluent_kafka import Producer, TopicPartition
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from operations.stack import Addresses, wait_for_service
from runtime.config import KafkaSettings, LoopSettings
from runtime.intake import Intake
from runtime.kafka import build_consumer
from runtime.log_ends import LogEnds
from runtime.metrics import LoopMetrics
from runtime.records import Partition, Record
from runtime.stalls import Stall, StallWatch
from runtime.start_offsets import GroupOffsets
from runtime.watch import Watch
from tests import services

WaitUntil = Callable[..., None]

P0: Partition = ("orders", 0)
P1: Partition = ("orders", 1)


class Look:
    """A watch whose clock the test moves."""

    def __init__(self) -> None:
        self._watch = StallWatch(60)

    def __call__(self, now: float, **partitions: tuple[int, int]) -> list[int]:
        """Return the partitions that are stalled, of those given by offset and lag."""
        keys = {int(name[1:]): each for name, each in partitions.items()}
        stalls = self._watch.look(
            {("orders", number): offset for number, (offset, _) in keys.items()},
            {("orders", number): lag for number, (_, lag) in keys.items()},
            now=now,
        )
        return [stall.partition for stall in stalls]


def test_partition_that_waits_without_moving_is_stalled() -> None:
    """Not before its time; the stall says what, where and for how long."""
    watch = StallWatch(60)
    watch.look({P0: 5}, {P0: 3}, now=100)

    assert watch.look({P0: 5}, {P0: 4}, now=159) == []
    assert watch.look({P0: 5}, {P0: 9}, now=170) == [
        Stall(topic="orders", partition=0, next_offset=5, lag=9, for_s=70)
    ]


def test_progress_and_emptiness_start_the_clock_anew() -> None:
    """One record in an hour is progress; having nothing to do is no stall."""
    look = Look()

    assert look(0, p0=(5, 3), p1=(7, 0)) == []
    assert look(59, p0=(6, 3), p1=(7, 0)) == []
    assert look(100, p0=(6, 3), p1=(7, 0)) == []
    assert look(110, p0=(6, 3), p1=(7, 1)) == []
    assert look(119, p0=(6, 3), p1=(7, 1)) == [0]
    assert look(170, p0=(7, 3), p1=(7, 1)) == [1]


def test_batch_that_is_aborted_over_and_over_is_a_stall() -> None:
    """Its partition is out of sight for moments; the clock goes on."""
    look = Look()
    look(0, p0=(5, 3))
    look(30)

    assert look(61, p0=(5, 3)) == [0]


def test_partition_of_somebody_else_is_not_our_stall() -> None:
    """What was given away is not reported, and comes back with what it is then."""
    look = Look()
    look(0, p0=(5, 3))

    assert look(100) == []
    assert look(200, p0=(9, 3)) == []


class Hanging(Intake):
    """An intake whose loop hangs on a record that is not at the end of its log."""

    def __init__(self) -> None:
        self.held = ""
        self.lag = 3

    @property
    def next_offsets(self) -> dict[Partition, int]:
        """Never move."""
        return {P0: 5}

    @property
    def known_lags(self) -> dict[Partition, int]:
        """Return what lies ahead."""
        return {P0: self.lag}

    def note_log_ends(self, log_ends: Mapping[Partition, int]) -> None:
        """Know it already."""


class Silent(LogEnds):
    """A broker that does not answer."""

    def find(
        self, partitions: Collection[Partition], *, timeout_s: float
    ) -> dict[Partition, int]:
        """Know nothing."""
        del partitions, timeout_s
        return {}


def test_loop_that_hangs_is_noticed_and_forgotten_when_it_goes_on(
    wait_until: WaitUntil, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody has to come by: metric, status and one line each way."""
    registry = CollectorRegistry()
    intake = Hanging()
    nobody = Silent(KafkaSettings(bootstrap_servers="127.0.0.1:9"))
    watch = Watch(intake, LoopMetrics(registry), nobody, stall_after_s=0.1)

    with watch.running():
        wait_until(lambda: bool(watch.tell().get("stalled")))
        stalled = registry.get_sample_value("accord_stalled_partitions")
        told = watch.tell()["stalled"][0]
        intake.lag = 0
        wait_until(lambda: not watch.tell()["stalled"])

    assert stalled == 1
    assert (told["topic"], told["partition"], told["lag"]) == ("orders", 0, 3)
    assert registry.get_sample_value("accord_stalled_partitions") == 0
    said = capsys.readouterr().out
    assert said.count("partition.stalled") == 1
    assert said.count("partition.resumed") == 1


def test_lag_of_a_partition_that_was_given_away_is_not_told_any_more() -> None:
    """The last figure of a former owner would be a false alarm for ever."""
    registry = CollectorRegistry()
    metrics = LoopMetrics(registry)
    metrics.note_lags({P0: 4, P1: 0})
    metrics.note_lags({P1: 2})

    assert lags_in(registry) == {"1": 2.0}


def lags_in(registry: CollectorRegistry) -> Mapping[str, float]:
    """Return the lags by partition."""
    return {
        sample.labels["partition"]: sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "accord_consumer_lag_records"
    }


def record_of(age_s: float) -> Record:
    """Return a record that was written so long ago."""
    written_ms = int((time.time() - age_s) * 1000)
    return Record("orders", 0, 1, None, b"", (), written_ms)


def test_latency_is_the_age_of_records_at_their_commit() -> None:
    """The mean over records and the longest; the metric counts the oldest a batch."""
    registry = CollectorRegistry()
    metrics = LoopMetrics(registry)
    for batch in ([record_of(2), record_of(4)], [record_of(0)]):
        metrics.committed(batch, output_count=1, errors=[], duration_s=0.1)

    told = metrics.latency.tell()

    assert told == pytest.approx({"mean": 2, "max": 4}, abs=0.2)
    assert registry.get_sample_value(
        "accord_record_latency_seconds_sum"
    ) == pytest.approx(4, abs=0.2)


@pytest.mark.parametrize("written_ms", [-1, 253_402_300_799_000])
def test_latency_is_never_nonsense(written_ms: int) -> None:
    """A record without a time is not counted, one of the year 9999 is 0 old."""
    metrics = LoopMetrics(CollectorRegistry())
    batch = [Record("orders", 0, 1, None, b"", (), written_ms)]
    metrics.committed(batch, output_count=1, errors=[], duration_s=0.1)

    assert metrics.latency.tell() in (None, {"mean": 0.0, "max": 0.0})


@contextmanager
def paused_intake(stack: Addresses, topic: str) -> Iterator[Intake]:
    """Give an intake that has its partition and is not given any record of it."""
    # A fetch that waits at the broker would still bring what is written later.
    at_once = {"fetch.wait.max.ms": "0"}
    servers = stack.bootstrap_servers
    kafka = KafkaSettings(bootstrap_servers=servers, properties=at_once)
    settings = LoopSettings(group=topic, session_timeout_s=6)
    consumer = build_consumer(kafka, settings, group=topic, instance="0")
    intake = Intake(
        consumer,
        GroupOffsets(consumer, kafka),
        kafka=kafka,
        settings=settings,
        stop=threading.Event(),
    )
    intake.subscribe([topic])
    deadline = time.monotonic() + 60
    while not intake.next_offsets and time.monotonic() < deadline:
        intake.collect(1)
    consumer.pause([TopicPartition(topic, 0)])
    try:
        yield intake
    finally:
        intake.close()


def test_lag_of_a_partition_that_is_not_fetched_is_known(
    stack: Addresses, new_topic: Callable[..., str]
) -> None:
    """Without asking it would be 0: a client knows the end of what it fetches."""
    topic = new_topic("unfetched")
    producer = Producer({"bootstrap.servers": stack.bootstrap_servers})
    with paused_intake(stack, topic) as intake:
        for _ in range(7):
            producer.produce(topic, b"")
        producer.flush(30)

        unasked = intake.lags()
        intake.note_log_ends(LogEnds(intake.kafka).find([(topic, 0)], timeout_s=30))

        assert sum(unasked.values()) == 0
        assert intake.known_lags == {(topic, 0): 7}


def test_silent_broker_is_not_waited_for() -> None:
    """Nothing is known then, and nobody is kept waiting."""
    log_ends = LogEnds(KafkaSettings(bootstrap_servers="127.0.0.1:9"))

    assert log_ends.find([P0, P1], timeout_s=0.5) == {}


def metric(base: str, name: str) -> float:
    """Return the value of a metric without labels."""
    text = httpx.get(f"{base}/metrics").text
    [value] = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    ]
    return value


def test_stalled_partition_of_a_service_is_told_everywhere_and_goes_on(
    stack: Addresses,
    new_topic: Callable[..., str],
    tmp_path: Path,
    wait_until: WaitUntil,
) -> None:
    """While its database is locked: metrics, status, readiness and log say so."""
    services.let_contracts_in(stack.registry_url)
    topic, path = new_topic("stalled"), tmp_path / "a.db"
    flags = (
        *("--bootstrap-servers", stack.bootstrap_servers),
        *("--registry-url", stack.registry_url),
        *("--input-topic", topic, "--group", topic),
        *("--database", f"sqlite:///{path}", "--stall-after", "1"),
    )
    with services.running("analytics-service", *flags, folder=tmp_path) as child:
        base = wait_for_service(child)
        with closing(sqlite3.connect(path)) as rival:
            rival.execute("BEGIN IMMEDIATE")
            services.send_values(stack, topic, [(b"k", b"no order"), (b"l", b"no")])
            stalled = child.wait_until(
                lambda: child.find_logged("event", "partition.stalled"), timeout_s=60
            )
            status = httpx.get(f"{base}/status").json()
            metrics = (
                metric(base, "accord_stalled_partitions"),
                metric(base, "accord_held"),
            )
            ready = httpx.get(f"{base}/readyz").status_code
        child.wait_until(
            lambda: child.find_logged("event", "partition.resumed"), timeout_s=60
        )
        wait_until(lambda: metric(base, "accord_stalled_partitions") == 0)
        wait_until(lambda: metric(base, "accord_held") == 0)

    assert "locked" in str(stalled["held"])
    assert (stalled["topic"], stalled["lag"]) == (topic, 2)
    assert [each["partition"] for each in status["stalled"]] == [0]
    assert (status["state"], metrics, ready) == ("holding", (1, 1), 503)
