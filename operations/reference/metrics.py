"""What services count, from the metrics themselves."""

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Metric

from operations.reference.tables import render_table
from producers.order_service.status import RunStatus
from registry.names import Version
from runtime.metrics import LoopMetrics

_HEAD = """\
# Metrics

What `/metrics` of the services answers, in Prometheus' form. Made by `make docs` from
the metrics themselves; [Operations](../operations.md#alerts) has the alerts.

Readers are transaction-service, notification-service and analytics-service, and every
service that is made with `runtime.processor`. Under `--workers` each metric has the
label `worker` besides. Lag is computed from the offsets that are committed with the
results; the group's own offsets, which lag tools read, follow about a second later for
the sinks and are a hint alone.

"""


def render_metrics() -> str:
    """Return the whole page."""
    rows = [*_rows(_of_readers(), "readers"), *_rows(_of_source(), "order-service")]
    return _HEAD + render_table(("metric", "kind", "labels", "of", "is"), rows)


def _of_readers() -> Iterator[Metric]:
    registry = CollectorRegistry()
    metrics = LoopMetrics(registry)
    # A metric with labels has them only once it has a value.
    metrics.aborted()
    metrics.note_lags({("order-details", 0): 0})
    yield from registry.collect()


def _of_source() -> Iterable[Metric]:
    return RunStatus("order-service", Version(1)).collect()


def _rows(metrics: Iterable[Metric], service: str) -> Iterator[Sequence[str]]:
    for each in metrics:
        labels = {name for sample in each.samples for name in sample.labels} - {"le"}
        name = f"{each.name}_total" if each.type == "counter" else each.name
        shown = ", ".join(f"`{label}`" for label in sorted(labels))
        yield f"`{name}`", each.type, shown, service, each.documentation
