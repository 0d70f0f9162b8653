"""Many rows at once, at what the database itself costs.

SQLAlchemy writes the statement, in the database's own dialect and once; the rows then
go to the driver as they are. To bind each row by name would take longer than to store
it.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from sinks.database import Database, Insert

Row = tuple[Any, ...]
"""Values in the order of the table's columns, as the driver takes them."""

_ROWS_AT_ONCE = 100


class BulkInsert:
    """An INSERT of any number of rows, a hundred a statement and the rest singly."""

    def __init__(self, database: Database, insert: Insert) -> None:
        """Take an INSERT without values; what it does about a conflict is kept."""
        nothing = (None,) * len(insert.table.columns)
        self._one = database.compile(insert.values([nothing]))
        self._many = database.compile(insert.values([nothing] * _ROWS_AT_ONCE))

    def execute(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Insert the rows, no two of which may be in conflict with each other.

        Returns:
            How many rows were inserted or, where the statement says so, updated.
        """
        single_from = len(rows) - len(rows) % _ROWS_AT_ONCE
        count = 0
        for start in range(0, single_from, _ROWS_AT_ONCE):
            some = rows[start : start + _ROWS_AT_ONCE]
            values = tuple(chain.from_iterable(some))
            count += connection.exec_driver_sql(self._many, values).rowcount
        if singles := list(rows[single_from:]):
            options = {"preserve_rowcount": True}
            count += connection.exec_driver_sql(
                self._one, singles, execution_options=options
            ).rowcount
        return count
