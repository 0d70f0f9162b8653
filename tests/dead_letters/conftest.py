"""Topics with a ledger, dead letters in them, and `pipeline dlq` as people run it."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from confluent_kafka import IsolationLevel, Producer
from confluent_kafka.cimpl import NewTopic

from operations import cli
from operations.dead_letters import TopicBox
from operations.dead_letters.topic_reader import TopicReader
from operations.stack import Addresses
from operations.stack.topics import create_and_wait
from runtime.config import KafkaSettings
from runtime.dead_letters import REPLAYED_HEADER, to_dead_letter
from runtime.errors import BrokerUnavailable, RejectedRecord
from runtime.kafka import require_topics
from runtime.log_ends import LogEnds
from runtime.records import Output, Record
from tests.processors.conftest import pipeline, start, verify
from tests.services import PARTITIONS, Topics
from tests.sinks.conftest import database_url, postgresql_url

__all__ = ["database_url", "pipeline", "postgresql_url", "start", "verify"]

LIMIT_BYTES = 20_000
ROOM_BYTES = 16 * 1024
COMMITTED = IsolationLevel.READ_COMMITTED
UNCOMMITTED = IsolationLevel.READ_UNCOMMITTED


@pytest.fixture
def topics(pipeline: Addresses, unique_name: Callable[[str], str]) -> Topics:
    """Return topics that no other test uses, with small limits and a ledger."""
    name = unique_name("orders")
    topics = Topics(input=f"{name}-details", output=f"{name}-processed")
    small = {"max.message.bytes": str(LIMIT_BYTES)}
    large = {"max.message.bytes": str(LIMIT_BYTES + ROOM_BYTES)}
    wanted = [
        NewTopic(topics.input, num_partitions=PARTITIONS, config=small),
        NewTopic(topics.output, num_partitions=PARTITIONS),
        NewTopic(topics.positions, num_partitions=PARTITIONS),
        NewTopic(topics.dead_letters, num_partitions=PARTITIONS, config=large),
        NewTopic(
            f"{topics.dead_letters}.ledger",
            num_partitions=1,
            config={"cleanup.policy": "compact"},
        ),
    ]
    kafka = KafkaSettings(bootstrap_servers=pipeline.bootstrap_servers)
    create_and_wait(kafka, wanted)
    return topics


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command said, and how it ended."""

    status: int
    output: str
    errors: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON document that it printed."""
        found: dict[str, Any] = json.loads(self.output)
        return found


Dlq = Callable[..., Ended]


def program(name: str) -> str:
    """Return the path of a console script of this environment."""
    return str(Path(sys.executable).with_name(name))


def command_for(pipeline: Addresses, topics: Topics, *words: str) -> list[str]:
    """Return the words of `pipeline dlq VERB` on a test's topics."""
    verb, *flags = words
    where = ["--bootstrap-servers", pipeline.bootstrap_servers]
    where += ["--input-topic", topics.input]
    if verb == "replay":
        where += ["--registry-url", pipeline.registry_url]
    return ["dlq", verb, *where, *flags]


@pytest.fixture
def run_pipeline(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Dlq]:
    """Return what runs `pipeline` with words to its end, in this process."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Ended:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["pipeline", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capfd.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    yield run
    structlog.reset_defaults()  # the log went to a stream that ends with the test


@pytest.fixture
def dlq(pipeline: Addresses, topics: Topics, run_pipeline: Dlq) -> Dlq:
    """Return what runs `pipeline dlq` to its end on the test's topics."""
    return lambda *words: run_pipeline(*command_for(pipeline, topics, *words))


@dataclass(frozen=True, slots=True)
class Place:
    """The test's topics, read and written directly."""

    addresses: Addresses
    topics: Topics

    @property
    def kafka(self) -> KafkaSettings:
        """How to reach the broker."""
        return KafkaSettings(bootstrap_servers=self.addresses.bootstrap_servers)

    def bury(self, count: int, reason: str = "it was wrong") -> list[Record]:
        """Make dead letters of records that once lay in the input topic."""
        records = [
            Record(
                self.topics.input,
                number % PARTITIONS,
                1000 + number,
                f"order-{number}".encode(),
                b"\x00\x00\x00\x00\x01 of no matter",
                [("traceparent", b"\x00\xff"), ("empty", None)],
                1_767_225_600_000 + number,
            )
            for number in range(count)
        ]
        self.bury_records(records, reason)
        return records

    def bury_records(self, records: list[Record], reason: str = "it was wrong") -> None:
        """Make dead letters of records."""
        error = RejectedRecord(reason)
        self.send([to_dead_letter(each, error, service="test") for each in records])

    def read(self, topic: str) -> list[Record]:
        """Return every committed record, when no transaction is open any more."""
        self._wait_for_markers(topic)
        with closing(TopicReader(self.kafka, topic)) as reader:
            return list(reader.read())

    def _wait_for_markers(self, topic: str) -> None:
        """Return when no transaction is open: commits are answered before that."""
        count = require_topics(self.kafka, [topic])[topic]
        logs = [(topic, each) for each in range(count)]
        log_ends = LogEnds(self.kafka)
        deadline = time.monotonic() + 30

        def is_settled() -> bool:
            try:
                committed = log_ends.get_ranges(logs, isolation=COMMITTED)
                return committed == log_ends.get_ranges(logs, isolation=UNCOMMITTED)
            except BrokerUnavailable:
                return False  # a leader that has just been elected does not know it yet

        while not is_settled():
            assert time.monotonic() < deadline

    def send(self, outputs: list[Output]) -> None:
        """Write records as they are."""
        producer = Producer(
            {
                "bootstrap.servers": self.addresses.bootstrap_servers,
                "message.max.bytes": 64 * 2**20,
            }
        )
        failures: list[object] = []
        for each in outputs:
            producer.produce(
                each.topic,
                each.value,
                each.key,
                each.partition,
                timestamp=each.timestamp_ms,
                headers=list(each.headers),
                on_delivery=lambda error, _: failures.append(error),
            )
        assert producer.flush(60) == 0
        assert failures == [None] * len(outputs)

    def replayed(self) -> list[Record]:
        """Return the records that came back to the input topic, by place."""
        records = self.read(self.topics.input)
        return sorted(
            (each for each in records if REPLAYED_HEADER in dict(each.headers)),
            key=lambda each: (each.partition, each.offset),
        )

    def replayed_ids(self) -> list[str]:
        """Return the names of the letters that came back, sorted, each as often."""
        names = [dict(each.headers)[REPLAYED_HEADER] or b"" for each in self.replayed()]
        return sorted(name.decode() for name in names)

    def letter_ids(self) -> list[str]:
        """Return the names of all letters, sorted."""
        letters = self.read(self.topics.dead_letters)
        return sorted(f"{each.partition}:{each.offset}" for each in letters)

    def ledger(self) -> dict[str, str]:
        """Return what the ledger says."""
        entries = self.read(f"{self.topics.dead_letters}.ledger")
        return {
            (each.key or b"").decode(): (each.value or b"").decode() for each in entries
        }


@pytest.fixture
def place(pipeline: Addresses, topics: Topics) -> Place:
    """Return the test's topics, read and written directly."""
    return Place(pipeline, topics)


@pytest.fixture
def open_box(place: Place) -> Iterator[Callable[[], TopicBox]]:
    """Return what opens a box on the test's topics that takes every record."""
    boxes: list[TopicBox] = []

    def build() -> TopicBox:
        boxes.append(
            TopicBox(place.kafka, place.topics.input, process=lambda _record: [])
        )
        return boxes[-1]

    yield build
    for box in boxes:
        box.close()
