"""What the transactor hands to the producer, how long it lets it take, what it logs."""

from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from structlog.testing import capture_logs

from runtime.errors import BrokerRefused, ProducerFenced, TransactionAborted
from runtime.records import Output
from runtime.transactions import CallLimits, Transactor

LIMITS = CallLimits(init_s=7.0, batch_s=3.0)
UNKNOWN = KafkaError(KafkaError.UNKNOWN)
ABORTABLE = KafkaError(KafkaError.ILLEGAL_GENERATION, None, txn_requires_abort=True)
FENCED = KafkaError(KafkaError._FENCED, "a newer producer", fatal=True)  # noqa: SLF001 - its name
FORBIDDEN = KafkaError(
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, "not allowed", fatal=True
)
RETRIABLE = KafkaError(KafkaError.NOT_COORDINATOR, None, retriable=True)


class NotingProducer:
    """A producer that notes what it is given, and raises what the test says.

    Attributes:
        given: Method and arguments, call by call.
        raises: Method -> errors, in order.
    """

    def __init__(self, **raises: list[Exception]) -> None:
        self.given: list[tuple[str, tuple[Any, ...]]] = []
        self.raises = raises

    def __getattr__(self, name: str) -> Callable[..., None]:
        def call(*arguments: Any) -> None:  # noqa: ANN401 - any call
            self.given.append((name, arguments))
            if self.raises.get(name):
                raise self.raises[name].pop(0)

        return call

    def all_given(self, name: str) -> list[tuple[Any, ...]]:
        """Return the arguments of each call of a method."""
        return [arguments for method, arguments in self.given if method == name]


def transactor_on(
    *producers: NotingProducer,
    times_s: Iterator[float] | None = None,
    pauses_s: list[float] | None = None,
) -> Transactor:
    """Return a transactor that builds the producers in order."""
    waiting = iter(producers)
    times = times_s or repeat(0.0)
    return Transactor(
        lambda: next(waiting),  # type: ignore[arg-type,return-value] # behaves as one
        transactional_id="worker-0",
        limits=LIMITS,
        clock=lambda: next(times),
        sleep=([] if pauses_s is None else pauses_s).append,
    )


@pytest.mark.parametrize("headers", [(("h", b"1"), ("h", b"2")), [("h", b"1")], ()])
def test_record_is_written_as_it_was_handed_over(headers: Any) -> None:  # noqa: ANN401 - any sequence
    """Every part of it reaches librdkafka in the place that is its own."""
    producer = NotingProducer()
    output = Output("out", b"key", b"value", headers, 3, 1_700_000_000_000)

    transactor_on(producer).commit([output], {}, None)

    ((*before, note, _), rest) = _split(producer.all_given("produce")[0])
    assert before == ["out", b"value", b"key", 3]
    assert callable(note)
    assert rest == (1_700_000_000_000, list(headers))


