"""W3C trace context through the pipeline, and spans where OpenTelemetry is configured.

Not configured, nothing of this stands in the way of a record: its headers are handed
on as they came. Configured, each stage begins a span a record under the one before.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, Self

import structlog

from registry.errors import PipelineError
from registry.installed import to_install
from runtime.config import prefixed
from runtime.records import Header, OutputFields, Partition, Process, Record
from runtime.sink_loop import Sink

log = structlog.get_logger()

_NOT_COMMITTED = "not committed: the batch was dropped and comes again"
# A batch ends its spans at once: the SDK's own default would drop most of them.
_QUEUE_SPANS = 20_000

Place = tuple[str, int, int]
"""Topic, partition, offset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracingSettings:
    """What OpenTelemetry's own variables ask for, as far as we must know it.

    Attributes:
        is_on: Spans are to be sent.
        queue_spans: Most spans that wait to be sent; more are dropped.
    """

    is_on: bool
    queue_spans: int = _QUEUE_SPANS

    @classmethod
    def from_env(cls) -> Self:
        """Read the OTEL_* family.

        Tracing is on if an OTLP endpoint or exporter is named, and not switched off.
        """
        given = prefixed(("OTEL_",), cut="OTEL_")
        exporter = given.get("traces.exporter", "")
        is_off = exporter == "none" or given.get("sdk.disabled", "").lower() == "true"
        named = ("exporter.otlp.endpoint", "exporter.otlp.traces.endpoint")
        is_named = exporter == "otlp" or any(given.get(name) for name in named)
        size = given.get("bsp.max.queue.size", "")
        return cls(
            is_on=is_named and not is_off,
            queue_spans=int(size) if size.isdecimal() else _QUEUE_SPANS,
        )


class Span(Protocol):
    """What one stage does with one record.

    Attributes:
        headers: What is handed on: those of the record, this span as the parent.
    """

    headers: Sequence[Header]

    def fail(self, error: PipelineError) -> None:
        """Note that the record becomes a dead letter."""
        ...

    def end(self, reason: str = "") -> None:
        """End the span; with a reason it has failed."""
        ...


class Tracer(Protocol):
    """What begins spans."""

    def begin(self, record: Record) -> Span:
        """Begin the span of a record that was read."""
        ...

    def begin_trace(self, topic: str) -> str:
        """Return the trace context of a record that is made for a topic."""
        ...


class OpenSpans:
    """The spans of the batch under way: begun with its records, ended with them."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._spans: dict[Place, Span] = {}

    def begin(self, record: Record) -> Span:
        """Return the span of a record; the same one if it is tried again."""
        place = (record.topic, record.partition, record.offset)
        if place not in self._spans:
            self._spans[place] = self._tracer.begin(record)
        return self._spans[place]

    def end(self, records: Sequence[Record]) -> None:
        """End the spans of records that are committed."""
        for record in records:
            span = self._spans.pop(
                (record.topic, record.partition, record.offset), None
            )
            if span is not None:
                span.end()

    def end_batch(self, done_count: int, reason: str = _NOT_COMMITTED) -> None:
        """End what is open: so many records are done, the others come again."""
        for number, span in enumerate(self._spans.values()):
            span.end("" if number < done_count else reason)
        self._spans.clear()


class TracedProcess:
    """A `Process` whose outputs carry the span of their input."""

    def __init__(self, process: Process, spans: OpenSpans) -> None:
        self._process = process
        self._spans = spans

    def __call__(self, record: Record) -> Sequence[OutputFields]:
        """Return what the record becomes.

        Raises:
            PipelineError: Whatever the process raises.
        """
        span = self._spans.begin(record)
        try:
            return self._process(record._replace(headers=span.headers))
        except PipelineError as exc:
            if not exc.retryable:
                span.fail(exc)
            raise


class TracedSink:
    """A `Sink` that tells when each record is written."""

    def __init__(self, sink: Sink, spans: OpenSpans) -> None:
        self._sink = sink
        self._spans = spans

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> Mapping[Partition, int]:
        """Return what the sink says."""
        return self._sink.find_start_offsets(partitions)

    def prepare(self, records: Sequence[Record]) -> list[PipelineError | None]:
        """Begin a span a record, and let the sink prepare them."""
        spans = [self._spans.begin(record) for record in records]
        errors = self._sink.prepare(records)
        for span, error in zip(spans, errors, strict=True):
            if error is not None:
                span.fail(error)
        return errors

    def write(self, records: Sequence[Record]) -> int:
        """Let the sink write, and end the spans of what is written."""
        done = self._sink.write(records)
        self._spans.end(records[:done])
        return done

    def take_refusals(self) -> list[PipelineError]:
        """Return what the sink says."""
        return self._sink.take_refusals()

    def close(self) -> None:
        """Close the sink."""
        self._sink.close()


def trace_process(process: Process, spans: OpenSpans | None) -> Process:
    """Return the process, traced if there are spans."""
    return process if spans is None else TracedProcess(process, spans)


def trace_sink(sink: Sink, spans: OpenSpans | None) -> Sink:
    """Return the sink, traced if there are spans."""
    return sink if spans is None else TracedSink(sink, spans)


def trace_rounds(
    run_once: Callable[[], int], spans: OpenSpans | None
) -> Callable[[], int]:
    """Return `run_once` of a loop, so that no span outlives its batch."""
    if spans is None:
        return run_once

    def run_and_end() -> int:
        try:
            done_count = run_once()
        except PipelineError as exc:
            spans.end_batch(0, str(exc))
            raise
        spans.end_batch(done_count)
        return done_count

    return run_and_end


@contextmanager
def open_tracer(service: str) -> Iterator[Tracer | None]:
    """Yield what begins spans; None unless OpenTelemetry is configured and installed.

    What is not sent a few seconds after the end of the block is lost.

    Raises:
        ConfigError: OpenTelemetry refuses one of its variables.
    """
    settings = TracingSettings.from_env()
    if not settings.is_on:
        yield None
        return
    try:
        # Of the extra `otel`, which need not be installed, and slow to import.
        from runtime.spans import (  # noqa: PLC0415 - above
            OpenTelemetryTracer,
        )
    except ModuleNotFoundError as exc:
        hint = to_install("otel")
        log.warning("tracing.not_installed", missing=exc.name, hint=hint)
        yield None
        return
    tracer = OpenTelemetryTracer.start(service, queue_spans=settings.queue_spans)
    log.info("tracing.started")
    try:
        yield tracer
    finally:
        tracer.close()
