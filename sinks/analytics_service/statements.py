"""The statements that add a batch to the figures, built once."""

from sqlalchemy import Connection, Table

from sinks.analytics_service.money import ExactSum
from sinks.analytics_service.tables import (
    COUNTERS,
    CURRENCIES,
    CUSTOMERS,
    MINUTES,
    ORDER_IDS,
    REPEATED,
)
from sinks.analytics_service.tally import TallyRows
from sinks.bulk import BulkInsert
from sinks.database import Database, Insert


class Statements:
    """Adds tallies to the figures.

    What is most contended comes last and is locked for the shortest time: every batch
    of every worker has the same few currencies.
    """

    def __init__(self, database: Database) -> None:
        order_ids = database.insert(ORDER_IDS).on_conflict_do_nothing()
        self._order_ids = BulkInsert(database, order_ids)
        self._customers = BulkInsert(database, _counting_customers(database))
        self._minutes = BulkInsert(database, _adding(database, MINUTES))
        self._currencies = BulkInsert(database, _adding(database, CURRENCIES))
        self._counters = BulkInsert(database, _counting(database))

    def add(self, connection: Connection, rows: TallyRows) -> None:
        """Add a batch to the figures, within a transaction."""
        if not rows.order_count:
            return
        new_count = self._order_ids.execute(connection, rows.order_ids)
        self._customers.execute(connection, rows.customers)
        self._minutes.execute(connection, rows.minutes)
        self._currencies.execute(connection, rows.currencies)
        repeated = (REPEATED, rows.order_count - new_count)
        self._counters.execute(connection, [repeated])


def _adding(database: Database, table: Table) -> Insert:
    insert = database.insert(table)
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={
            "order_count": table.c.order_count + insert.excluded.order_count,
            "revenue": ExactSum(table.c.revenue, insert.excluded.revenue),
        },
    )


def _counting_customers(database: Database) -> Insert:
    insert = database.insert(CUSTOMERS)
    return insert.on_conflict_do_update(
        index_elements=list(CUSTOMERS.primary_key),
        set_={
            "name": insert.excluded.name,
            "order_count": CUSTOMERS.c.order_count + insert.excluded.order_count,
        },
    )


def _counting(database: Database) -> Insert:
    insert = database.insert(COUNTERS)
    return insert.on_conflict_do_update(
        index_elements=list(COUNTERS.primary_key),
        set_={"value": COUNTERS.c.value + insert.excluded.value},
    )
