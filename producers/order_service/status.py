"""What order-service tells about itself: probes, metrics, progress."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from producers.order_service.publishing import OrderPublisher
from registry.names import Version
from runtime.health import Probes

_STALE_S = 60.0
_HOLDING_S = 5.0
_SAMPLE_EVERY_S = 1.0
_SAMPLES = 11


class RunStatus(Collector):
    """Figures of a run; the loop ticks, the threads of the server only read.

    Attributes:
        skipped_count: Lines that were passed over because they are no legal order.
    """

    def __init__(self, service: str, version: Version) -> None:
        self.skipped_count = 0
        self._service = service
        self._version = version
        self._publisher: OrderPublisher | None = None
        self._started = self._ticked = time.monotonic()
        self._samples: deque[tuple[float, int]] = deque(maxlen=_SAMPLES)

    @property
    def probes(self) -> Probes:
        """What the service's endpoints ask."""
        return Probes(
            is_alive=lambda: time.monotonic() - self._ticked < _STALE_S,
            is_ready=lambda: self._state() == "running",
            status=self._tell,
        )

    def begin(self, publisher: OrderPublisher) -> None:
        """Note that broker, topic and contract are there."""
        self._publisher = publisher

    def tick(self) -> None:
        """Note that the loop goes round."""
        self._ticked = now = time.monotonic()
        if self._publisher is not None and (
            not self._samples or now - self._samples[-1][0] >= _SAMPLE_EVERY_S
        ):
            self._samples.append((now, self._publisher.acknowledged_count))

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics, read at this moment."""
        publisher = self._publisher
        yield CounterMetricFamily(
            "accord_records_written",
            "Orders that Kafka has acknowledged.",
            publisher.acknowledged_count if publisher else 0,
        )
        yield CounterMetricFamily(
            "accord_bad_lines_skipped",
            "Lines passed over because they are no legal order.",
            self.skipped_count,
        )
        yield GaugeMetricFamily(
            "accord_records_in_flight",
            "Orders handed over and not acknowledged yet.",
            publisher.in_flight_count if publisher else 0,
        )

    def _state(self) -> str:
        publisher = self._publisher
        if publisher is None:
            return "starting"
        silent_s = time.monotonic() - publisher.acknowledged_at
        return (
            "holding"
            if publisher.in_flight_count and silent_s > _HOLDING_S
            else "running"
        )

    def _tell(self) -> dict[str, Any]:
        publisher = self._publisher
        return {
            "service": self._service,
            "state": self._state(),
            "uptime_s": round(time.monotonic() - self._started, 1),
            "contract_version": self._version,
            "records_written": publisher.acknowledged_count if publisher else 0,
            "records_in_flight": publisher.in_flight_count if publisher else 0,
            "records_per_s": self._rate(),
            "bad_lines_skipped": self.skipped_count,
        }

    def _rate(self) -> float:
        samples = list(self._samples)
        if len(samples) < 2:  # noqa: PLR2004 - a rate needs two points
            return 0.0
        (begin, first), (end, last) = samples[0], samples[-1]
        return round((last - first) / (end - begin), 1)


def registry_of(status: RunStatus) -> CollectorRegistry:
    """Return a registry that holds the run's metrics alone."""
    registry = CollectorRegistry()
    registry.register(status)
    return registry


@contextmanager
def show_progress() -> Iterator[Callable[[int, float | None], None]]:
    """Show a bar on standard error if that is a terminal.

    Yields:
        What to call with the number of orders acknowledged and how much is done, 0
        to 1, or None if that is not known.
    """
    console = Console(stderr=True)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("0 orders", total=None)

        def show(acknowledged_count: int, share_done: float | None) -> None:
            bar.update(
                task,
                description=f"{acknowledged_count} orders",
                total=None if share_done is None else 1.0,
                completed=share_done or 0.0,
            )

        yield show
