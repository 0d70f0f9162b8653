"""Tables as Parquet files; needs the extra `parquet`."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
from pyarrow.parquet import ParquetWriter  # type: ignore[import-untyped] # the same
from sqlalchemy import BigInteger, Column, Table

from sinks.analytics_service.money import Money
from sinks.analytics_service.tally import to_moment

_ROWS_AT_ONCE = 10_000


def write_parquet(path: Path, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Write a table; money is decimal(38, 4), a minute is a UTC timestamp."""
    names = [column.name for column in table.columns]
    schema = pa.schema([(column.name, _find_type(column)) for column in table.columns])
    with ParquetWriter(path, schema) as writer:
        for chunk in _chunks(rows):
            cells = [
                dict(zip(names, map(_as_cell, row, table.columns), strict=True))
                for row in chunk
            ]
            writer.write_table(pa.Table.from_pylist(cells, schema=schema))


def _find_type(column: Column[Any]) -> Any:  # noqa: ANN401 - it has no types
    if isinstance(column.type, Money):
        return pa.decimal128(38, 4)
    if column.name == "minute":
        return pa.timestamp("s", tz="UTC")
    is_number = isinstance(column.type, BigInteger)
    return pa.int64() if is_number else pa.string()


def _as_cell(value: Any, column: Column[Any]) -> Any:  # noqa: ANN401 - as the database has it
    if isinstance(value, bytes):
        return value.hex()
    return to_moment(value) if column.name == "minute" else value


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, _ROWS_AT_ONCE)):
        yield chunk
