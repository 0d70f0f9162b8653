"""What an intake makes of what its group and its consumer say."""

import pytest
from confluent_kafka import KafkaError
from structlog.testing import capture_logs

from runtime.errors import BrokerRefused, OffsetMissing
from tests.runtime.scripted_intake import (
    IN_0,
    IN_1,
    LIMIT,
    Bench,
    message,
    places,
)

RESET = KafkaError(KafkaError._AUTO_OFFSET_RESET)  # noqa: SLF001 - its name
END = KafkaError(KafkaError._PARTITION_EOF)  # noqa: SLF001 - its name
STATE = KafkaError(KafkaError._STATE)  # noqa: SLF001 - its name
TROUBLE = KafkaError(KafkaError._TRANSPORT)  # noqa: SLF001 - its name
FATAL = KafkaError(KafkaError._FATAL)  # noqa: SLF001 - its name
FENCED = KafkaError(KafkaError.FENCED_INSTANCE_ID, fatal=True)


def test_nothing_is_fetched_before_its_place_is_known(bench: Bench) -> None:
    """The group's word alone starts no partition; each starts once, where it must."""
    bench.remembered.offsets = {IN_0: 4}

    bench.consumer.assign(IN_0, IN_1)
    assert bench.consumer.told("assign") == [[]]
    bench.intake.collect(LIMIT)

    assert bench.consumer.told("assign")[1:] == [[("in", 0, 4)], [("in", 1, 0)]]
    assert bench.intake.next_offsets == {IN_0: 4, IN_1: 0}
    assert bench.intake.assigned.is_set()
    assert bench.remembered.asked == [[IN_0, IN_1]]


def test_new_intake_lives_and_waits_for_its_group(bench: Bench) -> None:
    """It holds nothing, and asks its group for nothing a second time."""
    assert bench.intake.held == ""
    assert bench.intake.ticked == bench.consumer.clock.now_s
    assert bench.intake.kafka.bootstrap_servers == "nowhere"

    assert bench.intake.collect(LIMIT) == []

    assert bench.consumer.told("subscribe") == [["in"]]


def test_place_that_the_log_does_not_hold_is_for_people(bench: Bench) -> None:
    """The error names the partition."""
    bench.remembered.offsets = {IN_1: 99}
    bench.consumer.assign(IN_0, IN_1)

    with pytest.raises(OffsetMissing, match="offset 99 comes next") as caught:
        bench.intake.collect(LIMIT)

    assert (caught.value.topic, caught.value.partition) == IN_1


@pytest.mark.parametrize(
    ("bench", "start"), [("earliest", 0), ("latest", 10)], indirect=["bench"]
)
def test_place_that_the_log_does_not_hold_is_replaced_if_people_say_so(
    bench: Bench, start: int
) -> None:
    """By the first offset of the log or the one after its last."""
    bench.remembered.offsets = {IN_0: 99}
    bench.consumer.assign(IN_0)

    bench.intake.collect(LIMIT)

    assert bench.intake.next_offsets == {IN_0: start}


def test_batch_tells_how_far_it_comes(ready: Bench) -> None:
    """By partition; one that it has nothing of is left out."""
    ready.consumer.polls.append(message(0))
    ready.consumer.batch = [message(1), message(2)]

    ready.intake.collect(LIMIT)

    assert ready.intake.collected_up_to == {IN_0: 3}


def test_lost_partition_is_not_ours_any_more(ready: Bench) -> None:
    """Its records are left out, as after a revocation."""
    ready.consumer.lose(IN_0)
    ready.consumer.polls.append(message(0))

    assert ready.intake.collect(LIMIT) == []
    assert ready.intake.next_offsets == {IN_1: 0}


def test_first_assignment_is_asked_for_once_more(bench: Bench) -> None:
    """What a dead predecessor was to hand over would stay without an owner."""
    bench.intake.subscribe(["in.put"])
    bench.consumer.assign(IN_0)

    bench.intake.collect(LIMIT)
    told = bench.consumer.told("subscribe")
    bench.consumer.assign(IN_1)
    bench.intake.collect(LIMIT)

    assert told == [["in"], ["in.put"], ["^in[.]put$"]]
    assert bench.consumer.told("subscribe") == told


def test_partition_that_stays_is_fetched_anew_after_a_rebalance(ready: Bench) -> None:
    """From its next offset: librdkafka may leave it silent otherwise."""
    ready.intake.advance({IN_0: 3})
    ready.consumer.revoke(IN_1)

    ready.intake.collect(LIMIT)

    assert ready.consumer.calls[:3] == [
        ("unassign", [IN_1]),
        ("unassign", [IN_0]),
        ("assign", [("in", 0, 3)]),
    ]
    assert ready.intake.next_offsets == {IN_0: 3}


def test_partition_that_stays_is_fetched_anew_once_more_are_given(
    bench: Bench,
) -> None:
    """Once: batches that follow leave the fetching as it is."""
    bench.consumer.assign(IN_0)
    bench.intake.collect(LIMIT)
    bench.consumer.calls.clear()

    bench.consumer.assign(IN_1)
    bench.intake.collect(LIMIT)
    bench.intake.collect(LIMIT)

    assert bench.consumer.told("assign") == [[], [("in", 0, 0)], [("in", 1, 0)]]


def test_callback_that_fails_inside_librdkafka_loses_no_record(ready: Bench) -> None:
    """An exception there would; the partition is placed all the same."""
    ready.consumer.refuses = {"unassign", "assign"}
    with capture_logs() as logged:
        ready.consumer.revoke(IN_0)
        ready.consumer.assign(IN_0)
    ready.consumer.refuses = set()

    ready.consumer.polls.append(message(0))

    assert places(ready.intake.collect(LIMIT)) == [(0, 0)]
    assert [each["event"] for each in logged] == ["assignment.not_changed"] * 2
    assert logged[0]["reason"] == STATE.str()


