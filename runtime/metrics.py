"""What a service counts, as Prometheus metrics, and the same figures for /status."""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from registry.errors import PipelineError
from runtime.dead_letters import fingerprint
from runtime.records import TIMESTAMP_MS, Partition, Record

_CAUSES = 20
_WINDOW_S = 10.0
_LATENCY_BUCKETS_S = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
)


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
        causes: Why records became dead letters.
        latency: How old records were of late when they were committed.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.counts = Counts()
        self.causes = Causes()
        self.latency = Latency()
        self._lagging: set[Partition] = set()
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
        self._latency = Histogram(
            "accord_record_latency_seconds",
            "Age of the oldest record of a batch at its commit; once a batch.",
            buckets=_LATENCY_BUCKETS_S,
            registry=registry,
        )
        self._lag = Gauge(
            "accord_consumer_lag_records",
            "Offsets between the log's end and the next record to process.",
            ["topic", "partition"],
            registry=registry,
        )
        self.stalled = Gauge(
            "accord_stalled_partitions",
            "Partitions that have not moved for --stall-after though records wait.",
            registry=registry,
        )
        self.held = Gauge(
            "accord_held",
            "1 while the service waits for broker, registry, database or mail.",
            registry=registry,
        )

    def committed(
        self,
        records: Sequence[Record],
        *,
        output_count: int,
        errors: Sequence[PipelineError],
        duration_s: float,
    ) -> None:
        """Count a batch that is committed; of one record at least.

        Args:
            records: The input.
            output_count: What was written, dead letters not counted.
            errors: What is wrong with those that became dead letters.
            duration_s: From the begin of the transaction to its commit.
        """
        input_count, dead_letter_count = len(records), len(errors)
        self.causes.note(errors)
        self.counts.input += input_count
        self.counts.output += output_count
        self.counts.dead_letter += dead_letter_count
        self.counts.transaction += 1
        self._input.inc(input_count)
        self._output.inc(output_count)
        self._dead_letter.inc(dead_letter_count)
        self._transaction.labels("committed").inc()
        self._duration.observe(duration_s)
        self._note_latency(records)

    def aborted(self) -> None:
        """Count a batch of which nothing is committed."""
        self.counts.abort += 1
        self._transaction.labels("aborted").inc()

    def note_lags(self, lags: Mapping[Partition, int]) -> None:
        """Tell the lags of the partitions that are ours, and no others."""
        for topic, partition in self._lagging - lags.keys():
            self._lag.remove(topic, str(partition))
        self._lagging = set(lags)
        for (topic, partition), lag in lags.items():
            self._lag.labels(topic, str(partition)).set(lag)

    def _note_latency(self, records: Sequence[Record]) -> None:
        written_ms = [*map(TIMESTAMP_MS, records)]
        if min(written_ms) <= 0:
            written_ms = [each for each in written_ms if each > 0]
        if not written_ms:
            return
        now_ms = time.time() * 1000
        # Clocks of two machines may differ; nothing is younger than now.
        oldest_s = max(0.0, now_ms - min(written_ms)) / 1000
        mean_s = max(0.0, now_ms - sum(written_ms) / len(written_ms)) / 1000
        self._latency.observe(oldest_s)
        self.latency.note(mean_s, longest_s=oldest_s, count=len(written_ms))


class Causes:
    """Why records became dead letters since the service started.

    Of many causes only so many are told apart; every one has its place in the dead
    letters themselves.
    """

    def __init__(self) -> None:
        self._causes: dict[str, dict[str, Any]] = {}

    def note(self, errors: Sequence[PipelineError]) -> None:
        """Take down what is wrong with the records of a batch."""
        for error in errors:
            name = fingerprint(error)
            if name not in self._causes and len(self._causes) == _CAUSES:
                continue
            known = self._causes.get(name, {"count": 0})
            self._causes[name] = {
                "fingerprint": name,
                "error": type(error).__name__,
                "example": str(error),
                "count": known["count"] + 1,
            }

    def tell(self) -> list[dict[str, Any]]:
        """Return the causes, the most frequent first, each with its newest example."""
        causes = list(self._causes.values())
        return sorted(causes, key=lambda each: -each["count"])


class Latency:
    """How old records were when they were committed, over the last ten seconds."""

    def __init__(self) -> None:
        self._batches: deque[tuple[float, float, float, int]] = deque()
        self._lock = threading.Lock()

    def note(self, mean_s: float, *, longest_s: float, count: int) -> None:
        """Take a batch of `count` records down."""
        now = time.monotonic()
        with self._lock:
            self._batches.append((now, mean_s * count, longest_s, count))
            self._forget(now)

    def tell(self) -> dict[str, float] | None:
        """Return the mean and the longest; None if nothing was committed of late."""
        with self._lock:
            self._forget(time.monotonic())
            batches = list(self._batches)
        if not batches:
            return None
        count = sum(each[3] for each in batches)
        return {
            "mean": round(sum(each[1] for each in batches) / count, 4),
            "max": round(max(each[2] for each in batches), 4),
        }

    def _forget(self, now: float) -> None:
        while self._batches and now - self._batches[0][0] > _WINDOW_S:
            self._batches.popleft()
