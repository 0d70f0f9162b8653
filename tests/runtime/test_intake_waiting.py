"""An intake in the middle of a batch, or waiting for its environment."""

from itertools import pairwise

import pytest
from confluent_kafka import KafkaError
from structlog.testing import capture_logs

from registry.errors import PipelineError
from runtime.errors import BrokerRefused
from tests.runtime.scripted_intake import (
    IN_0,
    IN_1,
    LIMIT,
    Bench,
    Unavailable,
    message,
    places,
)

FENCED = KafkaError(KafkaError.FENCED_INSTANCE_ID, fatal=True)


def test_record_that_comes_in_the_middle_of_a_batch_is_kept(ready: Bench) -> None:
    """It is the first of the next batch."""
    ready.consumer.polls.append(message(0))

    assert ready.intake.touch()
    ready.consumer.batch = [message(1)]
    ready.consumer.polls.append(message(2))

    assert places(ready.intake.collect(LIMIT)) == [(0, 0), (0, 1)]
    assert places(ready.intake.collect(1)) == [(0, 2)]
    assert ready.intake.collect(LIMIT) == []


def test_rebalance_in_the_middle_of_a_batch_drops_it(ready: Bench) -> None:
    """All is placed anew; what came early is forgotten with it."""
    ready.consumer.polls += [message(0), lambda: ready.consumer.revoke(IN_1)]
    assert ready.intake.touch()

    assert not ready.intake.touch()

    assert ready.intake.next_offsets == {}
    assert ready.intake.collect(LIMIT) == []
    assert ready.intake.next_offsets == {IN_0: 0}


def test_end_of_the_service_drops_the_batch(ready: Bench) -> None:
    """It is taken again by whoever comes after."""
    ready.stop.set()

    assert not ready.intake.touch()
    assert ready.intake.next_offsets == {}


def test_work_that_a_rebalance_interrupts_is_given_up(ready: Bench) -> None:
    """The hold ends, and the batch must be dropped."""
    ready.consumer.polls.append(lambda: ready.consumer.revoke(IN_1))

    def work() -> None:
        raise Unavailable("down")

    assert ready.intake.persist(work) is None
    assert ready.intake.held == ""
    assert ready.intake.next_offsets == {}


def test_partitions_are_paused_once_while_the_environment_is_down(
    ready: Bench,
) -> None:
    """And resumed when it is back; the reason can be read meanwhile."""
    seen: list[str] = []

    def work() -> str:
        seen.append(ready.intake.held)
        if len(seen) < 4:
            raise Unavailable(f"down {len(seen)}")
        return "done"

    with capture_logs() as logged:
        assert ready.intake.persist(work) == "done"

    assert seen == ["", "down 1", "down 2", "down 3"]
    assert logged == [
        {"event": "intake.held", "log_level": "warning", "reason": "down 1"},
        {"event": "intake.released", "log_level": "info"},
    ]
    assert ready.intake.held == ""
    assert ready.consumer.calls == [("pause", ["all"]), ("resume", ["all"])]


def test_record_that_is_dropped_in_a_hold_comes_again(ready: Bench) -> None:
    """The intake is rewound, for the record was taken from the consumer."""
    ready.consumer.polls.append(message(0))

    def work() -> None:
        raise Unavailable("down")

    assert ready.intake.persist(work) is None
    assert ready.intake.next_offsets == {}


def test_error_that_does_not_pass_is_not_waited_for(ready: Bench) -> None:
    """Work is done once, and nothing is paused."""

    def work() -> None:
        raise PipelineError("a bug")

    with pytest.raises(PipelineError, match="a bug"):
        ready.intake.persist(work)
    assert ready.consumer.calls == []


def test_service_that_ends_while_it_waits_to_begin_takes_nothing(
    bench: Bench,
) -> None:
    """Where to begin is not known, and nobody waits for it any more."""
    bench.consumer.assign(IN_0)
    bench.remembered.down = 1
    bench.stop.set()

    assert bench.intake.collect(LIMIT) == []
    assert bench.consumer.told("assign") == [[]]


def test_errors_of_the_consumer_while_waiting_are_heeded(ready: Bench) -> None:
    """Records that come meanwhile are dropped: the intake has been rewound."""
    ready.intake.rewind()
    ready.consumer.polls += [message(0), message(0, error=FENCED)]

    with pytest.raises(BrokerRefused, match="consuming"):
        ready.intake.wait(0.05)


def test_touch_waits_for_nothing_and_is_a_sign_of_life(ready: Bench) -> None:
    """The batch in hand goes on at once."""
    ready.consumer.clock.now_s = 500.0

    ready.intake.touch()

    assert ready.consumer.waits_s[-1:] == [0]
    assert ready.intake.ticked == 500.0


def test_wait_lasts_as_long_as_it_is_to_last(ready: Bench) -> None:
    """The group and whoever watches see that the worker lives."""
    ready.consumer.waits_s.clear()

    ready.intake.wait(0.5)

    assert ready.consumer.waits_s == [0.2, 0.2, 0.2]
    assert ready.intake.ticked == pytest.approx(100.8, abs=0.25)


def test_environment_that_stays_away_is_asked_less_and_less_often(
    ready: Bench,
) -> None:
    """After a tenth of a second, then twice as long each time, up to five."""
    asked_s: list[float] = []

    def work() -> str:
        asked_s.append(ready.consumer.clock.now_s)
        if len(asked_s) < 10:
            raise Unavailable("down")
        return "done"

    assert ready.intake.persist(work) == "done"

    pauses_s = [later - earlier for earlier, later in pairwise(asked_s)]
    expected_s = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert pauses_s == pytest.approx(expected_s, abs=0.21)
