"""Serving the registry on a port until told to stop."""

import signal
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from registry.errors import ConfigError
from registry.local.app import Options, create_app
from registry.local.protocol import TimedProtocol
from registry.local.store import SqliteStore

_STOP_TIMEOUT_S = 3
_MAX_CONNECTIONS = 1000
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen, and how.

    Attributes:
        port: 0 takes a free one.
        certificate: PEM file; with it, and only then, HTTPS is spoken.
        key: PEM file of its private key, if that is not in the same file.
    """

    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None


def serve(
    store: SqliteStore,
    address: Address,
    *,
    on_ready: Callable[[str], None],
    options: Options | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first.

    Args:
        store: Stays the caller's to close.
        address: Where to listen.
        on_ready: Told the registry's URL as soon as it answers.
        options: How to answer.

    Raises:
        ConfigError: The address is taken or is none of this machine's, or the
            certificate cannot be used.
    """
    options = options or Options()
    _check_certificate(address)
    listener = _listen(address.host, address.port)
    url = _url(address, listener.getsockname()[1])
    server = _Server(_configure(store, address, options), lambda: on_ready(url))
    _stop_on_signals(server)
    with listener:
        server.run(sockets=[listener])


def _configure(
    store: SqliteStore, address: Address, options: Options
) -> uvicorn.Config:
    limits = options.limits
    timing = {"head_timeout_s": limits.head_timeout_s}
    return uvicorn.Config(
        create_app(store, options),
        http=type("Protocol", (TimedProtocol,), timing),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_graceful_shutdown=_STOP_TIMEOUT_S,
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
    )


class _Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        await super().startup(list(sockets or ()))
        if self.started:
            self._on_ready()


def _url(address: Address, port: int) -> str:
    scheme = "https" if address.certificate else "http"
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{scheme}://{host}:{port}"


def _check_certificate(address: Address) -> None:
    if address.certificate is None:
        if address.key is not None:
            raise ConfigError("--tls-key needs --tls-certificate")
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(address.certificate, address.key)
    except (OSError, ssl.SSLError) as exc:
        files = " and ".join(str(it) for it in (address.certificate, address.key) if it)
        reason = f"cannot use {files} for TLS: {exc}"
        hint = "both are PEM files; the key has no password"
        raise ConfigError(reason, hint=hint) from exc


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as exc:
        reason = f"cannot listen on {host}:{port}: {exc}"
        raise ConfigError(
            reason, hint="name another --port; 0 takes a free one"
        ) from exc


def _stop_on_signals(server: uvicorn.Server) -> None:
    # uvicorn raises a caught signal again once it has stopped; here it ends nothing.
    if threading.current_thread() is not threading.main_thread():
        return

    def stop(_signal: int, _frame: object) -> None:
        server.should_exit = True

    for each in _STOP_SIGNALS:
        signal.signal(each, stop)
