"""Orders into figures: aggregates, dead letters and offsets in one transaction."""

from collections.abc import Mapping, Sequence

from registry.codec import Numbers
from registry.errors import PipelineError
from registry.serdes import Deserializer
from runtime.loop import RECORD_ERRORS
from runtime.records import Partition, Record, next_offsets
from sinks.analytics_service.statements import Statements
from sinks.analytics_service.tables import Store
from sinks.analytics_service.tally import Tally
from sinks.orders import decode_order

NUMBERS = Numbers.SCALED
"""What decimals and times are in the orders that are counted."""


class AnalyticsSink:
    """Counts each record once, whatever happens to the process or the database."""

    def __init__(self, store: Store, deserialize: Deserializer) -> None:
        """Take the database, and what decodes orders with `NUMBERS`."""
        self._store = store
        self._deserialize = deserialize
        self._errors: list[PipelineError | None] = []
        self._rows = Tally().to_rows()
        self._statements = Statements(store.database)

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> Mapping[Partition, int]:
        """Return the offsets that the database holds.

        Raises:
            DatabaseUnavailable: Ask again later. Retryable.
        """
        return self._store.offsets.find(partitions)

    def prepare(self, records: Sequence[Record]) -> list[PipelineError | None]:
        """Add a batch up and keep its sums; return what is wrong with each record.

        Raises:
            RegistryUnavailable: Ask again later. Retryable.
        """
        tally = Tally()
        add, deserialize = tally.add, self._deserialize
        self._errors = [None] * len(records)
        for index, record in enumerate(records):
            try:
                add(decode_order(deserialize, record))
            except RECORD_ERRORS as exc:
                self._errors[index] = exc
        self._rows = tally.to_rows()
        return self._errors

    def write(self, records: Sequence[Record]) -> int:
        """Add the batch to the figures and move its offsets, all or nothing.

        Raises:
            OffsetsTaken: Another worker has moved one of the offsets.
            DatabaseUnavailable: If it was written all the same, the next try finds
                the offsets moved. Retryable.
        """
        letters = [
            (record, error)
            for record, error in zip(records, self._errors, strict=True)
            if error is not None
        ]
        offsets = next_offsets(records)
        with self._store.database.writing() as connection:
            self._store.offsets.move(connection, offsets)
            self._store.dead_letters.add(connection, letters)
            self._statements.add(connection, self._rows)
        self._store.offsets.moved(offsets)
        return len(records)

    def take_refusals(self) -> list[PipelineError]:
        """Return nothing: what can be decoded can be counted."""
        return []

    def close(self) -> None:
        """Close the database."""
        self._store.database.close()
