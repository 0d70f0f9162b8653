"""What the transactor decides about errors, and when it gives up."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from runtime.errors import BrokerRefused, ProducerFenced, TransactionAborted
from runtime.records import Output
from runtime.transactions import Answer, CallLimits, Transactor, decide

OUTPUT = Output("out", b"key", b"value")
OFFSETS = {("in", 0): 1}
LIMITS = CallLimits()


def error(code: int, **flags: bool) -> KafkaError:
    """Return an error as librdkafka hands it over."""
    return KafkaError(code, None, **flags)


FENCED = error(KafkaError._FENCED, fatal=True)  # noqa: SLF001 - its name
ABORTABLE = error(KafkaError.ILLEGAL_GENERATION, txn_requires_abort=True)
FORBIDDEN = error(KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, fatal=True)
RETRIABLE = error(KafkaError.NOT_COORDINATOR, retriable=True)
LATE = error(KafkaError._TIMED_OUT, retriable=True)  # noqa: SLF001 - its name


class ScriptedProducer:
    """A producer whose calls fail as scripted: method name -> errors, in order."""

    def __init__(self, **errors: list[KafkaError]) -> None:
        self.errors = errors
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        def call(*_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401 - any call
            self.calls.append(name)
            if self.errors.get(name):
                raise KafkaException(self.errors[name].pop(0))

        return call


def transactor_on(
    *producers: ScriptedProducer, limits: CallLimits = LIMITS
) -> Transactor:
    """Return a transactor that builds the given producers, one after the other."""
    waiting = iter(producers)
    return Transactor(
        lambda: next(waiting),  # type: ignore[arg-type,return-value] # a scripted one
        transactional_id="worker-0",
        limits=limits,
        sleep=lambda _pause_s: None,
    )


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (FENCED, Answer.REBUILD),
        (error(KafkaError._CONFLICT, fatal=True, retriable=True), Answer.REBUILD),  # noqa: SLF001 - its name
        (ABORTABLE, Answer.ABORT),
        (
            error(KafkaError.NOT_COORDINATOR, retriable=True, txn_requires_abort=True),
            Answer.ABORT,
        ),
        (RETRIABLE, Answer.RETRY),
        (LATE, Answer.REBUILD),
        (error(KafkaError.MSG_SIZE_TOO_LARGE), Answer.ABORT),
        (error(KafkaError.TOPIC_AUTHORIZATION_FAILED), Answer.REBUILD),
        (error(KafkaError.UNKNOWN), Answer.REBUILD),
    ],
    ids=lambda value: value.name() if isinstance(value, KafkaError) else value.name,
)
def test_every_error_has_one_answer(given: KafkaError, answer: Answer) -> None:
    """Fatal comes before abortable, abortable before retriable; unknown is fatal."""
    assert decide(given) is answer


def test_batch_commits_in_the_fixed_order() -> None:
    """Outputs and offsets stand between begin and commit."""
    producer = ScriptedProducer()

    transactor_on(producer).commit([OUTPUT], OFFSETS, None)

    assert producer.calls == [
        "init_transactions",
        "begin_transaction",
        "produce",
        "send_offsets_to_transaction",
        "flush",
        "commit_transaction",
    ]


def test_outputs_without_offsets_commit_without_a_group() -> None:
    """A source that reads no topic commits what it writes, and nothing else."""
    producer = ScriptedProducer()

    transactor_on(producer).commit_outputs([OUTPUT, OUTPUT])

    assert producer.calls == [
        "init_transactions",
        "begin_transaction",
        "produce",
        "produce",
        "flush",
        "commit_transaction",
    ]


def test_retriable_step_is_done_again() -> None:
    """A step that was not done is repeated; the batch commits."""
    producer = ScriptedProducer(commit_transaction=[RETRIABLE, RETRIABLE])

    transactor_on(producer).commit([OUTPUT], OFFSETS, None)

    assert producer.calls.count("commit_transaction") == 3


def test_abortable_error_aborts_and_keeps_the_producer() -> None:
    """After an abort the same producer takes the next batch."""
    producer = ScriptedProducer(send_offsets_to_transaction=[ABORTABLE])
    transactor = transactor_on(producer)

    with pytest.raises(TransactionAborted):
        transactor.commit([OUTPUT], OFFSETS, None)
    transactor.commit([OUTPUT], OFFSETS, None)

    assert producer.calls.count("abort_transaction") == 1
    assert producer.calls.count("init_transactions") == 1


def test_fatal_error_discards_the_producer() -> None:
    """A fatal error is never outlived: the next batch runs on a new producer."""
    fenced, fresh = ScriptedProducer(commit_transaction=[FENCED]), ScriptedProducer()
    transactor = transactor_on(fenced, fresh)

    with pytest.raises(TransactionAborted):
        transactor.commit([OUTPUT], OFFSETS, None)
    transactor.commit([OUTPUT], OFFSETS, None)

    assert "abort_transaction" not in fenced.calls
    assert fresh.calls[-1] == "commit_transaction"


def test_call_that_never_ends_is_left_behind() -> None:
    """The batch is given up in time, and the next one runs on a new producer."""
    stuck, fresh = ScriptedProducer(), ScriptedProducer()
    is_over = threading.Event()
    stuck.send_offsets_to_transaction = lambda *_: is_over.wait(5)  # type: ignore[attr-defined] # as librdkafka does
    transactor = transactor_on(stuck, fresh, limits=CallLimits(batch_s=0.05))

    with pytest.raises(TransactionAborted, match=r"no answer within 0[.]05 s"):
        transactor.commit([OUTPUT], OFFSETS, None)
    transactor.commit([OUTPUT], OFFSETS, None)
    is_over.set()

    assert fresh.calls[-1] == "commit_transaction"


def test_broker_that_does_not_answer_is_no_rival() -> None:
    """However often the broker is late, the service does not end as fenced."""
    producers = [ScriptedProducer(commit_transaction=[LATE]) for _ in range(10)]
    transactor = transactor_on(*producers, ScriptedProducer())

    for _ in producers:
        with pytest.raises(TransactionAborted):
            transactor.commit([OUTPUT], OFFSETS, None)

    transactor.commit([OUTPUT], OFFSETS, None)


def test_coordinator_that_is_late_at_the_start_is_waited_for() -> None:
    """A new producer that gets no id yet is an abort, not the end."""
    transactor = transactor_on(ScriptedProducer(init_transactions=[LATE]))

    with pytest.raises(TransactionAborted):
        transactor.open()


def test_commit_that_stays_unknown_discards_the_producer() -> None:
    """When a commit times out for good, only a new producer can end what is open."""
    silent = ScriptedProducer(commit_transaction=[RETRIABLE] * 20)
    transactor = transactor_on(silent, ScriptedProducer())

    with pytest.raises(TransactionAborted):
        transactor.commit([OUTPUT], OFFSETS, None)

    transactor.commit([OUTPUT], OFFSETS, None)


def test_failing_abort_discards_the_producer() -> None:
    """An abort that is refused leaves a producer that nobody may use again."""
    broken = ScriptedProducer(
        commit_transaction=[ABORTABLE], abort_transaction=[FENCED]
    )
    transactor = transactor_on(broken, ScriptedProducer())

    with pytest.raises(TransactionAborted):
        transactor.commit([OUTPUT], OFFSETS, None)

    transactor.commit([OUTPUT], OFFSETS, None)


def test_fenced_again_at_once_stops() -> None:
    """A fence right after a rebuild means a rival: stop instead of fighting."""
    producers = [ScriptedProducer(commit_transaction=[FENCED]) for _ in range(2)]
    transactor = transactor_on(*producers)
    with pytest.raises(TransactionAborted):
        transactor.commit([OUTPUT], OFFSETS, None)

    with pytest.raises(ProducerFenced, match="worker-0"):
        transactor.commit([OUTPUT], OFFSETS, None)


def test_too_many_rebuilds_stop() -> None:
    """More than three rebuilds in ten minutes end the service."""
    unknown = error(KafkaError.UNKNOWN)
    transactor = transactor_on(
        *(ScriptedProducer(begin_transaction=[unknown]) for _ in range(4))
    )
    for _ in range(3):
        with pytest.raises(TransactionAborted):
            transactor.commit([OUTPUT], OFFSETS, None)

    with pytest.raises(ProducerFenced):
        transactor.commit([OUTPUT], OFFSETS, None)


def test_refused_record_is_told_from_a_sick_coordinator() -> None:
    """Only an error that one record can cause may lead to isolation."""
    too_large = ScriptedProducer(produce=[error(KafkaError.MSG_SIZE_TOO_LARGE)])
    sick = ScriptedProducer(send_offsets_to_transaction=[ABORTABLE])

    with pytest.raises(TransactionAborted) as refused:
        transactor_on(too_large).commit([OUTPUT], OFFSETS, None)
    with pytest.raises(TransactionAborted) as aborted:
        transactor_on(sick).commit([OUTPUT], OFFSETS, None)

    assert refused.value.is_record_fault
    assert not aborted.value.is_record_fault


class StuckProducer(ScriptedProducer):
    """A producer that never sends its last record."""

    def flush(self, _timeout_s: float) -> int:
        """Tell that one is left."""
        return 1


class ReportingProducer(ScriptedProducer):
    """A producer that tells what became of its record, as librdkafka does in a flush.

    Args:
        report: What becomes of it; None is a delivery.
        looks: Flushes before that is known.
        left: Records that are left then, and never sent.
    """

    def __init__(self, report: KafkaError | None, *, looks: int, left: int) -> None:
        super().__init__()
        self._report = report
        self._looks = looks
        self._left = left
        self._note: Callable[[KafkaError | None, None], None] | None = None

    def produce(self, *arguments: Any) -> None:  # noqa: ANN401 - librdkafka's own
        """Take the record, and who is to be told of it."""
        self._note = arguments[4]

    def flush(self, _timeout_s: float) -> int:
        """Tell it when it is known; return how many are left."""
        self._looks -= 1
        if self._looks > 0:
            return 1
        if self._note is not None:
            self._note(self._report, None)
        return self._left


class FullProducer(ScriptedProducer):
    """A producer without room for the first two tries."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self._refusals = 2

    def produce(self, *_arguments: Any) -> None:  # noqa: ANN401 - librdkafka's own
        """Have no room, or take the record."""
        if self._refusals:
            self._refusals -= 1
            raise BufferError
        self.taken += 1


