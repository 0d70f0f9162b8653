"""What notification-service remembers: letters, offsets, dead letters."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    select,
)

from registry.errors import PipelineError
from runtime.errors import DatabaseUnavailable
from runtime.records import Partition, Record
from runtime.topic_ids import FindTopicIds
from sinks.bulk import BulkInsert, Row
from sinks.database import Database
from sinks.dead_letters import DeadLetters, to_storable
from sinks.notification_service.letter import Letter
from sinks.offsets import Offsets, by_name_alone

_KEYS_AT_ONCE = 500


class State(StrEnum):
    """How far a letter has come."""

    CLAIMED = "claimed"
    SENT = "sent"
    SKIPPED = "skipped"
    REFUSED = "refused"


METADATA = MetaData()

LETTERS = Table(
    "letters",
    METADATA,
    Column("letter_key", LargeBinary, primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("claimed_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger, index=True),
)


class Endings(Protocol):
    """What comes to an end without being sent."""

    ended: dict[bytes, State]
    dead_letters: list[tuple[Record, PipelineError]]


@dataclass(slots=True, kw_only=True)
class Progress:
    """What is written at once, in one transaction.

    Attributes:
        offsets: Where each partition goes on.
        ended: Letters that have come to an end, by state.
        dead_letters: Records that cannot be used, each with its error.
        claims: Letters that are going to be sent.
    """

    offsets: Mapping[Partition, int]
    ended: dict[bytes, State] = field(default_factory=dict)
    dead_letters: list[tuple[Record, PipelineError]] = field(default_factory=list)
    claims: list[Letter] = field(default_factory=list)

    def extend(self, endings: Endings, offsets: Mapping[Partition, int]) -> None:
        """Go on to `offsets`, with what ended on the way."""
        self.offsets = offsets
        self.ended |= endings.ended
        self.dead_letters += endings.dead_letters


class Ledger:
    """The database of notification-service."""

    def __init__(
        self,
        address: str,
        *,
        group: str,
        find_topic_ids: FindTopicIds = by_name_alone,
    ) -> None:
        """Take the database's URL; nothing is opened yet.

        Args:
            address: The database's URL.
            group: Whose offsets and dead letters are meant.
            find_topic_ids: What tells a topic from its namesakes.

        Raises:
            ConfigError: The URL is malformed.
        """
        self._database = Database(address)
        self._metadata = MetaData()
        LETTERS.to_metadata(self._metadata)
        insert = self._database.insert(LETTERS).on_conflict_do_nothing()
        self._claims = BulkInsert(self._database, insert)
        self._offsets = Offsets(
            self._database, self._metadata, group=group, find_topic_ids=find_topic_ids
        )
        self._dead_letters = DeadLetters(self._metadata, group=group)

    def create_tables(self) -> None:
        """Create what is missing.

        Raises:
            ConfigError: The database can never be written.
            DatabaseUnavailable: It does not answer. Retryable.
        """
        self._database.create_tables(self._metadata)

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> dict[Partition, int]:
        """Return the offsets that are written.

        Raises:
            DatabaseUnavailable: Ask again later. Retryable.
        """
        return self._offsets.find(partitions)

    def find_states(self, keys: Sequence[bytes]) -> dict[bytes, State]:
        """Return the state of those letters that are known.

        Raises:
            DatabaseUnavailable: Ask again later. Retryable.
        """
        states: dict[bytes, State] = {}
        with self._database.reading() as connection:
            for start in range(0, len(keys), _KEYS_AT_ONCE):
                some = keys[start : start + _KEYS_AT_ONCE]
                query = select(LETTERS.c.letter_key, LETTERS.c.state)
                rows = connection.execute(query.where(LETTERS.c.letter_key.in_(some)))
                states.update((row[0], State(row[1])) for row in rows)
        return states

    def write(self, progress: Progress) -> None:
        """Write progress, all or nothing.

        Raises:
            OffsetsTaken: Another worker has moved one of the offsets.
            DatabaseUnavailable: Perhaps written; the same call shows it. Retryable.
        """
        with self._database.writing() as connection:
            self._offsets.move(connection, progress.offsets)
            self._end(connection, progress.ended)
            self._dead_letters.add(connection, progress.dead_letters)
            self._claim(connection, progress.claims)
        self._offsets.moved(progress.offsets)

    def release(self, key: bytes) -> None:
        """Take back the claim of a letter that was certainly not sent.

        Raises:
            DatabaseUnavailable: It stays claimed, and so in doubt. Retryable.
        """
        letter = LETTERS.c
        claim = (letter.letter_key == key) & (letter.state == State.CLAIMED.value)
        with self._database.writing() as connection:
            connection.execute(LETTERS.delete().where(claim))

    def count_by_state(self) -> dict[str, int]:
        """Return the number of letters in each state.

        Raises:
            DatabaseUnavailable: Ask again later. Retryable.
        """
        query = select(LETTERS.c.state, func.count()).group_by(LETTERS.c.state)
        with self._database.reading() as connection:
            counts = {row[0]: row[1] for row in connection.execute(query)}
        return {state.value: counts.get(state.value, 0) for state in State}

    def count_dead_letters(self) -> int:
        """Return the number of dead letters.

        Raises:
            DatabaseUnavailable: Ask again later. Retryable.
        """
        with self._database.reading() as connection:
            return self._dead_letters.count(connection)

    def find_newest(self, limit: int) -> list[dict[str, Any]]:
        """Return subject and time of the letters sent last, the newest first.

        Raises:
            DatabaseUnavailable: Ask again later. Retryable.
        """
        query = (
            select(LETTERS.c.subject, LETTERS.c.ended_at_ms)
            .where(LETTERS.c.state == State.SENT.value)
            .order_by(LETTERS.c.ended_at_ms.desc(), LETTERS.c.letter_key)
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [{"subject": row[0], "sent_at_ms": row[1]} for row in rows]

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _claim(self, connection: Connection, letters: Sequence[Letter]) -> None:
        if not letters:
            return
        rows = [_claim_row(letter) for letter in sorted(letters, key=_key)]
        if self._claims.execute(connection, rows) != len(rows):
            reason = "another worker claims one of the same orders"
            raise DatabaseUnavailable(self._database.name, reason)

    @staticmethod
    def _end(connection: Connection, ended: Mapping[bytes, State]) -> None:
        for state in State:
            keys = sorted(key for key, found in ended.items() if found is state)
            for start in range(0, len(keys), _KEYS_AT_ONCE):
                some = keys[start : start + _KEYS_AT_ONCE]
                connection.execute(
                    LETTERS.update()
                    .where(LETTERS.c.letter_key.in_(some))
                    .values(state=state.value, ended_at_ms=_now_ms())
                )


def _claim_row(letter: Letter) -> Row:
    return (
        letter.key,
        letter.message_id,
        to_storable(letter.subject),
        to_storable(letter.recipient),
        State.CLAIMED.value,
        _now_ms(),
        None,
    )


def _key(letter: Letter) -> bytes:
    return letter.key


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
