"""One replay or drop at a time on the table of a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url, text

from operations.dead_letters.errors import BoxInUse
from operations.stack.locks import find_lock
from registry.errors import ConfigError
from sinks.database import Database

_LOCK = 4_702_396


def find_sqlite_path(address: str) -> Path | None:
    """Return the file of a database URL that `Database` took, or None: PostgreSQL."""
    url = make_url(address)
    return Path(url.database or "") if url.drivername == "sqlite" else None


@contextmanager
def exclusively(database: Database, address: str) -> Iterator[None]:
    """Keep other replays and drops away until the block or this process ends.

    Raises:
        BoxInUse: There is one.
        ConfigError: The lock file next to an SQLite database cannot be written.
        DatabaseUnavailable: PostgreSQL does not answer. Retryable.
    """
    path = find_sqlite_path(address)
    if path is not None:
        with _file_lock(path.with_name(f"{path.name}.dlq.lock"), database.name):
            yield
        return
    query = text("SELECT pg_try_advisory_xact_lock(:key)")
    with database.writing() as connection:
        if not connection.execute(query, {"key": _LOCK}).scalar_one():
            raise BoxInUse(database.name)
        yield


@contextmanager
def _file_lock(path: Path, name: str) -> Iterator[None]:
    try:
        lock = find_lock(path, timeout_s=0)
    except OSError as exc:
        raise ConfigError(
            f"{path} cannot be written: {exc.strerror}",
            hint="a replay or drop keeps others away by that file",
        ) from exc
    if lock is None:
        raise BoxInUse(name)
    with lock:
        yield