def test_refusal_ends_the_wait_for_what_cannot_be_sent_any_more() -> None:
    """It is known at once, not when a flush has lasted to its time limit."""
    producer = ReportingProducer(error(KafkaError.MSG_SIZE_TOO_LARGE), looks=1, left=1)

    with pytest.raises(TransactionAborted) as refused:
        transactor_on(producer).commit([OUTPUT], OFFSETS, None)

    assert refused.value.is_record_fault
    assert producer.calls[-1] == "abort_transaction"
    assert "commit_transaction" not in producer.calls


def test_refusal_that_is_no_records_fault_is_left_to_the_commit() -> None:
    """The commit says what it means for the transaction; nothing is isolated."""
    producer = ReportingProducer(
        error(KafkaError.TOPIC_AUTHORIZATION_FAILED), looks=1, left=1
    )
    producer.errors["commit_transaction"] = [ABORTABLE]

    with pytest.raises(TransactionAborted) as aborted:
        transactor_on(producer).commit([OUTPUT], OFFSETS, None)

    assert not aborted.value.is_record_fault
    assert producer.calls[-2:] == ["commit_transaction", "abort_transaction"]


def test_flush_that_takes_some_time_is_waited_for() -> None:
    """What is under way when brokers are slow is no reason to abort."""
    producer = ReportingProducer(None, looks=3, left=0)

    transactor_on(producer).commit([OUTPUT], OFFSETS, None)

    assert producer.calls[-1] == "commit_transaction"


