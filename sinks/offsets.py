"""How far a sink has read: one row a partition, moved by compare-and-set."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import structlog
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    select,
)

from runtime.errors import OffsetsTaken
from runtime.records import Partition
from runtime.topic_ids import FindTopicIds
from sinks.database import Database

log = structlog.get_logger()


class _Place(NamedTuple):
    """What a row says: where to go on, and in which topic of that name.

    The id is None in a row of an earlier version, or if nobody knows it.
    """

    next_offset: int
    topic_id: str | None


def by_name_alone(topics: Iterable[str]) -> dict[str, str]:
    """Return no ids: where no broker is asked, a name is all there is of a topic."""
    del topics
    return {}


class Offsets:
    """The offsets of one consumer group.

    A row is moved only from what this worker last read or wrote: never from a
    record's own offset, because control records leave gaps. A row of another topic,
    which had the same name, says nothing of this one.
    """

    def __init__(
        self,
        database: Database,
        metadata: MetaData,
        *,
        group: str,
        find_topic_ids: FindTopicIds = by_name_alone,
    ) -> None:
        self._database = database
        self._group = group
        self._find_topic_ids = find_topic_ids
        self._topic_ids: dict[str, str] = {}
        self._expected: dict[Partition, _Place | None] = {}
        self._table = Table(
            "offsets",
            metadata,
            Column("consumer_group", Text, primary_key=True),
            Column("topic", Text, primary_key=True),
            Column("partition_number", Integer, primary_key=True),
            Column("next_offset", BigInteger, nullable=False),
            Column("topic_id", Text),
        )
        self._update_sql = self._compile_update()

    def find(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """Read where the partitions go on, and expect to move them from there.

        A partition of a topic that was deleted and created again has not been read.

        Raises:
            BrokerUnavailable: The topics' ids cannot be read now. Retryable.
            DatabaseUnavailable: Ask again later. Retryable.
        """
        ids = self._find_topic_ids({topic for topic, _ in partitions})
        places = self._read()
        self._topic_ids.update(ids)
        self._expected.update((each, places.get(each)) for each in partitions)
        return {
            each: places[each].next_offset
            for each in partitions
            if each in places and self._is_of_topic(each, places[each])
        }

    def move(self, connection: Connection, offsets: Mapping[Partition, int]) -> None:
        """Move the offsets within a transaction; `moved` follows its commit.

        Raises:
            OffsetsTaken: Another worker has moved one of them.
        """
        # The same order in every worker: no deadlock.
        for partition, offset in sorted(offsets.items()):
            expected = self._expected.get(partition)
            place = self._place(partition, offset)
            if expected is None:
                count = self._insert(connection, partition, place)
            else:
                count = self._update(connection, partition, expected, place)
            if count != 1:
                raise OffsetsTaken(*partition)

    def moved(self, offsets: Mapping[Partition, int]) -> None:
        """Note that the transaction of `move` is committed."""
        for partition, offset in offsets.items():
            self._expected[partition] = self._place(partition, offset)

    def _read(self) -> dict[Partition, _Place]:
        row = self._table.c
        query = select(
            row.topic, row.partition_number, row.next_offset, row.topic_id
        ).where(row.consumer_group == self._group)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {(each[0], each[1]): _Place(each[2], each[3]) for each in rows}

    def _is_of_topic(self, partition: Partition, place: _Place) -> bool:
        """Tell whether a place is one in the topic that has the name now."""
        topic_id = self._topic_ids.get(partition[0])
        if None in (place.topic_id, topic_id) or place.topic_id == topic_id:
            return True
        log.warning(
            "offset.of_another_topic",
            topic=partition[0],
            partition=partition[1],
            next_offset=place.next_offset,
            topic_id=topic_id,
            former_topic_id=place.topic_id,
        )
        return False

    def _place(self, partition: Partition, offset: int) -> _Place:
        expected = self._expected.get(partition)
        known = None if expected is None else expected.topic_id
        return _Place(offset, self._topic_ids.get(partition[0], known))

    def _insert(
        self, connection: Connection, partition: Partition, place: _Place
    ) -> int:
        row = {
            "consumer_group": self._group,
            "topic": partition[0],
            "partition_number": partition[1],
            **place._asdict(),
        }
        statement = self._database.insert(self._table).on_conflict_do_nothing()
        options = {"preserve_rowcount": True}
        return connection.execute(statement, row, execution_options=options).rowcount

    def _update(
        self,
        connection: Connection,
        partition: Partition,
        expected: _Place,
        place: _Place,
    ) -> int:
        was = (self._group, *partition, *expected)
        return connection.exec_driver_sql(self._update_sql, (*place, *was)).rowcount

    def _compile_update(self) -> str:
        """Return the statement; to make it anew takes far longer than to execute it.

        Its parameters are the place, then the group, the partition and the place that
        is expected.
        """
        row = self._table.c
        statement = (
            self._table.update()
            .values(next_offset=bindparam(None), topic_id=bindparam(None))
            .where(
                row.consumer_group == bindparam(None),
                row.topic == bindparam(None),
                row.partition_number == bindparam(None),
                row.next_offset == bindparam(None),
                row.topic_id.is_not_distinct_from(bindparam(None)),
            )
        )
        return self._database.compile(statement)
