"""A receiver of spans: OTLP over HTTP, as every collector takes it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedSpan:
    """A span as it came over the wire; ids in hexadecimal, "" without a parent."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    has_failed: bool
    attributes: dict[str, str]


class Receiver:
    """What a collector was sent.

    Attributes:
        url: What OTEL_EXPORTER_OTLP_ENDPOINT must be.
        spans: In the order of their arrival.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.spans: list[ReceivedSpan] = []

    def named(self, service: str) -> list[ReceivedSpan]:
        """Return the spans of a service."""
        return [each for each in self.spans if each.service == service]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Take spans on a free port while inside."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep what is sent."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.spans.extend(_read(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def _read(body: bytes) -> Sequence[ReceivedSpan]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        ReceivedSpan(
            service=next(
                each.value.string_value
                for each in resource.resource.attributes
                if each.key == "service.name"
            ),
            name=span.name,
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            parent_id=span.parent_span_id.hex(),
            has_failed=span.status.code == span.status.STATUS_CODE_ERROR,
            attributes={each.key: each.value.string_value for each in span.attributes},
        )
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