def test_flush_that_does_not_end_gives_the_producer_up() -> None:
    """Brokers that take nothing are no rival: the next batch has a new producer."""
    fresh = ScriptedProducer()
    limits = CallLimits(batch_s=0.0)
    transactor = transactor_on(StuckProducer(), fresh, limits=limits)

    with pytest.raises(TransactionAborted):
        transactor.commit([OUTPUT], OFFSETS, None)
    transactor.open()

    assert fresh.calls == ["init_transactions"]


def test_full_queue_is_waited_for() -> None:
    """Nothing of a batch is left out when librdkafka has no room for the moment."""
    producer = FullProducer()

    transactor_on(producer).commit([OUTPUT], OFFSETS, None)

    assert producer.calls.count("poll") == 2
    assert producer.taken == 1


def test_closed_transactor_has_another_producer_next_time() -> None:
    """Nothing is done any more under the old one."""
    first, second = ScriptedProducer(), ScriptedProducer()
    transactor = transactor_on(first, second)
    transactor.open()

    transactor.close()
    transactor.open()

    assert second.calls == ["init_transactions"]


def test_call_that_is_retriable_for_ever_is_given_up() -> None:
    """After the last retry its error is treated as one that stays."""
    producer = ScriptedProducer(begin_transaction=[RETRIABLE] * 100)

    with pytest.raises(TransactionAborted):
        transactor_on(producer).commit([OUTPUT], OFFSETS, None)

    assert 10 < producer.calls.count("begin_transaction") < 20


@pytest.mark.parametrize(
    ("refusal", "end"), [(FENCED, ProducerFenced), (FORBIDDEN, BrokerRefused)]
)
def test_refusal_at_the_start_is_final(refusal: KafkaError, end: type) -> None:
    """A coordinator that gives the id to a rival, or to nobody, is not asked again."""
    with pytest.raises(end, match=r"worker-0|acquiring the transactional id"):
        transactor_on(ScriptedProducer(init_transactions=[refusal])).open()


def test_coordinator_that_loads_is_asked_again() -> None:
    """`init_transactions` right after a broker's start may time out: retryable."""
    loading = ScriptedProducer(init_transactions=[RETRIABLE])
    transactor = transactor_on(loading, ScriptedProducer())

    with pytest.raises(TransactionAborted):
        transactor.open()

    transactor.open()
