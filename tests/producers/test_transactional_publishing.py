"""Orders in transactions: batches, places, refusals, and the end of a wait."""

import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from producers.order_service.orders import SourcedOrder
from producers.order_service.positions import Bookmark, Mark, Position
from producers.order_service.run import OnBadLine, OrderRun, RunSettings
from producers.order_service.status import RunStatus
from producers.order_service.transactional_publishing import (
    OrderEncoder,
    TransactionalPublisher,
)
from registry.names import Version
from runtime.errors import (
    BadInput,
    BrokerRefused,
    BrokerUnavailable,
    TransactionAborted,
)
from runtime.records import Output

START = Mark(
    owner="me",
    topic="orders",
    order_count=3,
    position=Position(entry_count=3, fingerprint=""),
)


class Kafka:
    """Notes what is committed; refuses transactions that hold a certain order.

    Attributes:
        committed: Keys and the mark's order and entry counts, by transaction.
        may_commit: Cleared, it holds every transaction up.
    """

    def __init__(self, *, refused: bytes = b"") -> None:
        self.committed: list[tuple[list[str], int, int]] = []
        self.may_commit = threading.Event()
        self.may_commit.set()
        self._refused = refused

    def commit(self, outputs: Sequence[Output], mark: Mark) -> None:
        """Commit as soon as that may be."""
        self.may_commit.wait(30)
        if self._refused in {output.key for output in outputs}:
            raise TransactionAborted("too large", is_record_fault=True)
        keys = [(output.key or b"").decode() for output in outputs]
        self.committed.append((keys, mark.order_count, mark.position.entry_count))


class Entries:
    """A source of order ids; "!" is a bad line."""

    share_done = None

    def __init__(self, *entries: str) -> None:
        self._waiting = deque(entries)
        self._taken_count = START.position.entry_count

    @property
    def is_exhausted(self) -> bool:
        """True once all are taken."""
        return not self._waiting

    @property
    def position(self) -> Position:
        """How many are taken."""
        return Position(entry_count=self._taken_count, fingerprint="")

    def bookmark(self) -> Bookmark:
        """Return what gives the place of this moment."""
        position = self.position
        return lambda: position

    def resume(self, position: Position) -> None:
        """Go to a place."""
        self._taken_count = position.entry_count

    def find_order(self, *, wait_s: float) -> SourcedOrder | None:  # noqa: ARG002 - never waits
        """Return the next order, None after the last, or raise BadInput."""
        if self.is_exhausted:
            return None
        entry = self._waiting.popleft()
        self._taken_count += 1
        place = f"orders:{self._taken_count}"
        if entry == "!":
            raise BadInput(place, "order_id is missing")
        return SourcedOrder(place, {"order_id": entry})


Run = Callable[..., TransactionalPublisher]


@pytest.fixture
def stop() -> threading.Event:
    """Return what a signal sets."""
    return threading.Event()


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    """Return a Kafka that takes everything; nothing waits for it afterwards."""
    broker = Kafka()
    yield broker
    broker.may_commit.set()


@pytest.fixture
def run(kafka: Kafka, stop: threading.Event) -> Run:
    """Return what writes a source to its end; settings are given by name."""

    def run_source(
        source: Entries,
        *,
        on: Kafka = kafka,
        **settings: Any,  # noqa: ANN401 - any setting
    ) -> TransactionalPublisher:
        encoder = OrderEncoder(
            lambda event: event["order_id"].encode() * 10,
            topic="orders",
            most_bytes=500,
        )
        publisher = TransactionalPublisher(
            on, source, encoder, mark=START, address="broker:9092"
        )
        status = RunStatus("order-service", Version(2))
        status.begin(publisher)
        order_run = OrderRun(
            source,
            publisher,
            settings=RunSettings(**settings),
            status=status,
            stop=stop,
        )
        order_run.run(lambda _acknowledged_count, _share_done: None)
        return publisher

    return run_source


def written(kafka: Kafka) -> list[str]:
    """Return the keys of all transactions, in order."""
    return [key for keys, _, _ in kafka.committed for key in keys]


def test_run_takes_its_source_before_it_writes(run: Run, kafka: Kafka) -> None:
    """The first transaction holds the mark alone; the last one ends at the end."""
    publisher = run(Entries("a", "b"))

    assert kafka.committed[0] == ([], 3, 3)
    assert kafka.committed[-1] == (["a", "b"], 5, 5)
    assert publisher.acknowledged_count == 2
    assert publisher.is_settled


