"""Rows by the hundred: each of them is there, whatever their number."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, select

from sinks.bulk import BulkInsert
from sinks.database import Database

METADATA = MetaData()
SUMS = Table(
    "sums",
    METADATA,
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("value", Integer, nullable=False),
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Return a database with one table."""
    database = Database(database_url)
    with closing(database):
        database.create_tables(METADATA)
        yield database


def read(database: Database) -> tuple[int, int]:
    """Return how many rows there are and what their values come to."""
    with database.reading() as connection:
        query = select(func.count(), func.coalesce(func.sum(SUMS.c.value), 0))
        count, value = connection.execute(query).one()
    return count, value


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 250, 299, 300, 301, 659])
def test_every_row_is_inserted_and_counted(database: Database, count: int) -> None:
    """Most go by the hundred, the next by the score, the last one by one."""
    insert = BulkInsert(database, database.insert(SUMS))

    with database.writing() as connection:
        inserted = insert.execute(connection, [(each, 2) for each in range(count)])

    assert inserted == count
    assert read(database) == (count, 2 * count)


def test_rows_that_are_there_are_left_alone_and_not_counted(database: Database) -> None:
    """Of rows in conflict only the new ones count."""
    insert = BulkInsert(database, database.insert(SUMS).on_conflict_do_nothing())

    with database.writing() as connection:
        insert.execute(connection, [(each, 1) for each in range(0, 800, 2)])
        inserted = insert.execute(connection, [(each, 9) for each in range(650)])

    assert inserted == 325
    assert read(database) == (725, 400 + 9 * 325)


def test_rows_that_are_there_are_added_to(database: Database) -> None:
    """What the statement says about a conflict holds for each of many rows."""
    insert = database.insert(SUMS)
    adding = BulkInsert(
        database,
        insert.on_conflict_do_update(
            index_elements=[SUMS.c.key],
            set_={"value": SUMS.c.value + insert.excluded.value},
        ),
    )

    with database.writing() as connection:
        adding.execute(connection, [(each, 1) for each in range(650)])
        adding.execute(connection, [(each, 2) for each in range(350)])

    assert read(database) == (650, 650 + 700)
