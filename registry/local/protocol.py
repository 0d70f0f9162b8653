"""HTTP on one connection, with a clock on what the server has to wait for."""

import asyncio
import json
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_LINGER_S = 1.0
_MOST_DRAINED_BYTES = 16 * 1024 * 1024


class TimedProtocol(H11Protocol):
    """Refuses a request whose head does not end in time, or is none.

    The server waits for the first head from the moment of the connection, for a later
    one from its first byte; in between, keep-alive has a clock of its own.
    """

    head_timeout_s: ClassVar[float] = 10.0

    _clock: asyncio.TimerHandle | None = None
    _drained_bytes = -1

    def connection_made(  # type: ignore[override]  # as in the class above
        self, transport: asyncio.Transport
    ) -> None:
        """Start the clock of the first head."""
        super().connection_made(transport)
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and let the clock run exactly while a head is awaited."""
        if self._drained_bytes >= 0:
            self._drain(data)
            return
        super().data_received(data)
        if self._drained_bytes >= 0:
            return
        if self.conn.their_state is h11.IDLE:
            self._start_clock()
        else:
            self._stop_clock()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or has more head than can be read."""
        self._refuse(400, msg)

    def _start_clock(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(self.head_timeout_s, self._give_up)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _give_up(self) -> None:
        self._clock = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._refuse(408, "HTTP 408 Request Timeout")

    def _refuse(self, status: int, reason: str) -> None:
        self._stop_clock()
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.close()
            return
        body = json.dumps({"error_code": status, "message": reason}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        for event in (
            h11.Response(status_code=status, headers=headers),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        # A client that still sends would lose the answer to a connection reset.
        self._drained_bytes = 0
        self.loop.call_later(_LINGER_S, self.transport.close)

    def _drain(self, data: bytes) -> None:
        self._drained_bytes += len(data)
        if self._drained_bytes > _MOST_DRAINED_BYTES:
            self.transport.close()
