"""The figures as files: CSV for a spreadsheet, Parquet for a notebook."""

import csv
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Column, Table, select

from registry.errors import ConfigError
from registry.installed import to_install
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


Rows = Iterable[Sequence[Any]]
WriteTable = Callable[[Path, Table, Rows], None]


class Form(StrEnum):
    """What the files are, and what their names end in."""

    CSV = "csv"
    PARQUET = "parquet"


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
@option(
    "--format",
    "form",
    type=click.Choice([each.value for each in Form]),
    default=Form.CSV.value,
    help="What to write; Parquet keeps decimals and times as such.",
)
def export(database: str, folder: Path, form: str) -> None:
    """Write the figures as files, one a table, all of one moment.

    \b
    Examples:
        analytics-service export --database sqlite:///analytics.db --to figures
        analytics-service export --to figures --format parquet
    """  # noqa: D301 - \b is click's mark, not a backslash
    with exits("analytics-service"):
        store = open_store(database, group="")
        with closing(store.database):
            paths = export_tables(store, folder, Form(form))
        click.echo("\n".join(map(str, paths)))


def export_tables(store: Store, folder: Path, form: Form) -> list[Path]:
    """Write one file a table and return them; files of an earlier export go.

    Raises:
        ConfigError: The folder cannot be written, or what writes Parquet is missing.
        DatabaseUnavailable: The database does not answer.
    """
    write = _find_writer(form)
    paths = [folder / f"{table.name}.{form}" for table in _TABLES]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with store.database.reading() as connection:
            for path, table in zip(paths, _TABLES, strict=True):
                rows = connection.execute(select(table).order_by(*table.primary_key))
                write(path, table, rows.yield_per(_ROWS_AT_ONCE))
    except OSError as exc:
        raise ConfigError(
            f"the folder {folder} cannot be written: {exc.strerror}",
            hint="name another with --to",
        ) from exc
    return paths


def _find_writer(form: Form) -> WriteTable:
    if form is Form.CSV:
        return write_csv
    try:
        # Of the extra `parquet`, which need not be installed.
        from sinks.analytics_service.parquet import write_parquet  # noqa: PLC0415 - above
    except ModuleNotFoundError as exc:
        raise ConfigError(
            f"Parquet needs {exc.name}, which is not installed",
            hint=f"{to_install('parquet')}, or write CSV",
        ) from exc
    return write_parquet


def write_csv(path: Path, table: Table, rows: Rows) -> None:
    """Write a table with a line of names on top; money with four decimals."""
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