def test_nothing_left_to_write_is_one_transaction(run: Run, kafka: Kafka) -> None:
    """A source that was written whole is only taken."""
    run(Entries())

    assert kafka.committed == [([], 3, 3)]


def test_batch_holds_at_most_2000_orders(run: Run, kafka: Kafka) -> None:
    """However fast a source is, a transaction has its limit; nothing is reordered."""
    names = [str(number) for number in range(4500)]

    run(Entries(*names))

    assert written(kafka) == names
    assert max(len(keys) for keys, _, _ in kafka.committed) <= 2000


def test_source_waits_while_two_batches_are_under_way(run: Run, kafka: Kafka) -> None:
    """No more than a batch is collected while Kafka holds another up."""
    kafka.may_commit.clear()
    threading.Timer(0.3, kafka.may_commit.set).start()

    run(Entries(*map(str, range(5000))))

    assert len(written(kafka)) == 5000


def test_slow_source_is_committed_as_it_comes(run: Run, kafka: Kafka) -> None:
    """At 4 a second no order waits for the next."""
    run(Entries("a", "b", "c"), rate=4)

    assert [keys for keys, _, _ in kafka.committed] == [[], ["a"], ["b"], ["c"]]


def test_count_is_that_of_all_runs_together(run: Run, kafka: Kafka) -> None:
    """Three orders were written before: a fourth and a fifth make five."""
    run(Entries("a", "b", "c"), count=5)

    assert written(kafka) == ["a", "b"]


def test_count_that_earlier_runs_have_passed_is_the_end(run: Run, kafka: Kafka) -> None:
    """Three orders were written before: two are no more to be written."""
    run(Entries("a", "b"), count=2)

    assert kafka.committed == [([], 3, 3)]


def test_skipped_lines_at_the_end_are_behind_the_mark(run: Run, kafka: Kafka) -> None:
    """The next run does not meet them again."""
    run(Entries("a", "!", "!"), on_bad_line=OnBadLine.SKIP)

    assert kafka.committed[-1][1:] == (4, 6)


def test_line_that_stops_a_run_is_not_behind_the_mark(run: Run, kafka: Kafka) -> None:
    """What comes before it is written; once it is mended, it is the next."""
    with pytest.raises(BadInput, match="orders:5: order_id is missing"):
        run(Entries("a", "!", "b"))

    assert written(kafka) == ["a"]
    assert kafka.committed[-1][1:] == (4, 4)


def test_order_too_large_for_kafka_is_a_bad_line(run: Run, kafka: Kafka) -> None:
    """The line is named, and the sentence says how large its record is."""
    with pytest.raises(BadInput, match="orders:5: takes 250 bytes as a record, too"):
        run(Entries("a", "b" * 25, "c"))

    assert written(kafka) == ["a"]


def test_order_that_the_broker_refuses_is_named(run: Run) -> None:
    """What comes before it in its batch is written, nothing after it."""
    kafka = Kafka(refused=b"c")

    with pytest.raises(
        BrokerRefused,
        match=re.escape("Kafka refused while writing orders:6 to orders: too large"),
    ):
        run(Entries("a", "b", "c", "d"), on=kafka)

    assert written(kafka) == ["a", "b"]
    assert kafka.committed[-1][1:] == (5, 5)


def test_signal_ends_the_wait_for_a_transaction(
    run: Run, kafka: Kafka, stop: threading.Event
) -> None:
    """After a signal Kafka is waited for only so long."""
    kafka.may_commit.clear()
    threading.Timer(0.1, stop.set).start()

    with pytest.raises(
        BrokerUnavailable, match="1 orders in flight were not acknowledged within 0 s"
    ):
        run(Entries("a"), stop_timeout_s=0)


def test_signal_lets_the_open_batch_commit(
    run: Run, kafka: Kafka, stop: threading.Event
) -> None:
    """What was taken over by then is written, the rest is the next run's."""
    threading.Timer(0.25, stop.set).start()

    run(Entries(*map(str, range(100))), rate=20)

    assert written(kafka) == [str(number) for number in range(len(written(kafka)))]
    assert 0 < len(written(kafka)) < 100
    assert kafka.committed[-1][1:] == (3 + len(written(kafka)),) * 2
