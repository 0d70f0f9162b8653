"""A server in front of a registry that can fall ill: a real one, over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


class Illness(Enum):
    """What the front does to every request."""

    NONE = auto()
    """Hand it on."""
    ERROR = auto()
    """Answer 500 in the registry's own form."""
    GATEWAY = auto()
    """Answer 502 with the page of a proxy."""
    HTML = auto()
    """Answer 200 with a page, as a captive portal does."""
    SILENCE = auto()
    """Answer nothing until it is well again."""


_ANSWERS = {
    Illness.ERROR: (500, "application/json", b'{"error_code":50001,"message":"ill"}'),
    Illness.GATEWAY: (502, "text/html", b"<html><h1>502 Bad Gateway</h1></html>"),
    Illness.HTML: (200, "text/html", b"<html><h1>Please log in</h1></html>"),
}


class Front(ThreadingHTTPServer):
    """Stands before the registry at `target_url` and is well at first."""

    daemon_threads = True

    def __init__(self, target_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target_url = target_url
        self.illness = Illness.NONE
        self._is_well = threading.Event()

    @property
    def url(self) -> str:
        """Where clients reach it."""
        return f"http://127.0.0.1:{self.server_port}"

    def fall_ill(self, illness: Illness) -> None:
        """Treat every request so from now on."""
        self._is_well.clear()
        self.illness = illness

    def recover(self) -> None:
        """Hand every request on, those that wait too."""
        self.illness = Illness.NONE
        self._is_well.set()

    def await_recovery(self) -> None:
        """Return once it is well again, or after a minute."""
        self._is_well.wait(60)


class _Handler(BaseHTTPRequestHandler):
    server: Front

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.server.illness is Illness.SILENCE:
            self.server.await_recovery()
        status, content_type, answer = self._choose_answer(body)
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
        except ConnectionError:  # the client has given up by now
            self.close_connection = True

    def _choose_answer(self, sent: bytes) -> tuple[int, str, bytes]:
        if ill := _ANSWERS.get(self.server.illness):
            return ill
        url = self.server.target_url + self.path
        kind = {"Content-Type": self.headers.get("Content-Type", "")}
        found = httpx.request(self.command, url, content=sent, headers=kind)
        return found.status_code, found.headers["Content-Type"], found.content

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing: the test's output is not a server's log."""


@contextmanager
def standing_before(target_url: str) -> Iterator[Front]:
    """Run a front from here to the end of the block."""
    with Front(target_url) as front:
        thread = threading.Thread(target=front.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield front
        finally:
            front.recover()
            front.shutdown()
            thread.join()
