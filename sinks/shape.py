"""The shape of a sink's tables: made, brought up to date, or refused.

A version counts the shapes that databases of the sinks have had. Both sinks have the
same one, since they may share a database.
"""

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    inspect,
    select,
    text,
)

from registry.errors import ConfigError

VERSION = 2

_FIRST = 1  # nothing in the database says so
_ADDED = {"offsets": {"topic_id": 2}}
"""Columns that tables had not from the first version on, each with its version."""
_HINT = "name another with --database, or go on with the software that wrote this one"
_METADATA = MetaData()
_SHAPE = Table(
    "accord_shape",
    _METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
)


def prepare_tables(
    connection: Connection, metadata: MetaData, *, database: str
) -> None:
    """Make what is missing of the tables, within a transaction.

    Those of an earlier version are brought up to date. The transaction must end with
    the error: what is refused stays as it is.

    Args:
        connection: In a transaction that keeps every other worker out.
        metadata: The tables.
        database: Its name, for the error.

    Raises:
        ConfigError: The database has tables of a later version, or others that have
            the names of ours.
    """
    version = _find_version(connection, metadata)
    if not _FIRST <= version <= VERSION:
        raise ConfigError(
            f"database {database} has tables of version {version}, and this Accord"
            f" knows versions {_FIRST} to {VERSION}",
            hint=_HINT,
        )
    for table in metadata.tables.values():
        _bring_up(connection, table, version, database=database)
    metadata.create_all(connection)
    _write_version(connection)


def _find_version(connection: Connection, metadata: MetaData) -> int:
    names = set(inspect(connection).get_table_names())
    if _SHAPE.name in names:
        found = connection.execute(select(_SHAPE.c.version)).scalar()
        return _FIRST if found is None else int(found)
    return VERSION if names.isdisjoint(metadata.tables) else _FIRST


def _write_version(connection: Connection) -> None:
    _METADATA.create_all(connection)
    connection.execute(_SHAPE.delete())
    connection.execute(_SHAPE.insert(), {"version": VERSION})


def _bring_up(
    connection: Connection, table: Table, version: int, *, database: str
) -> None:
    """Add the columns that a table of an earlier version has not yet."""
    inspector = inspect(connection)
    if not inspector.has_table(table.name):
        return
    found = {each["name"] for each in inspector.get_columns(table.name)}
    added = _ADDED.get(table.name, {})
    for column in table.columns:
        if column.name in found:
            continue
        if added.get(column.name, _FIRST) <= version:
            raise ConfigError(
                f"database {database} has a table {table.name} that is not Accord's or"
                f" is too old: it has no column {column.name}",
                hint=_HINT,
            )
        kind = column.type.compile(connection.dialect)
        connection.execute(
            text(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}")
        )
