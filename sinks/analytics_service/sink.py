"""Orders into figures: aggregates, dead letters and offsets in one transaction."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table

from registry.errors import PipelineError
from registry.serdes import Deserializer
from runtime.records import Partition, Record, next_offsets
from sinks.analytics_service.money import ExactSum
from sinks.analytics_service.tables import (
    COUNTERS,
    CURRENCIES,
    CUSTOMERS,
    MINUTES,
    ORDER_IDS,
    REPEATED,
    Store,
)
from sinks.analytics_service.tally import OrderFact, Row, Tally, to_fact
from sinks.database import Database, Insert
from sinks.orders import decode_order, try_each


class AnalyticsSink:
    """Counts each record once, whatever happens to the process or the database."""

    def __init__(self, store: Store, deserialize: Deserializer) -> None:
        self._store = store
        self._deserialize = deserialize
        self._outcomes: list[OrderFact | PipelineError] = []
        self._statements = _Statements(store.database)

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> Mapping[Partition, int]:
        """Return the offsets that the database holds.

        Raises:
            DatabaseUnavailable: Ask again later. Retryable.
        """
        return self._store.offsets.find(partitions)

    def prepare(self, records: Sequence[Record]) -> list[PipelineError | None]:
        """Decode a batch and keep it; return what is wrong with each record.

        Raises:
            RegistryUnavailable: Ask again later. Retryable.
        """
        self._outcomes = try_each(records, self._to_fact)
        return [_find_error(outcome) for outcome in self._outcomes]

    def write(self, records: Sequence[Record]) -> int:
        """Add the batch to the figures and move its offsets, all or nothing.

        Raises:
            OffsetsTaken: Another worker has moved one of the offsets.
            DatabaseUnavailable: If it was written all the same, the next try finds
                the offsets moved. Retryable.
        """
        tally = Tally(each for each in self._outcomes if isinstance(each, OrderFact))
        letters = [
            (record, outcome)
            for record, outcome in zip(records, self._outcomes, strict=True)
            if isinstance(outcome, PipelineError)
        ]
        offsets = next_offsets(records)
        with self._store.database.writing() as connection:
            self._store.offsets.move(connection, offsets)
            self._store.dead_letters.add(connection, letters)
            self._statements.add(connection, tally)
        self._store.offsets.moved(offsets)
        return len(records)

    def take_refusals(self) -> list[PipelineError]:
        """Return nothing: what can be decoded can be counted."""
        return []

    def close(self) -> None:
        """Close the database."""
        self._store.database.close()

    def _to_fact(self, record: Record) -> OrderFact:
        return to_fact(decode_order(self._deserialize, record))


class _Statements:
    """The statements of a batch, built once."""

    def __init__(self, database: Database) -> None:
        self._currencies = _adding(database, CURRENCIES)
        self._minutes = _adding(database, MINUTES)
        self._customers = _counting_customers(database)
        self._order_ids = database.insert(ORDER_IDS).on_conflict_do_nothing()
        self._counters = _counting(database)

    def add(self, connection: Connection, tally: Tally) -> None:
        """Add a batch to the figures."""
        if not tally.order_digests:
            return
        self._execute(connection, self._currencies, tally.currency_rows())
        self._execute(connection, self._minutes, tally.minute_rows())
        self._execute(connection, self._customers, tally.customer_rows())
        digests = tally.order_digests
        new_count = self._execute(
            connection,
            self._order_ids,
            [{"order_digest": digest} for digest in dict.fromkeys(digests)],
        )
        repeated = {"name": REPEATED, "value": len(digests) - new_count}
        self._execute(connection, self._counters, [repeated])

    @staticmethod
    def _execute(connection: Connection, statement: Insert, rows: list[Row]) -> int:
        options = {"preserve_rowcount": True}
        return connection.execute(statement, rows, execution_options=options).rowcount


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


def _find_error(outcome: OrderFact | PipelineError) -> PipelineError | None:
    return outcome if isinstance(outcome, PipelineError) else None
