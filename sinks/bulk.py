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

_SIZES = (300, 20)


class BulkInsert:
    """An INSERT of any number of rows: most by the hundred, the last ones singly."""

    def __init__(self, database: Database, insert: Insert) -> None:
        """Take an INSERT without values; what it does about a conflict is kept."""
        nothing = (None,) * len(insert.table.columns)
        self._one = database.compile(insert.values([nothing]))
        self._many = [
            (size, database.compile(insert.values([nothing] * size))) for size in _SIZES
        ]

    def execute(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Insert the rows, no two of which may be in conflict with each other.

        Returns:
            How many rows were inserted or, where the statement says so, updated.
        """
        count = start = 0
        for size, statement in self._many:
            for end in range(start + size, len(rows) + 1, size):
                values = tuple(chain.from_iterable(rows[start:end]))
                count += connection.exec_driver_sql(statement, values).rowcount
                start = end
        if singles := list(rows[start:]):
            options = {"preserve_rowcount": True}
            count += connection.exec_driver_sql(
                self._one, singles, execution_options=options
            ).rowcount
        return count
