"""What a service counts, as Prometheus metrics, and the same figures for /status."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


@dataclass(slots=True)
class Counts:
    """Figures since the service started."""

    input: int = 0
    output: int = 0
    dead_letter: int = 0
    transaction: int = 0
    abort: int = 0


class LoopMetrics:
    """Counts batches; nothing here is touched once a record.

    Attributes:
        counts: The same figures, for /status.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.counts = Counts()
        self._input = Counter(
            "accord_records_processed_total",
            "Input records whose outcome is committed.",
            registry=registry,
        )
        self._output = Counter(
            "accord_records_written_total",
            "Output records committed, dead letters not counted.",
            registry=registry,
        )
        self._dead_letter = Counter(
            "accord_dead_letters_total",
            "Input records committed as dead letters.",
            registry=registry,
        )
        self._transaction = Counter(
            "accord_transactions_total",
            "Batches by how they ended.",
            ["outcome"],
            registry=registry,
        )
        self._duration = Histogram(
            "accord_transaction_duration_seconds",
            "Time from the begin of a transaction to its commit.",
            registry=registry,
        )
        self.lag = Gauge(
            "accord_consumer_lag_records",
            "Offsets between the log's end and the next record to process.",
            ["topic", "partition"],
            registry=registry,
        )
        self.held = Gauge(
            "accord_held",
            "1 while the service waits for broker, registry, database or mail.",
            registry=registry,
        )

    def committed(
        self,
        *,
        input_count: int,
        output_count: int,
        dead_letter_count: int,
        duration_s: float,
    ) -> None:
        """Count a batch that is committed."""
        self.counts.input += input_count
        self.counts.output += output_count
        self.counts.dead_letter += dead_letter_count
        self.counts.transaction += 1
        self._input.inc(input_count)
        self._output.inc(output_count)
        self._dead_letter.inc(dead_letter_count)
        self._transaction.labels("committed").inc()
        self._duration.observe(duration_s)

    def aborted(self) -> None:
        """Count a batch of which nothing is committed."""
        self.counts.abort += 1
        self._transaction.labels("aborted").inc()
