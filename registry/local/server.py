"""Serving the registry on a port until told to stop."""

import signal
import socket
import threading
from collections.abc import Callable, Sequence

import uvicorn

from registry.errors import ConfigError
from registry.local.app import create_app
from registry.local.dispatch import Limits
from registry.local.emulation import Emulation
from registry.local.store import SqliteStore

_STOP_TIMEOUT_S = 3
_MAX_CONNECTIONS = 1000
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def serve(  # noqa: PLR0913 - the named options of one command
    host: str,
    port: int,
    store: SqliteStore,
    *,
    on_ready: Callable[[str], None],
    emulate: Emulation = Emulation.V8,
    limits: Limits | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first.

    Args:
        host: Address to listen on.
        port: 0 takes a free one.
        store: Stays the caller's to close.
        on_ready: Told the registry's URL as soon as it answers.
        emulate: The release line to answer as.
        limits: What one request may cost.

    Raises:
        ConfigError: The address is taken or is none of this machine's.
    """
    listener = _listen(host, port)
    bound_port = listener.getsockname()[1]
    name = f"[{host}]" if ":" in host else host
    config = uvicorn.Config(
        create_app(store, emulate=emulate, limits=limits),
        http="h11",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_graceful_shutdown=_STOP_TIMEOUT_S,
    )
    server = _Server(config, lambda: on_ready(f"http://{name}:{bound_port}"))
    _stop_on_signals(server)
    with listener:
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        await super().startup(list(sockets or ()))
        if self.started:
            self._on_ready()


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
