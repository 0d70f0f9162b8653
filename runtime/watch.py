"""What a loop is doing, seen from beside it: a loop that hangs is seen, too."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import structlog

from runtime.intake import Intake
from runtime.log_ends import LogEnds
from runtime.metrics import LoopMetrics
from runtime.records import Partition
from runtime.stalls import Stall, StallWatch

log = structlog.get_logger()

_LOOK_S = 0.5
_ASK_EVERY_S = 10.0
_ASK_S = 2.0


class Watch:
    """Looks twice a second, from a thread of its own."""

    def __init__(
        self,
        intake: Intake,
        metrics: LoopMetrics,
        log_ends: LogEnds,
        *,
        stall_after_s: float,
        details: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self._seen: dict[str, Any] = {}
        self._intake = intake
        self._metrics = metrics
        self._log_ends = log_ends
        self._details = details
        self._stall_watch = StallWatch(stall_after_s)
        self._stalled: set[Partition] = set()
        # Often enough that a stall is not noticed much later than it is one.
        self._ask_every_s = min(_ASK_EVERY_S, max(stall_after_s / 4, _LOOK_S))
        self._asked = time.monotonic()
        self._end = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Look for as long as the block runs; afterwards nothing is asked any more."""
        thread = threading.Thread(target=self._run, name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            thread.join()
            self.look()

    def tell(self) -> dict[str, Any]:
        """Return what there is to tell; counts are those of this very moment."""
        counts = self._metrics.counts
        return {
            "records_processed": counts.input,
            "records_written": counts.output,
            "dead_letters": counts.dead_letter,
            "transactions_committed": counts.transaction,
            "transactions_aborted": counts.abort,
            **self._seen,
        }

    def look(self) -> None:
        """Take down how things are."""
        lags = self._intake.known_lags
        next_offsets = self._intake.next_offsets
        stalls = self._stall_watch.look(next_offsets, lags, now=time.monotonic())
        self._metrics.held.set(bool(self._intake.held))
        self._metrics.note_lags(lags)
        self._metrics.stalled.set(len(stalls))
        self._log_changes(stalls)
        self._seen = {
            "dead_letter_causes": self._metrics.causes.tell(),
            "latency_s": self._metrics.latency.tell(),
            "next_offsets": _nested(next_offsets),
            "lag": _nested(lags),
            "lag_total": sum(lags.values()),
            "stalled": [asdict(stall) for stall in stalls],
            **self._details(),
        }

    def _run(self) -> None:
        while not self._end.is_set():
            now = time.monotonic()
            if now - self._asked >= self._ask_every_s:
                self._ask()
                self._asked = now
            self.look()
            self._end.wait(_LOOK_S)

    def _ask(self) -> None:
        partitions = self._intake.next_offsets.keys()
        found = self._log_ends.find(partitions, timeout_s=_ASK_S)
        self._intake.note_log_ends(found)

    def _log_changes(self, stalls: list[Stall]) -> None:
        now_stalled = {(each.topic, each.partition) for each in stalls}
        for stall in stalls:
            if (stall.topic, stall.partition) not in self._stalled:
                held = self._intake.held
                log.error("partition.stalled", **asdict(stall), held=held or None)
        for topic, partition in sorted(self._stalled - now_stalled):
            log.info("partition.resumed", topic=topic, partition=partition)
        self._stalled = now_stalled


def _nested(by_partition: Mapping[Partition, int]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (topic, partition), value in sorted(by_partition.items()):
        nested.setdefault(topic, {})[str(partition)] = value
    return nested
