"""The stored versions: what is where, under which id, and who refers to it."""

import json
import time
from collections.abc import Iterable
from typing import Any

from registry.local.contexts import (
    DEFAULT_CONTEXT,
    EVERY_CONTEXT,
    code_units,
    in_hash_order,
    is_between,
    parse_subject,
    qualify,
)
from registry.local.entities import Metadata, SchemaEntity, as_references
from registry.local.store import SqliteStore

_COLUMNS = (
    "subject, version, id, schema_type, text, reference_list, metadata, written_ms, "
    "is_deleted"
)


class Versions:
    """Schemas by subject and version, by id and by guid.

    Ids count within a context. One subject has one version under an id that look-ups
    by id find: the one written last.
    """

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def find(
        self, subject: str, version: int, *, with_deleted: bool = False
    ) -> SchemaEntity | None:
        """Return the version; -1 is the newest, which is never a deleted one."""
        if version == -1:
            return self.find_newest(subject)
        row = self._store.execute(
            f"SELECT {_COLUMNS} FROM versions WHERE subject = ? AND version = ?",  # noqa: S608 - our own column names
            (subject, version),
        ).fetchone()
        entity = _read(row) if row else None
        return entity if entity and (with_deleted or not entity.is_deleted) else None

    def find_newest(self, subject: str) -> SchemaEntity | None:
        """Return the highest version that is not deleted."""
        row = self._store.execute(
            f"SELECT {_COLUMNS} FROM versions WHERE subject = ? AND NOT is_deleted "  # noqa: S608 - our own column names
            "ORDER BY version DESC LIMIT 1",
            (subject,),
        ).fetchone()
        return _read(row) if row else None

    def list_newest_first(self, subject: str) -> list[SchemaEntity]:
        """Return every stored version, deleted ones too."""
        rows = self._store.execute(
            f"SELECT {_COLUMNS} FROM versions WHERE subject = ? ORDER BY version DESC",  # noqa: S608 - our own column names
            (subject,),
        )
        return [_read(row) for row in rows]

    def list_between(self, prefix: str) -> list[SchemaEntity]:
        """Return every stored version that a listing by `prefix` covers, sorted."""
        return [
            entity
            for subject, _ in self.list_subjects(prefix)
            for entity in reversed(self.list_newest_first(subject))
        ]

    def list_subjects(self, prefix: str = EVERY_CONTEXT) -> list[tuple[str, bool]]:
        """Return what a listing by `prefix` covers, sorted, and if all is deleted."""
        rows = self._store.execute(
            "SELECT subject, min(is_deleted) FROM versions GROUP BY subject"
        )
        found = [
            (subject, bool(it)) for subject, it in rows if is_between(subject, prefix)
        ]
        return sorted(found, key=lambda each: code_units(each[0]))

    def has_subject(self, subject: str, *, with_deleted: bool) -> bool:
        """Return whether any version is there; a bare context asks for all of it."""
        qualified = parse_subject(subject)
        column = "subject" if qualified.name else "context"
        row = self._store.execute(
            f"SELECT 1 FROM versions WHERE {column} = ? AND (? OR NOT is_deleted) "  # noqa: S608 - one of two column names
            "LIMIT 1",
            (subject if qualified.name else qualified.context, with_deleted),
        ).fetchone()
        return row is not None

    def put(self, entity: SchemaEntity) -> None:
        """Store the version, replacing what was there; needs a transaction."""
        context = parse_subject(entity.subject).context
        self._store.execute(
            "INSERT OR REPLACE INTO versions (subject, version, context, id, "
            "schema_type, text, reference_list, metadata, written_ms, is_deleted) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            _row(entity, context),
        )
        self._index(entity, context)
        self._link(entity)

    def remove(self, entity: SchemaEntity) -> None:
        """Forget the version for good; needs a transaction."""
        key = (entity.subject, entity.version)
        self._store.execute(
            "DELETE FROM versions WHERE subject = ? AND version = ?", key
        )
        self._store.execute("DELETE FROM uses WHERE subject = ? AND version = ?", key)
        self._store.execute(
            "DELETE FROM referrers WHERE by_subject = ? AND by_version = ?", key
        )

    def find_by_id(self, subject: str, schema_id: int) -> SchemaEntity | None:
        """Return the version of `subject` with the id; of a context, the first one."""
        qualified = parse_subject(subject)
        uses = self.list_uses(qualified.context, schema_id)
        if qualified.name:
            uses = [each for each in uses if each[0] == subject]
        return self.find(*uses[0], with_deleted=True) if uses else None

    def list_uses(self, context: str, schema_id: int) -> list[tuple[str, int]]:
        """Return (subject, version) of the id within a context."""
        rows = self._store.execute(
            "SELECT subject, version FROM uses WHERE context = ? AND id = ? "
            "ORDER BY sequence",
            (context, schema_id),
        ).fetchall()
        return in_hash_order(rows, [subject for subject, _ in rows])

    def find_id(self, context: str, guid: str) -> int | None:
        """Return the id that the context gave the schema, if it still has a use."""
        row = self._store.execute(
            "SELECT id FROM guids WHERE context = ? AND guid = ?", (context, guid)
        ).fetchone()
        if row is None or not self.list_uses(context, row[0]):
            return None
        return int(row[0])

    def highest_id(self, context: str) -> int:
        """Return the highest id that the context ever gave or took in; 0 if none."""
        row = self._store.execute(
            "SELECT highest_id FROM contexts WHERE name = ?", (context,)
        ).fetchone()
        return int(row[0]) if row else 0

    def list_contexts(self) -> list[str]:
        """Return the contexts beside the default one, sorted."""
        rows = self._store.execute("SELECT name FROM contexts WHERE is_listed")
        names = [name for (name,) in rows if name != DEFAULT_CONTEXT]
        return sorted(names, key=code_units)

    def is_listed(self, context: str) -> bool:
        """Return whether the context is known; the default one always is."""
        return context == DEFAULT_CONTEXT or context in self.list_contexts()

    def add_context(self, context: str) -> None:
        """List the context, empty as it is; needs a transaction."""
        self._store.execute(
            "INSERT INTO contexts (name, highest_id, is_listed) VALUES (?, 0, 1) "
            "ON CONFLICT (name) DO UPDATE SET is_listed = 1",
            (context,),
        )

    def remove_context(self, context: str) -> None:
        """List the context no more; its ids still count on. Needs a transaction."""
        self._store.execute(
            "UPDATE contexts SET is_listed = 0 WHERE name = ?", (context,)
        )

    def list_referrers(self, subject: str, version: int) -> list[SchemaEntity]:
        """Return the versions that refer to this one, deleted ones too."""
        rows = self._store.execute(
            "SELECT by_subject, by_version FROM referrers "
            "WHERE subject = ? AND version = ?",
            (subject, version),
        ).fetchall()
        found = (self.find(*row, with_deleted=True) for row in rows)
        return [entity for entity in found if entity is not None]

    def _index(self, entity: SchemaEntity, context: str) -> None:
        self._store.execute(
            "INSERT INTO uses (context, id, subject, version) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (context, id, subject) "
            "DO UPDATE SET version = excluded.version",
            (context, entity.schema_id, entity.subject, entity.version),
        )
        self._store.execute(
            "INSERT OR REPLACE INTO guids (context, guid, id) VALUES (?, ?, ?)",
            (context, entity.guid, entity.schema_id),
        )
        self._store.execute(
            "INSERT INTO contexts (name, highest_id, is_listed) VALUES (?, ?, 1) "
            "ON CONFLICT (name) DO UPDATE SET is_listed = 1, "
            "highest_id = max(highest_id, excluded.highest_id)",
            (context, entity.schema_id),
        )

    def _link(self, entity: SchemaEntity) -> None:
        self._store.execute(
            "DELETE FROM referrers WHERE by_subject = ? AND by_version = ?",
            (entity.subject, entity.version),
        )
        for reference in entity.references:
            self._store.execute(
                "INSERT OR IGNORE INTO referrers VALUES (?, ?, ?, ?)",
                (
                    qualify(entity.subject, reference.subject or ""),
                    reference.version,
                    entity.subject,
                    entity.version,
                ),
            )


def live(entities: Iterable[SchemaEntity]) -> list[SchemaEntity]:
    """Return those that are not deleted, in the same order."""
    return [entity for entity in entities if not entity.is_deleted]


def now_ms() -> int:
    """Return the time to store with a version, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def _row(entity: SchemaEntity, context: str) -> tuple[object, ...]:
    metadata = entity.metadata
    return (
        entity.subject,
        entity.version,
        context,
        entity.schema_id,
        entity.schema_type,
        entity.text,
        json.dumps([each.as_json() for each in entity.references]),
        None if metadata is None else json.dumps(metadata.as_json()),
        now_ms(),
        bool(entity.is_deleted),
    )


def _read(row: tuple[Any, ...]) -> SchemaEntity:
    subject, version, schema_id, schema_type, text, references, metadata = row[:7]
    return SchemaEntity(
        subject=subject,
        version=version,
        schema_id=schema_id,
        schema_type=schema_type,
        text=text,
        references=as_references(json.loads(references)) if references != "[]" else (),
        metadata=Metadata.from_json(json.loads(metadata)) if metadata else None,
        written_ms=row[7],
        is_deleted=bool(row[8]),
    )