def _split(arguments: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return arguments[:6], arguments[6:]


def test_offsets_of_the_group_are_sent_as_they_are() -> None:
    """With what the consumer says of its group: brokers check its generation."""
    producer = NotingProducer()

    transactor_on(producer).commit([], {("in", 0): 5, ("in", 1): 7}, "the group")

    ((places, group),) = producer.all_given("send_offsets_to_transaction")
    assert places == [TopicPartition("in", 0, 5), TopicPartition("in", 1, 7)]
    assert [each.offset for each in places] == [5, 7]
    assert group == "the group"


def test_no_call_takes_longer_than_its_limit() -> None:
    """The start has a limit of its own; a flush is looked at ten times a second."""
    producer = NotingProducer(commit_transaction=[KafkaException(ABORTABLE)])

    with pytest.raises(TransactionAborted):
        transactor_on(producer).commit([], {}, None)

    assert producer.all_given("init_transactions") == [(7.0,)]
    assert producer.all_given("flush") == [(0.1,)]
    assert producer.all_given("commit_transaction") == [(3.0,)]
    assert producer.all_given("abort_transaction") == [(3.0,)]


def test_full_queue_is_looked_at_again_soon() -> None:
    """Every twentieth of a second, by the poll that makes room."""
    producer = NotingProducer(produce=[BufferError(), BufferError()])

    transactor_on(producer).commit([Output("out", None, None)], {}, None)

    assert producer.all_given("poll") == [(0.05,), (0.05,)]
    assert len(producer.all_given("produce")) == 3


def test_step_is_repeated_at_once_and_then_less_and_less_often() -> None:
    """Half a minute goes by before an error that passes counts as one that stays."""
    pauses_s: list[float] = []
    endless = [KafkaException(RETRIABLE)] * 20
    producer = NotingProducer(begin_transaction=[*endless])

    with capture_logs() as logged, pytest.raises(TransactionAborted):
        transactor_on(producer, pauses_s=pauses_s).commit([], {}, None)

    assert pauses_s[:3] == [0.01, 0.02, 0.05]
    assert pauses_s == sorted(pauses_s)
    assert 20 < sum(pauses_s) < 40
    assert logged[0] == {
        "event": "transaction.step_retried",
        "log_level": "info",
        "reason": RETRIABLE.str(),
    }


def test_fence_after_a_commit_is_no_fight() -> None:
    """A rival would have fenced at once; a transaction that took too long may again."""
    first, second, third = (
        NotingProducer(commit_transaction=[KafkaException(FENCED)]),
        NotingProducer(begin_transaction=[], commit_transaction=[]),
        NotingProducer(),
    )
    transactor = transactor_on(first, second, third)

    fail(transactor)
    transactor.commit([], {}, None)
    second.raises["commit_transaction"] = [KafkaException(FENCED)]
    fail(transactor)

    transactor.commit([], {}, None)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RETRIABLE, TransactionAborted),
        (FENCED, ProducerFenced),
        (FORBIDDEN, BrokerRefused),
    ],
)
def test_refusal_at_the_start_is_told_in_its_own_words(
    error: KafkaError, told: type[Exception]
) -> None:
    """Whether it passes or not; no record is at fault, for there is none yet."""
    producer = NotingProducer(init_transactions=[KafkaException(error)])

    with pytest.raises(told, match=error.str()) as caught:
        transactor_on(producer).open()

    assert getattr(caught.value, "is_record_fault", False) is False


def rebuild_at(*times_s: float) -> Transactor:
    """Return a transactor whose producers were given up at these times."""
    raising = (
        NotingProducer(begin_transaction=[KafkaException(UNKNOWN)]) for _ in times_s
    )
    return transactor_on(*raising, NotingProducer(), times_s=chain(times_s, repeat(0)))


def fail(transactor: Transactor) -> None:
    """Have a batch end with the producer given up."""
    with pytest.raises(TransactionAborted):
        transactor.commit([], {}, None)


def test_rebuilds_over_more_than_ten_minutes_are_no_fight() -> None:
    """Three within any ten minutes are allowed; the fourth comes when they are over."""
    transactor = rebuild_at(0.0, 1.0, 2.0, 600.0)

    for _ in range(4):
        fail(transactor)


def test_only_the_last_rebuilds_count() -> None:
    """A long life with a rebuild now and then changes nothing of the rule."""
    transactor = rebuild_at(0.0, 1000.0, 2000.0, 3000.0, 3100.0, 3200.0, 3300.0)
    for _ in range(6):
        fail(transactor)

    with pytest.raises(ProducerFenced):
        transactor.commit([], {}, None)


def test_fourth_rebuild_within_ten_minutes_stops() -> None:
    """The error names the id, and what librdkafka said last."""
    transactor = rebuild_at(0.0, 1.0, 2.0, 599.9)
    for _ in range(3):
        fail(transactor)

    with pytest.raises(ProducerFenced, match=f"worker-0 was lost: {UNKNOWN.str()}"):
        transactor.commit([], {}, None)


def test_producer_that_is_given_up_is_logged() -> None:
    """With librdkafka's own name for the error and its words."""
    with capture_logs() as logged:
        fail(rebuild_at(0.0))

    assert logged == [
        {
            "event": "producer.discarded",
            "log_level": "warning",
            "code": UNKNOWN.name(),
            "reason": UNKNOWN.str(),
        }
    ]
