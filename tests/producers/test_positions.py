"""The place of a source in Kafka: who may write it, and when it can be trusted."""

import threading
from collections.abc import Callable, Sequence

import pytest
from confluent_kafka import Producer

from operations.stack import Addresses
from producers.order_service.errors import SourceTaken
from producers.order_service.positions import Mark, Position, SourceMarks
from producers.order_service.source_transactions import SourceTransactions
from registry.errors import ConfigError, PipelineError
from runtime.config import KafkaSettings
from runtime.errors import BrokerUnavailable, ProducerFenced, TransactionAborted
from runtime.positions_topic import PositionsTopic
from runtime.records import Output

ABORTED = TransactionAborted("the answer was lost", is_record_fault=False)
ORDER = Output("orders", b"1", b"value")


def mark(order_count: int, *, owner: str = "me") -> Mark:
    """Return the mark of a source that is written so far."""
    place = Position(entry_count=order_count, fingerprint="ab")
    return Mark(owner=owner, topic="orders", order_count=order_count, position=place)


class Transactor:
    """Fails as scripted, then commits; notes what it was asked to."""

    def __init__(self, *failures: PipelineError) -> None:
        self.failures = list(failures)
        self.asked: list[Sequence[Output]] = []
        self.open_count = 0

    def open(self) -> None:
        """Have a producer."""
        self.open_count += 1

    def commit_outputs(self, outputs: Sequence[Output]) -> None:
        """Fail or commit."""
        self.asked.append(outputs)
        if self.failures:
            raise self.failures.pop(0)


class Positions:
    """Holds the mark that it is told; fails as scripted before it tells."""

    topic = "positions"

    def __init__(self, last: Mark | None) -> None:
        self.last = last
        self.failures: list[PipelineError] = []

    def find_mark(self, source_name: str) -> Mark | None:  # noqa: ARG002 - it has one
        """Return the mark."""
        return self.last

    def get_last_mark(self, source_name: str) -> Mark | None:  # noqa: ARG002 - same
        """Fail or return the mark."""
        if self.failures:
            raise self.failures.pop(0)
        return self.last


def transactions_on(transactor: Transactor, positions: Positions) -> SourceTransactions:
    """Return the opened transactions of the run "me"."""
    transactions = SourceTransactions(
        transactor,  # type: ignore[arg-type] # a scripted one
        positions,  # type: ignore[arg-type] # same
        source_name="file",
        owner="me",
        sleep=lambda _pause_s: None,
    )
    transactions.open()
    return transactions


def test_orders_and_mark_are_one_transaction() -> None:
    """The mark is the last record, under the name of the source."""
    transactor = Transactor()

    transactions_on(transactor, Positions(None)).commit([ORDER], mark(1))

    placed = Output("positions", b"file", mark(1).to_json(), partition=0)
    assert transactor.asked == [[ORDER, placed]]


def test_transaction_that_was_committed_all_the_same_is_not_repeated() -> None:
    """The answer was lost, but the mark tells."""
    transactor = Transactor(ABORTED)
    positions = Positions(mark(1))
    transactions = transactions_on(transactor, positions)

    positions.last = mark(2)
    transactions.commit([ORDER], mark(2))

    assert len(transactor.asked) == 1


def test_transaction_that_was_not_committed_is_repeated() -> None:
    """As often as it takes, with the same records."""
    transactor = Transactor(ABORTED, ABORTED)

    transactions_on(transactor, Positions(mark(1))).commit([ORDER], mark(2))

    assert len(transactor.asked) == 3
    assert transactor.asked[0] == transactor.asked[1] == transactor.asked[2]


def test_broker_that_cannot_tell_is_asked_until_it_can() -> None:
    """Whether a transaction was committed is never guessed."""
    away = BrokerUnavailable("broker:9092", "gone")
    transactor = Transactor(ABORTED)
    transactions = transactions_on(transactor, positions := Positions(mark(1)))

    positions.failures = [away, away]
    transactions.commit([ORDER], mark(2))

    assert len(transactor.asked) == 2


