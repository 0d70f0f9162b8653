"""The figures as CSV files, for a spreadsheet or a notebook."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Column, Table, select

from registry.errors import ConfigError
from runtime.config import option
from runtime.service import exits
from sinks.analytics_service.money import Money, to_text
from sinks.analytics_service.tables import (
    CURRENCIES,
    CUSTOMERS,
    MINUTES,
    Store,
    open_store,
)
from sinks.analytics_service.tally import to_moment

_TABLES = (CURRENCIES, MINUTES, CUSTOMERS)
_ROWS_AT_ONCE = 10_000


@click.command("export")
@option(
    "--database",
    envvar="ACCORD_DATABASE",
    default="sqlite:///analytics.db",
    help="Where the figures are kept.",
)
@option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder to write into; created if missing.",
)
def export(database: str, folder: Path) -> None:
    """Write the figures as CSV files, one a table, all of one moment.

    \b
    Example:
        analytics-service export --database sqlite:///analytics.db --to figures
    """  # noqa: D301 - \b is click's mark, not a backslash
    with exits("analytics-service"):
        for path in export_csv(open_store(database, group=""), folder):
            click.echo(path)


def export_csv(store: Store, folder: Path) -> list[Path]:
    """Write one file a table and return them; files of an earlier export go.

    Raises:
        ConfigError: The folder cannot be written.
        DatabaseUnavailable: The database does not answer.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with store.database.reading() as connection:
            for table in _TABLES:
                rows = connection.execute(select(table).order_by(*table.primary_key))
                _write(
                    folder / f"{table.name}.csv", table, rows.yield_per(_ROWS_AT_ONCE)
                )
    except OSError as exc:
        raise ConfigError(
            f"the folder {folder} cannot be written: {exc.strerror}",
            hint="name another with --to",
        ) from exc
    return [folder / f"{table.name}.csv" for table in _TABLES]


def _write(path: Path, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(column.name for column in table.columns)
        for row in rows:
            writer.writerow(
                _as_text(value, column)
                for value, column in zip(row, table.columns, strict=True)
            )


def _as_text(value: Any, column: Column[Any]) -> str:  # noqa: ANN401 - as the database has it
    if isinstance(column.type, Money):
        return to_text(value)
    if isinstance(value, bytes):
        return value.hex()
    if column.name == "minute":
        return to_moment(value).isoformat()
    return str(value)
