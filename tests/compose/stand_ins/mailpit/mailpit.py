#!/usr/bin/env -S python3 -W ignore
"""Take mail on 1025, count it on 8025; `readyz` tells whether it does."""

import asyncore
import json
import smtpd
import sys
import threading
import urllib.request
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

EVERYWHERE = "0.0.0.0"  # noqa: S104 - inside a container
_count = 0


class Mailbox(smtpd.SMTPServer):
    """Counts what comes."""

    def process_message(self, *_message: Any, **_facts: Any) -> None:  # noqa: ANN401 - not looked at
        """Count one letter."""
        global _count  # noqa: PLW0603 - the program is its own module
        _count += 1


class Page(BaseHTTPRequestHandler):
    """Answers /readyz and /api/v1/messages."""

    def do_GET(self) -> None:
        """Tell how many letters there are."""
        self.send_response(HTTPStatus.OK)
        self.end_headers()
        self.wfile.write(json.dumps({"total": _count}).encode())


def main() -> None:
    """Serve, or ask the one who does."""
    if sys.argv[1:] == ["readyz"]:
        urllib.request.urlopen("http://127.0.0.1:8025/readyz", timeout=3)
        return
    Mailbox((EVERYWHERE, 1025), ("nowhere", 0))
    page = ThreadingHTTPServer((EVERYWHERE, 8025), Page)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    asyncore.loop()


if __name__ == "__main__":
    main()
