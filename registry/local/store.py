"""The registry's memory: one SQLite file, or none at all.

Every write is one transaction that is on disk before it is answered. The file
belongs to one process at a time.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from registry.errors import ConfigError
from registry.local.refusals import not_permitted

APPLICATION_ID = 0x41636344
FORMAT = 1

_LOCK_TIMEOUT_S = 0.2

_FORMAT_STATEMENTS = """
CREATE TABLE versions (
    subject TEXT NOT NULL,
    version INTEGER NOT NULL,
    context TEXT NOT NULL,
    id INTEGER NOT NULL,
    schema_type TEXT NOT NULL,
    text TEXT NOT NULL,
    reference_list TEXT NOT NULL,
    metadata TEXT,
    written_ms INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL,
    PRIMARY KEY (subject, version)
) WITHOUT ROWID;
CREATE INDEX versions_by_context ON versions (context, subject);
CREATE TABLE uses (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    context TEXT NOT NULL,
    id INTEGER NOT NULL,
    subject TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (context, id, subject)
);
CREATE TABLE guids (
    context TEXT NOT NULL,
    guid TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (context, guid)
) WITHOUT ROWID;
CREATE TABLE referrers (
    subject TEXT NOT NULL,
    version INTEGER NOT NULL,
    by_subject TEXT NOT NULL,
    by_version INTEGER NOT NULL,
    PRIMARY KEY (subject, version, by_subject, by_version)
) WITHOUT ROWID;
CREATE INDEX referrers_by ON referrers (by_subject, by_version);
CREATE TABLE contexts (
    name TEXT PRIMARY KEY,
    highest_id INTEGER NOT NULL,
    is_listed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE settings (
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, scope)
) WITHOUT ROWID;
"""


class SqliteStore:
    """An open store; used by one thread at a time.

    `registry.local.versions` and `registry.local.settings` read and write its tables.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, is_read_only: bool = False
    ) -> None:
        self._connection = connection
        self._is_read_only = is_read_only
        self.execute = connection.execute

    @classmethod
    def open(cls, path: Path | None, *, is_read_only: bool = False) -> Self:
        """Open the file, creating it if it is absent; None keeps all in memory.

        Args:
            path: The file, which this process has for itself until it closes it.
            is_read_only: Refuse every write; the file must be there then.

        Raises:
            ConfigError: Another process holds the file, it is not a registry of this
                format, or it cannot be opened.
        """
        if is_read_only and (path is None or not path.is_file()):
            reason = f"there is nothing to read in {path or 'memory'}"
            hint = "name with --store the file of a registry that was written before"
            raise ConfigError(reason, hint=hint)
        try:
            connection = sqlite3.connect(
                ":memory:" if path is None else path,
                isolation_level=None,
                check_same_thread=False,
                timeout=_LOCK_TIMEOUT_S,
            )
        except sqlite3.Error as exc:
            raise _explain(path, exc) from exc
        try:
            _prepare(connection, path)
        except sqlite3.Error as exc:
            connection.close()
            raise _explain(path, exc) from exc
        except ConfigError:
            connection.close()
            raise
        return cls(connection, is_read_only=is_read_only)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the writes of the block one: all on disk at its end, or none.

        Raises:
            RegistryRefused: 42205; the store is only for reading.
        """
        if self._is_read_only:
            raise not_permitted("This registry is read-only")
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Release the file. Safe to call again."""
        self._connection.close()


def _prepare(connection: sqlite3.Connection, path: Path | None) -> None:
    # Exclusive from the first read on: a second process is refused at its start.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN EXCLUSIVE")
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application_id == 0 and tables == 0:
        _create(connection)
    elif application_id != APPLICATION_ID:
        reason = f"{path} is an SQLite file, but not a registry's"
        raise ConfigError(reason, hint="name another file with --store")
    elif found != FORMAT:
        reason = f"{path} has registry format {found}; this program knows {FORMAT}"
        raise ConfigError(reason, hint="use the program that wrote it, or another file")
    connection.execute("COMMIT")


def _create(connection: sqlite3.Connection) -> None:
    for statement in _FORMAT_STATEMENTS.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def _explain(path: Path | None, exc: sqlite3.Error) -> ConfigError:
    if exc.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        reason = f"another process has the registry file {path} open"
        return ConfigError(reason, hint="stop it, or name another file with --store")
    if exc.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
        return ConfigError(f"{path} is not an SQLite file", hint="name another file")
    return ConfigError(f"cannot open the registry file {path}: {exc}")
