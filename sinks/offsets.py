"""How far a sink has read: one row a partition, moved by compare-and-set."""

from collections.abc import Mapping, Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    select,
)

from runtime.errors import OffsetsTaken
from runtime.records import Partition
from sinks.database import Database


class Offsets:
    """The offsets of one consumer group.

    A row is moved only from what this worker last read or wrote: never from a
    record's own offset, because control records leave gaps.
    """

    def __init__(self, database: Database, metadata: MetaData, *, group: str) -> None:
        self._database = database
        self._group = group
        self._expected: dict[Partition, int | None] = {}
        self._table = Table(
            "offsets",
            metadata,
            Column("consumer_group", Text, primary_key=True),
            Column("topic", Text, primary_key=True),
            Column("partition_number", Integer, primary_key=True),
            Column("next_offset", BigInteger, nullable=False),
        )

    def find(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """Read where the partitions go on, and expect to move them from there.

        Raises:
            DatabaseUnavailable: Ask again later. Retryable.
        """
        rows = self._table.c
        query = select(rows.topic, rows.partition_number, rows.next_offset).where(
            rows.consumer_group == self._group
        )
        with self._database.reading() as connection:
            found = {(row[0], row[1]): row[2] for row in connection.execute(query)}
        self._expected.update((each, found.get(each)) for each in partitions)
        return {each: found[each] for each in partitions if each in found}

    def move(self, connection: Connection, offsets: Mapping[Partition, int]) -> None:
        """Move the offsets within a transaction; `moved` follows its commit.

        Raises:
            OffsetsTaken: Another worker has moved one of them.
        """
        # The same order in every worker: no deadlock.
        for partition, offset in sorted(offsets.items()):
            expected = self._expected.get(partition)
            if expected is None:
                count = self._insert(connection, partition, offset)
            else:
                count = self._update(connection, partition, expected, offset)
            if count != 1:
                raise OffsetsTaken(*partition)

    def moved(self, offsets: Mapping[Partition, int]) -> None:
        """Note that the transaction of `move` is committed."""
        self._expected.update(offsets)

    def _insert(self, connection: Connection, partition: Partition, offset: int) -> int:
        row = self._row(partition, offset)
        statement = self._database.insert(self._table).on_conflict_do_nothing()
        options = {"preserve_rowcount": True}
        return connection.execute(statement, row, execution_options=options).rowcount

    def _update(
        self,
        connection: Connection,
        partition: Partition,
        expected: int,
        offset: int,
    ) -> int:
        row = self._table.c
        statement = (
            self._table.update()
            .where(
                row.consumer_group == self._group,
                row.topic == partition[0],
                row.partition_number == partition[1],
                row.next_offset == expected,
            )
            .values(next_offset=offset)
        )
        return connection.execute(statement).rowcount

    def _row(self, partition: Partition, offset: int) -> dict[str, object]:
        return {
            "consumer_group": self._group,
            "topic": partition[0],
            "partition_number": partition[1],
            "next_offset": offset,
        }
