"""A dead letter: the record as it first came, and what was said about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from runtime.dead_letters import REPLAYED_HEADER
from runtime.records import Header, Record

REPLAYS_HEADER = "accord.dlq.replays"

ADDED_HEADERS = frozenset(
    {
        "__streams.errors.exception",
        "__streams.errors.message",
        "__streams.errors.stacktrace",
        "__streams.errors.topic",
        "__streams.errors.partition",
        "__streams.errors.offset",
        "accord.dlq.service",
        "accord.dlq.stage",
        "accord.dlq.attempt",
        "accord.dlq.schema-id",
        "accord.dlq.fingerprint",
    }
)
"""What a processor adds to a record that becomes a dead letter, each once, last."""


class Outcome(StrEnum):
    """What became of a dead letter; it never changes again."""

    REPLAYED = "replayed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A dead letter.

    Attributes:
        id: Its name within its box: "partition:offset" of the topic of dead letters,
            or the number of its row.
        record: What the service could not process, at the place where it lay.
        stacktrace: "" where none is kept.
        service: Consumer group that gave it up.
        stage: What could not be done with it: "decode", "process" or "write"; "" where
            that is not kept.
        attempts: How often it was tried before; None where that is not kept.
        schema_id: As text; "" if the value names none.
        outcome: None while it is open.
    """

    id: str
    record: Record
    error: str
    message: str
    stacktrace: str
    service: str
    stage: str
    attempts: int | None
    schema_id: str
    fingerprint: str
    outcome: Outcome | None

    @property
    def state(self) -> str:
        """Return "open", "replayed" or "dropped"."""
        return self.outcome.value if self.outcome else "open"

    @property
    def replay_count(self) -> int:
        """How many times the record has come back from a replay."""
        return _replay_count(self.record.headers)

    @property
    def size_bytes(self) -> int:
        """Key and value together."""
        return len(self.record.key or b"") + len(self.record.value or b"")

    @property
    def time(self) -> datetime | None:
        """Return the record's own timestamp, or None if it has none."""
        if self.record.timestamp_ms < 0:
            return None
        return datetime.fromtimestamp(self.record.timestamp_ms / 1000, UTC)

    def to_json(self) -> dict[str, Any]:
        """Return everything but the content."""
        return {
            "id": self.id,
            "state": self.state,
            "topic": self.record.topic,
            "partition": self.record.partition,
            "offset": self.record.offset,
            "time": self.time.isoformat(timespec="milliseconds") if self.time else None,
            "key": _to_text(self.record.key),
            "size_bytes": self.size_bytes,
            "error": self.error,
            "message": self.message,
            "fingerprint": self.fingerprint,
            "schema_id": int(self.schema_id) if self.schema_id.isdecimal() else None,
            "service": self.service,
            "stage": self.stage or None,
            "attempts": self.attempts,
            "replays": self.replay_count,
        }


def read_letter(record: Record, outcome: Outcome | None) -> Letter:
    """Return what a record of a topic of dead letters says."""
    headers, added = split_headers(record.headers)
    partition, offset = added.get("partition", ""), added.get("offset", "")
    attempts = added.get("attempt", "")
    return Letter(
        id=name_of(record),
        record=record._replace(
            topic=added.get("topic", ""),
            partition=int(partition) if partition.isdecimal() else record.partition,
            offset=int(offset) if offset.isdecimal() else -1,
            headers=headers,
        ),
        error=added.get("exception", ""),
        message=added.get("message", ""),
        stacktrace=added.get("stacktrace", ""),
        service=added.get("service", ""),
        stage=added.get("stage", ""),
        attempts=int(attempts) if attempts.isdecimal() else None,
        schema_id=added.get("schema-id", ""),
        fingerprint=added.get("fingerprint", ""),
        outcome=outcome,
    )


def name_of(record: Record) -> str:
    """Return the name of a record of a topic of dead letters: its key in the ledger."""
    return f"{record.partition}:{record.offset}"


def split_headers(headers: Sequence[Header]) -> tuple[list[Header], Mapping[str, str]]:
    """Return the headers that the record came with, and what was added to them.

    The added ones stand last, each once: a record that came with headers of the same
    names keeps them. Their names are cut to what follows the last dot.
    """
    own = list(headers)
    added: dict[str, str] = {}
    while own and own[-1][0] in ADDED_HEADERS:
        name, value = own[-1]
        if name.rpartition(".")[2] in added:
            break
        added[name.rpartition(".")[2]] = (value or b"").decode(errors="replace")
        own.pop()
    return own, added


def replay_headers(letter: Letter) -> list[Header]:
    """Return the headers to replay a letter with: where it lay, and how often."""
    ours = (REPLAYED_HEADER, REPLAYS_HEADER)
    return [
        *(each for each in letter.record.headers if each[0] not in ours),
        (REPLAYED_HEADER, letter.id.encode()),
        (REPLAYS_HEADER, str(letter.replay_count + 1).encode()),
    ]


def _replay_count(headers: Sequence[Header]) -> int:
    counts = [value or b"" for name, value in headers if name == REPLAYS_HEADER]
    return int(counts[-1]) if counts and counts[-1].isdigit() else 0


def _to_text(key: bytes | None) -> str | None:
    return None if key is None else key.decode(errors="backslashreplace")
