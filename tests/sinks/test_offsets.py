"""How far a sink has read: in which topic of a name, and who has moved it."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import MetaData

from runtime.errors import OffsetsTaken
from runtime.records import Partition
from sinks.database import Database
from sinks.offsets import Offsets, by_name_alone

PLACE = ("orders", 0)
FORMER, TODAY = {"orders": "former"}, {"orders": "today"}


class Reader:
    """A worker with its own view of the offsets."""

    def __init__(self, url: str, topic_ids: Mapping[str, str]) -> None:
        self.database = Database(url)
        metadata = MetaData()
        find_topic_ids = (lambda _: topic_ids) if topic_ids else by_name_alone
        self.offsets = Offsets(
            self.database, metadata, group="sink", find_topic_ids=find_topic_ids
        )
        self.database.create_tables(metadata)

    def find(self) -> dict[Partition, int]:
        """Return where it would go on."""
        return self.offsets.find([PLACE])

    def move(self, offset: int) -> None:
        """Move the offset of the partition."""
        with self.database.writing() as connection:
            self.offsets.move(connection, {PLACE: offset})
        self.offsets.moved({PLACE: offset})


@contextmanager
def reading(url: str, topic_ids: Mapping[str, str]) -> Iterator[Reader]:
    """Give a worker that has asked where to go on."""
    reader = Reader(url, topic_ids)
    with closing(reader.database):
        reader.find()
        yield reader


def test_offset_of_a_topic_that_was_created_again_does_not_count(
    database_url: str,
) -> None:
    """The new topic has not been read, however far its namesake was."""
    with reading(database_url, FORMER) as reader:
        reader.move(100)

    with reading(database_url, TODAY) as reader:
        assert reader.find() == {}


def test_offset_in_the_new_topic_takes_the_place_of_the_former(
    database_url: str,
) -> None:
    """From its first batch on, also where it is behind the former offset."""
    with reading(database_url, FORMER) as reader:
        reader.move(100)

    with reading(database_url, TODAY) as reader:
        reader.move(7)
        reader.move(9)

        assert reader.find() == {PLACE: 9}


def test_owner_in_the_former_topic_loses_though_the_offset_is_its_own(
    database_url: str,
) -> None:
    """The same number in another topic is another place."""
    with (
        reading(database_url, FORMER) as stale,
        reading(database_url, TODAY) as owner,
    ):
        stale.move(100)
        owner.find()
        owner.move(100)

        with pytest.raises(OffsetsTaken):
            stale.move(120)


@pytest.mark.parametrize("topic_ids", [TODAY, {}])
def test_offset_without_an_id_counts_and_takes_one_on(
    topic_ids: Mapping[str, str], database_url: str
) -> None:
    """Versions before noted none; nor is there one where no broker is asked."""
    with reading(database_url, {}) as reader:
        reader.move(100)

    with reading(database_url, topic_ids) as reader:
        assert reader.find() == {PLACE: 100}
        reader.move(110)

    with reading(database_url, TODAY) as reader:
        assert reader.find() == {PLACE: 110}
