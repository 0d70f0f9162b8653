"""The dead letters of a sink: a table in its own database, and their outcomes.

A replay lets the sink process the stored record, in the sink's own transactions; the
last of them also marks the letter. Nothing is produced to a topic: its other readers
would count the order again.
"""

import base64
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from sqlalchemy import MetaData, Row, Table, func, select

from operations.dead_letters.box import Settled
from operations.dead_letters.letter import Letter, Outcome, replay_headers
from operations.dead_letters.locks import exclusively, find_sqlite_path
from operations.dead_letters.marks import OUTCOMES, mark
from operations.dead_letters.sinks_again import OpenSink, SinkAgain
from registry.errors import ConfigError, PipelineError
from runtime.errors import OffsetsTaken
from runtime.records import Header, Record
from runtime.service import wait_for
from sinks.database import Database
from sinks.dead_letters import DeadLetters

_PAGE = 100
_PATIENCE_S = 30.0


class TableBox:
    """The dead letters of one consumer group in a sink's database."""

    def __init__(
        self,
        address: str,
        *,
        group: str,
        open_sink: OpenSink | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        """Take the database's URL; nothing is opened yet.

        Args:
            address: URL of the database.
            group: Consumer group whose letters are meant.
            open_sink: Called when the first letter is to be processed.
            stop: When it is set, what is absent is no longer waited for.

        Raises:
            ConfigError: The URL is malformed.
        """
        self._database = Database(address)
        self._address = address
        self._group = group
        self._open_sink = open_sink
        self._stop = stop or threading.Event()
        self._again: SinkAgain | None = None
        self._resources = ExitStack()
        self._metadata = MetaData()
        DeadLetters(self._metadata, group=group)
        OUTCOMES.to_metadata(self._metadata)
        self._is_open = False

    @property
    def _table(self) -> Table:
        return self._metadata.tables["dead_letters"]

    def letters(self) -> Iterator[Letter]:
        """Yield the letters that stand in the table now, the oldest first.

        Raises:
            ConfigError: There is no such database.
            DatabaseUnavailable: It does not answer. Retryable.
        """
        self._open()
        with self._database.reading() as connection:
            newest = connection.execute(select(func.max(self._table.c.id))).scalar()
        last = 0
        while page := self._read_page(after=last, newest=newest or 0):
            yield from (_to_letter(row) for row in page)
            last = page[-1].id

    def find_fault(self, letter: Letter) -> PipelineError | None:
        """Return why the sink would give the record up again, or None.

        Raises:
            RegistryUnavailable: No registry answers. Retryable.
        """
        return self._sink().sink.prepare([letter.record])[0]

    def hold(self) -> None:
        """Keep other replays and drops away from the database.

        Raises:
            BoxInUse: There is one.
            ConfigError, DatabaseUnavailable: The database cannot be used.
        """
        self._open()
        self._resources.enter_context(exclusively(self._database, self._address))

    def settle(self, letters: Sequence[Letter], outcome: Outcome) -> list[Settled]:
        """Process letters again, or be done with them, one after the other.

        Raises:
            DatabaseUnavailable, MailUnavailable: The rest is as it was. Retryable.
        """
        one = self._replay if outcome is Outcome.REPLAYED else self._drop
        return [one(letter) for letter in letters]

    def finish(self) -> None:
        """Everybody sees it at once."""

    def close(self) -> None:
        """Let others have the letters; close the database."""
        self._resources.close()
        if self._again is not None:
            self._again.sink.close()
            self._again = None
        self._database.close()

    def _open(self) -> None:
        """Find the database; a table that is missing is created empty."""
        if self._is_open:
            return
        path = find_sqlite_path(self._address)
        if path is not None and not path.exists():
            raise ConfigError(
                f"there is no database {self._database.name}",
                hint="name the service's own with --database",
            )
        create = self._database.create_tables
        wait_for(lambda: create(self._metadata), timeout_s=_PATIENCE_S, stop=self._stop)
        self._is_open = True

    def _read_page(self, *, after: int, newest: int) -> Sequence[Row[tuple[object]]]:
        letter = self._table.c
        query = (
            select(self._table, OUTCOMES.c.outcome)
            .outerjoin(OUTCOMES, OUTCOMES.c.letter_id == letter.id)
            .where(letter.consumer_group == self._group)
            .where(letter.id > after, letter.id <= newest)
            .order_by(letter.id)
            .limit(_PAGE)
        )
        with self._database.reading() as connection:
            return connection.execute(query).all()

    def _sink(self) -> SinkAgain:
        if self._again is None:
            if self._open_sink is None:
                raise TypeError("a box without a sink cannot replay")
            self._again = wait_for(
                self._open_sink, timeout_s=_PATIENCE_S, stop=self._stop
            )
        return self._again

    def _replay(self, letter: Letter) -> Settled:
        record = letter.record._replace(headers=replay_headers(letter))
        again = self._sink()
        again.marks.expect(int(letter.id), record)
        again.sink.prepare([record])
        try:
            count = wait_for(
                lambda: again.sink.write([record]),
                timeout_s=_PATIENCE_S,
                stop=self._stop,
            )
        except OffsetsTaken:
            return Settled(letter=letter, outcome=None, reason="settled already")
        if not count:
            return Settled(letter=letter, outcome=None, reason="stopped before it")
        return self._as_replayed(letter)

    def _as_replayed(self, letter: Letter) -> Settled:
        """Say so if the sink has given the record up again."""
        row, record = self._table.c, letter.record
        query = select(func.max(row.id)).where(
            row.consumer_group == self._group,
            row.topic == record.topic,
            row.partition_number == record.partition,
            row.record_offset == record.offset,
            row.id > int(letter.id),
        )
        with self._database.reading() as connection:
            newest = connection.execute(query).scalar()
        reason = f"it came back as dead letter {newest}" if newest else ""
        return Settled(letter=letter, outcome=Outcome.REPLAYED, reason=reason)

    def _drop(self, letter: Letter) -> Settled:
        def note() -> bool:
            with self._database.writing() as connection:
                return mark(self._database, connection, int(letter.id), Outcome.DROPPED)

        if wait_for(note, timeout_s=_PATIENCE_S, stop=self._stop):
            return Settled(letter=letter, outcome=Outcome.DROPPED)
        return Settled(letter=letter, outcome=None, reason="settled already")


def _to_letter(row: Row[tuple[object]]) -> Letter:
    """Return what a row of the table says."""
    found = row._mapping  # noqa: SLF001 - SQLAlchemy's documented way
    record = Record(
        found["topic"],
        found["partition_number"],
        found["record_offset"],
        _to_bytes(found["record_key"]),
        _to_bytes(found["record_value"]),
        _to_headers(found["headers"]),
        found["timestamp_ms"],
    )
    schema_id = found["schema_id"]
    return Letter(
        id=str(found["id"]),
        record=record,
        error=found["error"],
        message=found["message"],
        stacktrace="",
        service=found["consumer_group"],
        stage="",
        attempts=None,
        schema_id="" if schema_id is None else str(schema_id),
        fingerprint=found["fingerprint"],
        outcome=Outcome(found["outcome"]) if found["outcome"] else None,
    )


def _to_bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)


def _to_headers(text: str) -> list[Header]:
    return [
        (name, None if value is None else base64.b64decode(value))
        for name, value in json.loads(text)
    ]
