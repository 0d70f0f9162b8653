"""What an intake makes of what its group and its consumer say."""

import threading
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from confluent_kafka import KafkaError
from structlog.testing import capture_logs

from registry.errors import PipelineError
from runtime.config import KafkaSettings, LoopSettings
from runtime.errors import BrokerRefused
from runtime.intake import Intake
from runtime.records import Partition, Record
from tests.runtime.scripted_consumer import IN_0, IN_1, ScriptedConsumer, message

LIMIT = 100
RESET = KafkaError(KafkaError._AUTO_OFFSET_RESET)  # noqa: SLF001 - its name
END = KafkaError(KafkaError._PARTITION_EOF)  # noqa: SLF001 - its name
TROUBLE = KafkaError(KafkaError._TRANSPORT)  # noqa: SLF001 - its name
FATAL = KafkaError(KafkaError._FATAL)  # noqa: SLF001 - its name
FENCED = KafkaError(KafkaError.FENCED_INSTANCE_ID, fatal=True)


class Unavailable(PipelineError):
    """An environment that is down."""

    retryable = True


class Remembered:
    """Start offsets as a dictionary; `down` says how often they cannot be had."""

    def __init__(self) -> None:
        self.offsets: dict[Partition, int] = {}
        self.down = 0

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> dict[Partition, int]:
        """Return what is remembered."""
        del partitions
        if self.down:
            self.down -= 1
            raise Unavailable("down")
        return self.offsets


class WholeLogs:
    """Logs that hold ten records each."""

    def __init__(self, _kafka: KafkaSettings) -> None:
        """Take the address."""

    def get_ranges(
        self, partitions: Sequence[Partition]
    ) -> dict[Partition, tuple[int, int]]:
        """Return where they begin and end."""
        return dict.fromkeys(partitions, (0, 10))


class Bench(NamedTuple):
    """An intake with all that it stands on."""

    intake: Intake
    consumer: ScriptedConsumer
    remembered: Remembered
    stop: threading.Event


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Return an intake of the topic `in` whose group has given it nothing yet."""
    monkeypatch.setattr("runtime.intake.LogEnds", WholeLogs)
    consumer, remembered, stop = ScriptedConsumer(), Remembered(), threading.Event()
    intake = Intake(
        consumer,  # type: ignore[arg-type] # behaves as one
        remembered,
        kafka=KafkaSettings(bootstrap_servers="nowhere"),
        settings=LoopSettings(group="worker", collect_s=0.03),
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


def places(records: Sequence[Record]) -> list[tuple[int, int]]:
    """Return partition number and offset of each record."""
    return [(each.partition, each.offset) for each in records]


def test_nothing_is_fetched_before_its_place_is_known(bench: Bench) -> None:
    """The group's word alone starts no partition; each starts once, where it must."""
    bench.remembered.offsets = {IN_0: 4}

    bench.consumer.assign(IN_0, IN_1)
    assert bench.consumer.told("assign") == [[]]
    bench.intake.collect(LIMIT)

    assert bench.consumer.told("assign")[1:] == [[("in", 0, 4)], [("in", 1, 0)]]
    assert bench.intake.next_offsets == {IN_0: 4, IN_1: 0}
    assert bench.intake.assigned.is_set()


def test_first_assignment_is_asked_for_once_more(bench: Bench) -> None:
    """What a dead predecessor was to hand over would stay without an owner."""
    bench.intake.subscribe(["in.put"])
    bench.consumer.assign(IN_0)

    bench.intake.collect(LIMIT)
    bench.consumer.assign(IN_1)
    bench.intake.collect(LIMIT)

    assert bench.consumer.told("subscribe") == [["in"], ["in.put"], ["^in[.]put$"]]


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


def test_callback_that_fails_inside_librdkafka_loses_no_record(ready: Bench) -> None:
    """An exception there would; the partition is placed all the same."""
    ready.consumer.refuses = {"unassign", "assign"}
    ready.consumer.revoke(IN_0)
    ready.consumer.assign(IN_0)
    ready.consumer.refuses = set()

    ready.consumer.polls.append(message(0))

    assert places(ready.intake.collect(LIMIT)) == [(0, 0)]


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


def test_record_that_comes_in_the_middle_of_a_batch_is_kept(ready: Bench) -> None:
    """It is the first of the next batch."""
    ready.consumer.polls.append(message(0))

    assert ready.intake.touch()
    ready.consumer.batch = [message(1)]

    assert places(ready.intake.collect(LIMIT)) == [(0, 0), (0, 1)]
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
        if len(seen) < 3:
            raise Unavailable(f"down {len(seen)}")
        return "done"

    assert ready.intake.persist(work) == "done"

    assert seen == ["", "down 1", "down 2"]
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


def test_touch_waits_for_nothing_and_is_a_sign_of_life(ready: Bench) -> None:
    """The batch in hand goes on at once."""
    before = ready.intake.ticked
    ready.consumer.waits_s.clear()

    ready.intake.touch()

    assert ready.consumer.waits_s == [0]
    assert ready.intake.ticked > before


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
