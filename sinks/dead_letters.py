"""Records that a sink can never use: kept in its own database, as they came.

Nothing is produced back to the topic that a sink reads: its other readers would count
the order again.
"""

import base64
import json
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    func,
    select,
)

from registry import wire
from registry.errors import NotFramed, PipelineError
from runtime.dead_letters import fingerprint
from runtime.records import Record

_MESSAGE_CHARACTERS = 4000
# SQLite numbers rows by itself only where the key is exactly INTEGER.
_RowNumber = BigInteger().with_variant(Integer(), "sqlite")


class DeadLetters:
    """The dead letters of one consumer group.

    Keys, values and headers are the original bytes; headers are a JSON array of
    ``[name, value in base64 or null]``.
    """

    def __init__(self, metadata: MetaData, *, group: str) -> None:
        self._group = group
        self._table = Table(
            "dead_letters",
            metadata,
            Column("id", _RowNumber, primary_key=True, autoincrement=True),
            Column("consumer_group", Text, nullable=False, index=True),
            Column("topic", Text, nullable=False),
            Column("partition_number", Integer, nullable=False),
            Column("record_offset", BigInteger, nullable=False),
            Column("timestamp_ms", BigInteger, nullable=False),
            Column("record_key", LargeBinary),
            Column("record_value", LargeBinary),
            Column("headers", Text, nullable=False),
            Column("schema_id", BigInteger),
            Column("error", Text, nullable=False),
            Column("message", Text, nullable=False),
            Column("fingerprint", Text, nullable=False),
            Column("written_at_ms", BigInteger, nullable=False),
        )

    def add(
        self,
        connection: Connection,
        letters: Sequence[tuple[Record, PipelineError]],
    ) -> None:
        """Keep records within a transaction, each with what is wrong with it."""
        if letters:
            rows = [self._row(record, error) for record, error in letters]
            connection.execute(self._table.insert(), rows)

    def count(self, connection: Connection) -> int:
        """Return how many there are."""
        query = select(func.count()).where(self._table.c.consumer_group == self._group)
        return int(connection.execute(query).scalar_one())

    def find_causes(self, connection: Connection) -> list[dict[str, Any]]:
        """Return the dead letters by cause, the most frequent first."""
        letter = self._table.c
        query = (
            select(
                letter.fingerprint,
                letter.error,
                func.max(letter.message).label("example"),
                func.count().label("count"),
                func.max(letter.written_at_ms).label("newest_ms"),
            )
            .where(letter.consumer_group == self._group)
            .group_by(letter.fingerprint, letter.error)
            .order_by(func.count().desc(), letter.fingerprint)
        )
        return [_as_dict(row) for row in connection.execute(query)]

    def _row(self, record: Record, error: PipelineError) -> dict[str, Any]:
        return {
            "consumer_group": self._group,
            "topic": record.topic,
            "partition_number": record.partition,
            "record_offset": record.offset,
            "timestamp_ms": record.timestamp_ms,
            "record_key": record.key,
            "record_value": record.value,
            "headers": _headers_as_json(record),
            "schema_id": _find_schema_id(record),
            "error": type(error).__name__,
            "message": to_storable(str(error))[:_MESSAGE_CHARACTERS],
            "fingerprint": fingerprint(error),
            "written_at_ms": time.time_ns() // 1_000_000,
        }


def to_storable(words: str) -> str:
    """Return text that PostgreSQL takes too: it has no NUL character."""
    return words.replace("\0", "\N{SYMBOL FOR NULL}")


def to_storables(texts: Sequence[str]) -> Sequence[str]:
    """Return the same of many, nearly always without touching one of them."""
    if any("\0" in each for each in texts):
        return [to_storable(each) for each in texts]
    return texts


def _headers_as_json(record: Record) -> str:
    return json.dumps(
        [
            [name, None if value is None else base64.b64encode(value).decode()]
            for name, value in record.headers
        ]
    )


def _find_schema_id(record: Record) -> int | None:
    try:
        return wire.read_schema_id(record.value)
    except NotFramed:
        return None


def _as_dict(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented way
