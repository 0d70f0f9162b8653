"""The database of a sink: SQLite in a file, or PostgreSQL by its URL.

One code path: SQLAlchemy Core. What SQLAlchemy raises is mapped onto the error tree
here and nowhere else.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ClauseElement,
    Connection,
    Engine,
    MetaData,
    QueuePool,
    Table,
    create_engine,
    event,
    exc,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from registry.errors import ConfigError
from registry.installed import to_install
from runtime.errors import DatabaseError, DatabaseRefused, DatabaseUnavailable
from sinks.shape import prepare_tables

Insert = sqlite.Insert | postgresql.Insert

_LOCK_WAIT_S = 1.0
_CACHE_KIB = 32 * 1024  # 2 MiB by default, less than a large batch touches
_CONNECT_S = 5
_STATEMENT_MS = 30_000
# Workers that start at once create their tables one after the other.
_CREATE_LOCK = 4_702_395
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_FORM = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"


class Database:
    """A pool of connections; nothing is opened before `create_tables`.

    Attributes:
        name: The URL without its password and its parameters.
    """

    def __init__(self, address: str) -> None:
        """Take the URL.

        Raises:
            ConfigError: It is not the URL of a database that can be used.
        """
        url = _parse(address)
        self.name = url.set(query={}).render_as_string(hide_password=True)
        self._path = Path(url.database or "") if url.drivername == "sqlite" else None
        self._functions: dict[str, tuple[int, Callable[..., Any]]] = {}
        self._file_id: tuple[int, int] | None = None
        self._engine = self._build_engine(url)
        self._reader = self._build_reader()

    def add_function(self, name: str, function: Callable[..., Any]) -> None:
        """Let SQLite call a function of two arguments; PostgreSQL has its own."""
        self._functions[name] = (2, function)

    def create_tables(self, metadata: MetaData) -> None:
        """Create what is missing of the tables, and show that they can be written.

        Raises:
            ConfigError: SQLite can never write the file, or what it holds are not
                these tables; nothing is changed.
            DatabaseUnavailable: It is locked, or does not answer. Retryable.
        """
        if self._path is None:
            self._create_in_postgresql(metadata)
        else:
            self._create_in_sqlite(metadata, self._path)

    def _create_in_postgresql(self, metadata: MetaData) -> None:
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        with self.writing() as connection:
            connection.execute(lock, {"key": _CREATE_LOCK})
            prepare_tables(connection, metadata, database=self.name)

    def _create_in_sqlite(self, metadata: MetaData, path: Path) -> None:
        try:
            path.touch()
            with self.writing() as connection:
                prepare_tables(connection, metadata, database=self.name)
        except OSError as failure:
            reason = failure.strerror or type(failure).__name__
            raise self._unusable(reason) from failure
        except DatabaseError as failure:
            if _is_busy(failure):
                raise
            raise self._unusable(_reason(failure.__cause__)) from failure
        self._file_id = self._find_file_id()

    def _unusable(self, reason: str) -> ConfigError:
        return ConfigError(
            f"database {self.name} cannot be used: {reason}",
            hint="--database sqlite:///PATH needs a folder that exists and a file"
            " that can be written",
        )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a transaction that is committed at the end of the block.

        SQLite's begins as IMMEDIATE: what is read in it cannot change before it is
        written.

        Raises:
            DatabaseUnavailable: Nothing, or during a commit perhaps all, is written.
            DatabaseRefused: A statement cannot succeed; nothing is written.
        """
        with self._errors():
            self._check_file()
            with self._engine.begin() as connection:
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a transaction that sees one state of the database throughout.

        Raises:
            DatabaseUnavailable: It does not answer. Retryable.
            DatabaseRefused: A statement cannot succeed.
        """
        with self._errors(), self._reader.begin() as connection:
            yield connection

    def insert(self, table: Table) -> Insert:
        """Return an INSERT that knows ON CONFLICT."""
        if self._path is None:
            return postgresql.insert(table)
        return sqlite.insert(table)

    def compile(self, statement: ClauseElement) -> str:
        """Return a statement for `exec_driver_sql`, its parameters by their place."""
        return str(statement.compile(dialect=self._engine.dialect))

    def close(self) -> None:
        """Close every connection; safe to call again."""
        self._engine.dispose()

    def _build_engine(self, url: URL) -> Engine:
        try:
            if self._path is None:
                return _build_postgresql(url)
            engine = create_engine(
                "sqlite://", creator=self._connect_sqlite, poolclass=QueuePool
            )
        except ImportError as missing:
            raise ConfigError(
                f"the driver of {self.name} is not installed: {missing}",
                hint=to_install("postgres"),
            ) from missing
        event.listen(engine, "connect", self._set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _build_reader(self) -> Engine:
        """Return the engine for reading: it takes no lock, and sees one state."""
        if self._path is None:
            return self._engine.execution_options(isolation_level="REPEATABLE READ")
        return self._engine.execution_options(begins_with="BEGIN")

    def _connect_sqlite(self) -> sqlite3.Connection:
        """Open the file; where there is none, none is made."""
        address = f"{(self._path or Path()).absolute().as_uri()}?mode=rw"
        return sqlite3.connect(
            address, uri=True, timeout=_LOCK_WAIT_S, check_same_thread=False
        )

    def _set_up_sqlite(self, connection: sqlite3.Connection, _record: object) -> None:
        # The driver would begin transactions by itself, and later than is safe.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        for name, (arity, function) in self._functions.items():
            connection.create_function(name, arity, function, deterministic=True)

    def _check_file(self) -> None:
        """Refuse to go on writing into a file that has been removed."""
        found = self._find_file_id()
        if self._file_id is None or found == self._file_id:
            return
        self._engine.dispose()
        if found is None:
            raise DatabaseUnavailable(self.name, "its file is gone")
        self._file_id = found

    def _find_file_id(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            found = os.stat(self._path)  # noqa: PTH116 - once a transaction
        except OSError:
            return None
        return found.st_dev, found.st_ino

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (exc.OperationalError, exc.InterfaceError, exc.InternalError) as failure:
            raise DatabaseUnavailable(self.name, _reason(failure)) from failure
        except exc.DBAPIError as failure:
            raise DatabaseRefused(self.name, _reason(failure)) from failure
        except exc.TimeoutError as failure:
            reason = "all connections are in use"
            raise DatabaseUnavailable(self.name, reason) from failure


def _parse(address: str) -> URL:
    """Return the URL; the text may hold a password and is never repeated."""
    try:
        url = make_url(address)
    except exc.ArgumentError:
        raise ConfigError(f"--database must have the form {_FORM}") from None
    match url.drivername:
        case "sqlite" if url.database and url.database != ":memory:":
            return url
        case "postgresql" | "postgresql+psycopg":
            return url.set(drivername="postgresql+psycopg")
    raise ConfigError(f"--database must have the form {_FORM}")


def _build_postgresql(url: URL) -> Engine:
    arguments: dict[str, Any] = {
        "connect_timeout": _CONNECT_S,
        "options": f"-c statement_timeout={_STATEMENT_MS}",
        "keepalives_idle": _CONNECT_S,
        "keepalives_interval": _CONNECT_S,
        "keepalives_count": 3,
    }
    given = {name: value for name, value in arguments.items() if name not in url.query}
    return create_engine(url, connect_args=given, paramstyle="format")


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get("begins_with", "BEGIN IMMEDIATE")
    connection.exec_driver_sql(begin)


def _is_busy(failure: DatabaseError) -> bool:
    cause = getattr(failure.__cause__, "orig", None)
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_BUSY)
    return code & 0xFF in _BUSY


def _reason(failure: BaseException | None) -> str:
    cause = getattr(failure, "orig", failure)
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__
