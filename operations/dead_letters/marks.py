"""What became of the dead letters of a table: a row each, written once."""

import time
from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, select

from operations.dead_letters.letter import Outcome
from runtime.errors import OffsetsTaken
from runtime.records import Partition, Record
from sinks.database import Database
from sinks.offsets import Offsets

METADATA = MetaData()

OUTCOMES = Table(
    "dead_letter_outcomes",
    METADATA,
    Column("letter_id", BigInteger, primary_key=True, autoincrement=False),
    Column("outcome", Text, nullable=False),
    Column("settled_at_ms", BigInteger, nullable=False),
)


def mark(
    database: Database, connection: Connection, letter_id: int, outcome: Outcome
) -> bool:
    """Note within a transaction what becomes of a letter; False if it is settled."""
    row = {
        "letter_id": letter_id,
        "outcome": outcome.value,
        "settled_at_ms": time.time_ns() // 1_000_000,
    }
    statement = database.insert(OUTCOMES).on_conflict_do_nothing()
    options = {"preserve_rowcount": True}
    return connection.execute(statement, row, execution_options=options).rowcount == 1


class Marks(Offsets):
    """Stands where a sink keeps its offsets: a replay moves none, it marks its letter.

    The sink moves offsets in every transaction; so the mark is in the transaction in
    which the sink is done with the record, and a letter that is settled already stops
    it as an offset does that another worker has moved.
    """

    def __init__(self, database: Database, *, group: str) -> None:
        super().__init__(database, MetaData(), group=group)
        self._due: tuple[int, Record] | None = None

    def expect(self, letter_id: int, record: Record) -> None:
        """Name the letter whose record the sink is given next."""
        self._due = letter_id, record

    def find(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """Return nothing: a replay starts nowhere."""
        del partitions
        return {}

    def move(self, connection: Connection, offsets: Mapping[Partition, int]) -> None:
        """Mark the letter if the sink is done with it.

        Raises:
            OffsetsTaken: It is settled already.
        """
        if self._due is None:
            raise TypeError("no letter is expected")
        letter_id, record = self._due
        partition = record.topic, record.partition
        if offsets[partition] > record.offset:
            is_free = mark(self._database, connection, letter_id, Outcome.REPLAYED)
        else:
            query = select(OUTCOMES.c.outcome).where(OUTCOMES.c.letter_id == letter_id)
            is_free = connection.execute(query).first() is None
        if not is_free:
            raise OffsetsTaken(*partition)

    def moved(self, offsets: Mapping[Partition, int]) -> None:
        """Nothing is remembered."""
