"""Services that only answer over HTTP, as the dashboard sees them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MINUTE = datetime(2026, 1, 31, 12, tzinfo=UTC)

TOTALS = {
    "orders": 1234,
    "revenue": {"USD": "1265793.0395"},
    "currencies": [{"currency": "USD", "orders": 1234, "revenue": "1265793.0395"}],
    "repeated_order_ids": 3,
    "dead_letters": 0,
}
MINUTES = {
    "by": "processed_at",
    "minutes": [
        {"minute": "2026-01-31T12:00:00Z", "currency": "EUR", "orders": 4},
        {"minute": "2026-01-31T12:00:00Z", "currency": "USD", "orders": 2},
        {"minute": "2026-01-31T12:02:00Z", "currency": "USD", "orders": 5},
    ],
}
STATUS = {
    "service": "analytics-service",
    "state": "running",
    "uptime_s": 3723.4,
    "records_processed": 1234,
    "records_written": 1234,
    "dead_letters": 2,
    "lag_total": 17,
    "schema_ids": [2, 3],
}
ANSWERS: dict[str, Any] = {
    "/status": STATUS,
    "/api/totals": TOTALS,
    "/api/minutes": MINUTES,
}


@contextmanager
def answering(answers: dict[str, Any]) -> Iterator[str]:
    """Answer each path with its JSON while inside; give the base URL.

    The answers may change meanwhile.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer, or 404."""
            answer = answers.get(self.path.partition("?")[0])
            self.send_response(200 if answer is not None else 404)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
