"""Spans by OpenTelemetry, sent by OTLP over HTTP; needs the extra `otel`.

Endpoint, headers, sampler and the like are OpenTelemetry's own variables (OTEL_*).
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Self

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from registry.errors import ConfigError, PipelineError
from runtime.records import Header, Record

log = structlog.get_logger()

_FLUSH_S = 5.0
_PROPAGATOR = TraceContextTextMapPropagator()
_CONTEXT_HEADERS = frozenset(_PROPAGATOR.fields)


class OpenTelemetryTracer:
    """Begins spans and sends those that ended, in the background."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("accord")

    @classmethod
    def start(cls, service: str, *, queue_spans: int) -> Self:
        """Start to send; what OTEL_RESOURCE_ATTRIBUTES and the like say comes first.

        Raises:
            ConfigError: One of the variables is malformed.
        """
        _log_complaints()
        own = Resource.create({"service.name": service})
        resource = own.merge(OTELResourceDetector().detect())
        try:
            sender = BatchSpanProcessor(OTLPSpanExporter(), max_queue_size=queue_spans)
            provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        except ValueError as exc:
            raise ConfigError(
                f"OpenTelemetry refuses one of its variables: {exc}",
                hint="correct it, or set OTEL_SDK_DISABLED=true",
            ) from exc
        provider.add_span_processor(sender)
        return cls(provider)

    def begin(self, record: Record) -> "RecordSpan":
        """Begin the span of a record that was read, under the one that it names."""
        parent = _extract(record.headers)
        span = self._tracer.start_span(
            f"process {record.topic}",
            parent,
            kind=SpanKind.CONSUMER,
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.name": "process",
                "messaging.operation.type": "process",
                "messaging.destination.name": record.topic,
                "messaging.destination.partition.id": str(record.partition),
                "messaging.kafka.offset": record.offset,
            },
        )
        return RecordSpan(span, _with_parent(record.headers, parent, span))

    def begin_trace(self, topic: str) -> str:
        """Return the trace context of a record that is made for a topic."""
        with self._tracer.start_as_current_span(
            f"create {topic}",
            Context(),
            kind=SpanKind.PRODUCER,
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.name": "create",
                "messaging.operation.type": "create",
                "messaging.destination.name": topic,
            },
        ):
            carrier: dict[str, str] = {}
            _PROPAGATOR.inject(carrier)
        return carrier["traceparent"]

    def close(self) -> None:
        """Send what ended, for a few seconds at most: nobody waits for a collector."""
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(_FLUSH_S)


class RecordSpan:
    """What one stage does with one record.

    Attributes:
        headers: What is handed on: those of the record, this span as the parent.
    """

    def __init__(self, span: trace.Span, headers: Sequence[Header]) -> None:
        self._span = span
        self.headers = headers

    def fail(self, error: PipelineError) -> None:
        """Note that the record becomes a dead letter."""
        kind = type(error).__name__
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR, f"dead letter: {kind}"))

    def end(self, reason: str = "") -> None:
        """End the span; with a reason it has failed."""
        if reason:
            self._span.set_status(Status(StatusCode.ERROR, reason))
        self._span.end()


def _extract(headers: Sequence[Header]) -> Context | None:
    """Return the context that the headers carry, or None if it cannot be read."""
    carrier: Mapping[str, str] = {
        name: value.decode("ascii", errors="replace")
        for name, value in headers
        if name in _CONTEXT_HEADERS and value
    }
    context = _PROPAGATOR.extract(carrier, Context())
    is_valid = trace.get_current_span(context).get_span_context().is_valid
    return context if is_valid else None


def _with_parent(
    headers: Sequence[Header], parent: Context | None, span: trace.Span
) -> Sequence[Header]:
    """Return the headers with this span as the parent of what follows.

    Headers without a context that can be read are handed on as they came: what they
    hold may mean something to somebody else.
    """
    if parent is None:
        return headers
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, trace.set_span_in_context(span, parent))
    others = [each for each in headers if each[0] not in _CONTEXT_HEADERS]
    return [*((name, value.encode()) for name, value in carrier.items()), *others]


class _Complaints(logging.Handler):
    """What the SDK says, as a line of our own log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the message, which names endpoints and no payloads."""
        log.warning("tracing.complaint", reason=record.getMessage())


def _log_complaints() -> None:
    logger = logging.getLogger("opentelemetry")
    logger.handlers = [_Complaints(logging.WARNING)]
    logger.propagate = False