def test_run_whose_source_was_taken_stops_without_shutting_the_other_out() -> None:
    """It does not acquire the id again once another's mark is there."""
    transactor = Transactor(ABORTED)
    positions = Positions(mark(1, owner="earlier"))
    transactions = transactions_on(transactor, positions)

    positions.last = mark(1, owner="other")
    with pytest.raises(SourceTaken, match="the source file was taken over") as caught:
        transactions.commit([ORDER], mark(2))

    assert caught.value.exit_code == 75
    assert transactor.open_count == 1


def test_mark_of_an_earlier_run_does_not_stop_a_new_one() -> None:
    """What was there at the beginning is no rival's, whoever wrote it."""
    transactor = Transactor(ABORTED)
    earlier = Positions(mark(1, owner="earlier"))

    transactions_on(transactor, earlier).commit([], mark(1))

    assert len(transactor.asked) == 2


def test_id_that_is_lost_for_good_is_a_source_taken() -> None:
    """The sentence names the source, not a flag that has nothing to do with it."""
    transactor = Transactor(ProducerFenced("order-service file", "fenced"))

    with pytest.raises(SourceTaken, match="fenced"):
        transactions_on(transactor, Positions(None)).commit([ORDER], mark(2))


def test_order_that_kafka_refuses_is_the_callers_business() -> None:
    """Repeating it would never end."""
    transactor = Transactor(TransactionAborted("too large", is_record_fault=True))

    with pytest.raises(TransactionAborted):
        transactions_on(transactor, Positions(None)).commit([ORDER], mark(2))


@pytest.fixture
def positions(stack: Addresses, positions_topic: str) -> SourceMarks:
    """Return a topic of positions on a real broker."""
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers)
    return SourceMarks(PositionsTopic(kafka, positions_topic, patience_s=2))


Write = Callable[..., None]


@pytest.fixture
def write(stack: Addresses, positions_topic: str) -> Write:
    """Return what commits records of a source, in one transaction each."""

    def write_all(source_name: str, *values: bytes | None) -> None:
        producer = open_producer(stack, positions_topic)
        for value in values:
            producer.begin_transaction()
            producer.produce(positions_topic, value, source_name, partition=0)
            producer.commit_transaction()

    return write_all


def open_producer(stack: Addresses, transactional_id: str) -> Producer:
    """Return a transactional producer that can begin."""
    producer = Producer(
        {
            "bootstrap.servers": stack.bootstrap_servers,
            "transactional.id": transactional_id,
        }
    )
    producer.init_transactions(30)
    return producer


def test_newest_mark_of_the_source_counts(positions: SourceMarks, write: Write) -> None:
    """Other sources have marks of their own; a tombstone is no mark."""
    write("a", mark(1).to_json(), mark(2).to_json())
    write("b", mark(7).to_json())
    write("c", mark(8).to_json(), None)

    found = [positions.get_last_mark(each) for each in ("a", "b", "c", "d")]

    assert found == [mark(2), mark(7), None, None]
    assert positions.find_mark("a") == mark(2)


def test_mark_behind_an_open_transaction_is_waited_for(
    positions: SourceMarks, write: Write, stack: Addresses, positions_topic: str
) -> None:
    """A mark that cannot be seen yet must not be taken for none."""
    producer = open_producer(stack, f"{positions_topic}-other")
    producer.begin_transaction()
    producer.produce(positions_topic, mark(9).to_json(), "other", partition=0)
    producer.flush(30)
    write("a", mark(1).to_json())

    seen = positions.find_mark("a")
    with pytest.raises(BrokerUnavailable, match="is a transaction of another"):
        positions.get_last_mark("a")
    ending = threading.Timer(0.3, producer.abort_transaction)
    ending.start()
    waited_for = positions.get_last_mark("a")
    ending.join()

    assert seen is None
    assert waited_for == mark(1)
    assert positions.get_last_mark("other") is None


@pytest.mark.parametrize("content", [b"3", b"{}", b"not JSON"])
def test_what_is_no_mark_is_refused(
    content: bytes, positions: SourceMarks, write: Write
) -> None:
    """Who names a topic of something else learns it before anything is written."""
    write("a", content)

    with pytest.raises(ConfigError, match="holds no position under a") as caught:
        positions.get_last_mark("a")

    assert caught.value.exit_code == 78