def test_batch_has_the_first_record_and_all_that_follow(ready: Bench) -> None:
    """As many as are asked for, and no longer than the settings allow."""
    ready.consumer.polls.append(message(0))
    ready.consumer.batch = [message(1), message(0, partition=1)]

    records = ready.intake.collect(LIMIT)

    assert places(records) == [(0, 0), (0, 1), (1, 0)]
    assert ready.consumer.told("consume") == [(LIMIT - 1, 0.03)]


def test_one_record_is_not_waited_beside(ready: Bench) -> None:
    """Whoever takes one gets one, at once."""
    ready.consumer.polls.append(message(0))

    assert places(ready.intake.collect(1)) == [(0, 0)]
    assert ready.consumer.told("consume") == []


def test_second_record_is_waited_for_by_whoever_takes_two(ready: Bench) -> None:
    """It is not left to the next batch."""
    ready.consumer.polls.append(message(0))
    ready.consumer.batch = [message(1)]

    assert places(ready.intake.collect(2)) == [(0, 0), (0, 1)]


@pytest.mark.parametrize("error", [FATAL, FENCED])
def test_consumer_that_has_ended_for_good_ends_the_service(
    ready: Bench, error: KafkaError
) -> None:
    """It would hand out nothing any more."""
    ready.consumer.polls.append(message(0, error=error))

    with pytest.raises(BrokerRefused) as caught:
        ready.intake.collect(LIMIT)
    assert caught.value.doing == "consuming"


def test_partition_whose_offset_is_lost_is_placed_anew(ready: Bench) -> None:
    """The others go on, the records beside the error too."""
    ready.remembered.offsets = {IN_0: 5}
    ready.consumer.polls.append(message(0, error=RESET))
    ready.consumer.batch = [message(0, partition=1)]

    assert places(ready.intake.collect(LIMIT)) == [(1, 0)]
    ready.intake.collect(LIMIT)

    assert ready.intake.next_offsets == {IN_0: 5, IN_1: 0}


def test_passing_trouble_of_the_consumer_costs_no_record(ready: Bench) -> None:
    """It is dealt with elsewhere; what stands beside it counts."""
    ready.consumer.polls.append(message(0, error=TROUBLE))
    ready.consumer.batch = [message(0)]

    with capture_logs() as logged:
        assert places(ready.intake.collect(LIMIT)) == [(0, 0)]
    assert logged == [
        {
            "event": "consumer.error",
            "log_level": "warning",
            "code": TROUBLE.name(),
            "reason": TROUBLE.str(),
        }
    ]


def test_drained_is_who_has_read_every_log_to_its_end(ready: Bench) -> None:
    """Where markers end a log its end must have been reached."""
    assert ready.intake.lags() == {IN_0: 10, IN_1: 11}
    ready.intake.note_log_ends({IN_0: 12})
    assert ready.intake.known_lags == {IN_0: 12, IN_1: 11}
    ready.intake.advance({IN_0: 12, IN_1: 9})
    assert not ready.intake.is_drained

    ready.consumer.polls.append(message(11, partition=1, error=END))
    assert ready.intake.collect(LIMIT) == []

    assert ready.intake.known_lags == {IN_0: 0, IN_1: 0}
    assert ready.intake.is_drained


def test_end_that_was_reached_at_once_hides_nothing_that_came_later(
    ready: Bench,
) -> None:
    """Records behind it are still ahead."""
    ready.consumer.polls.append(message(0, error=END))

    ready.intake.collect(LIMIT)

    assert ready.intake.known_lags[IN_0] == 10


def test_first_record_is_waited_for_a_fifth_of_a_second(ready: Bench) -> None:
    """Long enough to cost nothing, short enough to notice the end of the service."""
    ready.consumer.clock.now_s = 500.0

    assert ready.intake.collect(LIMIT) == []

    assert ready.consumer.waits_s[-1:] == [0.2]
    assert ready.intake.ticked == 500.0


def test_fetch_that_is_refused_ends_the_service(bench: Bench) -> None:
    """It would be refused again; the error says what was going on."""
    bench.consumer.assign(IN_0)
    bench.consumer.refuses = {"assign"}

    with pytest.raises(BrokerRefused) as caught:
        bench.intake.collect(LIMIT)

    assert caught.value.doing == "starting to fetch"


def test_nobody_is_drained_before_partitions_are_placed(bench: Bench) -> None:
    """Nothing to read is something else than not knowing."""
    assert not bench.intake.is_drained

    bench.consumer.assign(IN_0)
    assert not bench.intake.is_drained


def test_group_is_told_how_far_it_is_and_may_refuse(ready: Bench) -> None:
    """Lag tools see it; nothing depends on it."""
    ready.consumer.refuses = {"commit"}
    ready.intake.advance({IN_0: 3})

    ready.intake.commit_hint()

    assert ready.consumer.told("commit") == [([("in", 0, 3), ("in", 1, 0)], True)]


def test_transaction_gets_the_group_from_the_consumer(bench: Bench) -> None:
    """Its generation is what brokers check."""
    assert bench.intake.group_metadata() == "the group"


def test_closed_intake_closes_its_consumer(bench: Bench) -> None:
    """Nothing is fetched any more."""
    bench.intake.close()

    assert bench.consumer.told("close") == [None]
