"""Services that only answer over HTTP, as the dashboard sees them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MINUTE = datetime(2026, 1, 31, 12, tzinfo=UTC)


def minute_of(clock: str, currency: str, orders: int, revenue: str) -> dict[str, Any]:
    """Return a row of /api/minutes."""
    return {
        "minute": f"2026-01-31T{clock}:00Z",
        "currency": currency,
        "orders": orders,
        "revenue": revenue,
    }


CURRENCIES = [{"currency": "USD", "orders": 1234, "revenue": "1265793.0395"}]
TOTALS = {
    "orders": 1234,
    "revenue": {"USD": "1265793.0395"},
    "currencies": CURRENCIES,
    "repeated_order_ids": 3,
    "dead_letters": 0,
}
MINUTES = {
    "by": "processed_at",
    "minutes": [
        minute_of("12:00", "EUR", 4, "10.5000"),
        minute_of("12:00", "USD", 2, "0.0001"),
        minute_of("12:02", "USD", 5, "7.0000"),
    ],
}
MAILS = {
    "mails": 1230,
    "states": {"sent": 1230},
    "dead_letters": 4,
    "newest": [
        {"subject": "Your order 7 is confirmed", "sent_at": "2026-01-31T12:02:03Z"},
        {"subject": "<b>Not bold</b>", "sent_at": "2026-01-31T12:02:02Z"},
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
    "latency_s": {"mean": 0.0123, "max": 2.5},
    "stalled": [],
    "dead_letter_causes": [
        {"fingerprint": "f", "error": "NotFramed", "example": "byte 0", "count": 2}
    ],
    "schema_ids": [2, 3],
    "contracts_read": {"order-details-value": [1, 2]},
}
ANSWERS: dict[str, Any] = {
    "/status": STATUS,
    "/api/totals": TOTALS,
    "/api/minutes": MINUTES,
    "/api/mails": MAILS,
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
