"""The database of a sink: its locks, its names, and what goes wrong with it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text

from runtime.errors import DatabaseRefused, DatabaseUnavailable
from sinks.database import Database

METADATA = MetaData()
NUMBERS = Table("numbers", METADATA, Column("number", Integer, primary_key=True))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Return a database with one table."""
    database = Database(database_url)
    with closing(database):
        database.create_tables(METADATA)
        yield database


def numbers_in(database: Database) -> list[int]:
    """Return what the table holds, ascending."""
    with database.reading() as connection:
        return list(connection.execute(select(NUMBERS).order_by("number")).scalars())


def test_a_block_that_fails_writes_nothing(database: Database) -> None:
    """All of a transaction is written, or none of it."""
    with database.writing() as connection:
        connection.execute(insert(NUMBERS), [{"number": 1}])

    with pytest.raises(DatabaseRefused, match="refused"):
        _write_two_and_one(database)

    assert numbers_in(database) == [1]


def test_reading_sees_one_state_throughout(database: Database) -> None:
    """What is written meanwhile is seen by the next reader, not by this one."""
    count = text("SELECT count(*) FROM numbers")
    with database.reading() as reader:
        before = reader.execute(count).scalar()
        with database.writing() as writer:
            writer.execute(insert(NUMBERS), [{"number": 1}])
        after = reader.execute(count).scalar()

    assert before == after == 0
    assert numbers_in(database) == [1]


def test_tables_that_exist_are_left_alone(database: Database) -> None:
    """Every start of every worker asks for them."""
    with database.writing() as connection:
        connection.execute(insert(NUMBERS), [{"number": 1}])

    database.create_tables(METADATA)

    assert numbers_in(database) == [1]


def test_what_a_writer_has_read_cannot_change_before_it_writes(tmp_path: Path) -> None:
    """SQLite locks from the beginning of a transaction, not from its first write."""
    first, second = (Database(f"sqlite:///{tmp_path / 'sink.db'}") for _ in range(2))
    with closing(first), closing(second):
        first.create_tables(METADATA)
        second.create_tables(METADATA)
        with first.writing() as reader:
            reader.execute(select(NUMBERS)).all()
            with pytest.raises(DatabaseUnavailable, match="locked"):
                _write_one(second)

        _write_one(second)

        assert numbers_in(first) == [1]


def test_a_file_that_is_replaced_is_opened_anew(tmp_path: Path) -> None:
    """A backup that is put back is what is read and written from then on."""
    path, other = tmp_path / "sink.db", tmp_path / "other.db"
    database, backup = Database(f"sqlite:///{path}"), Database(f"sqlite:///{other}")
    with closing(database), closing(backup):
        database.create_tables(METADATA)
        backup.create_tables(METADATA)
        backup.close()
        other.replace(path)

        _write_one(database)

        assert numbers_in(database) == [1]


def _write_one(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(NUMBERS), [{"number": 1}])


def _write_two_and_one(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(NUMBERS), [{"number": 2}])
        connection.execute(insert(NUMBERS), [{"number": 1}])
