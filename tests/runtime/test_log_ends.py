"""Where logs begin and end, and what it means if nobody says so."""

import pytest
from confluent_kafka import KafkaError

from runtime.config import KafkaSettings
from runtime.errors import BrokerUnavailable
from runtime.log_ends import LogEnds
from tests.runtime.mock_cluster import LIST_OFFSETS, MockCluster, mock_cluster

CUT_OFF = KafkaError._TRANSPORT  # noqa: SLF001 - its name


@pytest.mark.parametrize("leaderless", [[0], [0, 1]], ids=["one", "all"])
def test_log_without_a_leader_is_waited_for(leaderless: list[int]) -> None:
    """While brokers start, nobody leads yet: that is no reason to end a service."""
    with mock_cluster() as cluster:
        log_ends = LogEnds(orders_without(leaderless, cluster))

        with pytest.raises(BrokerUnavailable, match="reading the ends of the log"):
            log_ends.get_ranges([("orders", 0), ("orders", 1)])


def test_leader_that_was_elected_meanwhile_is_found() -> None:
    """An answer "your leader epoch is old" must not be the answer for ever."""
    with mock_cluster() as cluster:
        log_ends = LogEnds(orders_without([], cluster))
        before = log_ends.get_ranges([("orders", 0)])
        cluster.elect_leader("orders", 0)

        with pytest.raises(BrokerUnavailable, match="Leader epoch is older"):
            log_ends.get_ranges([("orders", 0)])

        assert log_ends.get_ranges([("orders", 0)]) == before


def test_leaders_that_were_all_away_are_found() -> None:
    """Nor must "no leaders found", once the brokers are back."""
    with mock_cluster() as cluster:
        log_ends = LogEnds(orders_without([0, 1], cluster))
        with pytest.raises(BrokerUnavailable, match="No leaders found"):
            log_ends.get_ranges([("orders", 0), ("orders", 1)])
        for partition in (0, 1):
            cluster.elect_leader("orders", partition)

        found = log_ends.get_ranges([("orders", 0), ("orders", 1)])

        assert found == {("orders", 0): (0, 0), ("orders", 1): (0, 0)}


@pytest.mark.parametrize("error", [CUT_OFF, KafkaError.BROKER_NOT_AVAILABLE])
def test_question_that_is_cut_off_has_no_answer(error: int) -> None:
    """Librdkafka calls it offset -1001: to begin there would skip or repeat records."""
    with mock_cluster() as cluster:
        log_ends = LogEnds(orders_without([], cluster))
        cluster.answer(LIST_OFFSETS, [error])
        with pytest.raises(BrokerUnavailable, match="reading the ends of the log"):
            log_ends.get_ranges([("orders", 0)])

        cluster.answer(LIST_OFFSETS, [error])
        assert log_ends.find([("orders", 0)], timeout_s=5) == {}
        assert log_ends.find([("orders", 0)], timeout_s=5) == {("orders", 0): 0}


def orders_without(leaderless: list[int], cluster: MockCluster) -> KafkaSettings:
    """Create a topic of two partitions, these without a leader."""
    cluster.create_topic("orders", partitions=2)
    for partition in leaderless:
        cluster.take_leader("orders", partition)
    return KafkaSettings(bootstrap_servers=cluster.bootstrap_servers)
