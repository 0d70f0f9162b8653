"""Where a group begins: what it committed, and never before what it has marked."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from operations.stack import Addresses
from operations.stack.topics import create_and_wait
from registry.errors import ConfigError
from runtime.config import KafkaSettings
from runtime.errors import BrokerUnavailable
from runtime.positions_topic import PositionsTopic
from runtime.records import Output, Partition
from runtime.start_offsets import MarkedOffsets

GROUP = "pricing"


class Committed:
    """A coordinator that answers with whatever it is told to remember."""

    def __init__(self, offsets: Mapping[Partition, int]) -> None:
        self.offsets = offsets

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> Mapping[Partition, int]:
        """Return what it remembers of the partitions."""
        return {each: self.offsets[each] for each in partitions if each in self.offsets}


class Groups:
    """Groups that read one topic and keep their marks in another."""

    def __init__(self, kafka: KafkaSettings, source: str, positions: str) -> None:
        self.kafka = kafka
        self.source = source
        self.positions = positions

    def open(
        self, committed: Mapping[int, int] | None = None, *, group: str = GROUP
    ) -> MarkedOffsets:
        """Return the offsets of a group whose coordinator remembers these."""
        remembered = {(self.source, n): at for n, at in (committed or {}).items()}
        return MarkedOffsets(
            Committed(remembered),
            PositionsTopic(self.kafka, self.positions, patience_s=1),
            group=group,
            kafka=self.kafka,
        )

    def find(
        self, committed: Mapping[int, int] | None = None, *, group: str = GROUP
    ) -> dict[int, int]:
        """Return where such a group begins on partitions 0 and 1."""
        offsets = self.open(committed, group=group)
        found = offsets.find_start_offsets([(self.source, 0), (self.source, 1)])
        return {number: offset for (_, number), offset in found.items()}

    def mark(self, *steps: Mapping[int, int], group: str = GROUP) -> None:
        """Have the group mark its way, in one transaction."""
        producer = self.open_producer(f"{self.positions}-{group}")
        offsets = self.open(group=group)
        offsets.find_start_offsets([(self.source, 0), (self.source, 1)])
        producer.begin_transaction()
        for step in steps:
            places = {(self.source, number): offset for number, offset in step.items()}
            self.produce(producer, offsets.to_outputs(places))
        producer.commit_transaction()

    def to_outputs(
        self, step: Mapping[int, int], *, group: str = GROUP
    ) -> list[Output]:
        """Return the marks of a step."""
        offsets = self.open(group=group)
        places = {(self.source, number): offset for number, offset in step.items()}
        offsets.find_start_offsets([*places])
        return offsets.to_outputs(places)

    def open_producer(self, transactional_id: str) -> Producer:
        """Return a transactional producer that can begin."""
        servers = self.kafka.bootstrap_servers
        properties = {
            "bootstrap.servers": servers,
            "transactional.id": transactional_id,
        }
        producer = Producer(properties)
        producer.init_transactions(30)
        return producer

    def produce(self, producer: Producer, outputs: Sequence[Output]) -> None:
        """Write marks into an open transaction."""
        for each in outputs:
            producer.produce(each.topic, each.value, each.key, each.partition)
        producer.flush(30)


@pytest.fixture
def groups(stack: Addresses, new_topic: Callable[..., str]) -> Groups:
    """Return groups on a topic of two partitions."""
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers)
    positions = new_topic("positions", partitions=2, cleanup_policy="compact")
    return Groups(kafka, new_topic("orders", partitions=2), positions)


def test_group_that_marked_nothing_begins_where_it_committed(groups: Groups) -> None:
    """So did every group before marks were written."""
    assert groups.find() == {}
    assert groups.find({0: 5}) == {0: 5}


def test_coordinator_that_answers_with_old_offsets_is_not_believed(
    groups: Groups,
) -> None:
    """What was marked is done: to begin before it would do it twice."""
    groups.mark({0: 10, 1: 20}, {0: 15})

    assert groups.find({0: 3, 1: 20}) == {0: 15, 1: 20}


def test_offsets_that_expired_are_known_all_the_same(groups: Groups) -> None:
    """A group that was away for weeks goes on where it was."""
    groups.mark({0: 10})

    assert groups.find() == {0: 10}


def test_group_that_was_moved_forward_stays_there(groups: Groups) -> None:
    """People may skip records by the tools that they know."""
    groups.mark({0: 10})

    assert groups.find({0: 12}) == {0: 12}


def test_marks_of_other_groups_do_not_count(groups: Groups) -> None:
    """Each group has its own way through the topic, however long the others' is."""
    groups.mark({0: 1}, group="early")
    groups.mark(*({0: number} for number in range(100)), group="busy")

    assert groups.find(group="early") == {0: 1}
    assert groups.find() == {}


def test_mark_whose_transaction_is_open_is_waited_for(groups: Groups) -> None:
    """Nobody begins while a predecessor may still commit; its abort marks nothing."""
    groups.mark({0: 10})
    predecessor = groups.open_producer(f"{groups.positions}-predecessor")
    predecessor.begin_transaction()
    groups.produce(predecessor, groups.to_outputs({1: 99}))

    with pytest.raises(BrokerUnavailable, match="is a transaction of another writer"):
        groups.find()
    predecessor.abort_transaction(30)

    assert groups.find() == {0: 10}


def test_topic_that_was_created_again_is_read_from_its_beginning(
    groups: Groups,
) -> None:
    """Marks of its namesake would skip records that nobody has processed."""
    groups.mark({0: 10})
    admin = AdminClient({"bootstrap.servers": groups.kafka.bootstrap_servers})
    admin.delete_topics([groups.source])[groups.source].result(30)

    create_and_wait(groups.kafka, [NewTopic(groups.source, num_partitions=2)])

    assert groups.find() == {}


@pytest.mark.parametrize("content", [b"3", b"{}", b"not JSON"])
def test_what_is_no_mark_is_refused(content: bytes, groups: Groups) -> None:
    """Who names a topic of something else learns it before anything is processed."""
    (output,) = groups.to_outputs({0: 1})
    producer = groups.open_producer(groups.positions)
    producer.begin_transaction()
    groups.produce(producer, [output._replace(value=content)])
    producer.commit_transaction()

    with pytest.raises(ConfigError, match=f"holds no mark of group {GROUP}") as caught:
        groups.find()

    assert caught.value.exit_code == 78
