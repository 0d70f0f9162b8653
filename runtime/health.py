"""The HTTP side of a service: is it alive, is it ready, what is it doing."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
import uvicorn
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    generate_latest,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from registry.errors import ConfigError
from runtime.config import ServiceSettings

log = structlog.get_logger()

_START_S = 10.0
_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """What the endpoints ask; all are called on a thread of the server.

    Attributes:
        is_alive: The loop ticks.
        is_ready: Records are being processed, or would be if there were any.
        status: A JSON object for /status.
    """

    is_alive: Callable[[], bool]
    is_ready: Callable[[], bool]
    status: Callable[[], dict[str, Any]]


@contextmanager
def serve(
    settings: ServiceSettings,
    probes: Probes,
    metrics: CollectorRegistry,
    routes: Sequence[BaseRoute] = (),
) -> Iterator[str]:
    """Answer /livez, /readyz, /metrics, /status and `routes` while inside.

    Yields:
        The base URL, with the port that was taken if 0 was asked for.

    Raises:
        ConfigError: The address cannot be listened on.
    """
    listener = _listen(settings.host, settings.port)
    app = Starlette(routes=[*_health_routes(probes, metrics), *routes])
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", ws="none"
        )
    )
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="http", daemon=True
    )
    thread.start()
    url = f"http://{_bracketed(settings.host)}:{listener.getsockname()[1]}"
    log.info("service.listening", url=url)
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join(_START_S)
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError as exc:
        raise ConfigError(
            f"cannot listen on {host}:{port}: {exc.strerror}",
            hint="choose another address with --listen; port 0 takes a free one",
        ) from exc
    return listener


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _health_routes(probes: Probes, metrics: CollectorRegistry) -> list[BaseRoute]:
    def livez(_request: Request) -> Response:
        return _probe(is_ok=probes.is_alive(), ok="alive", failed="not ticking")

    def readyz(_request: Request) -> Response:
        return _probe(is_ok=probes.is_ready(), ok="ready", failed="not ready")

    def exposition(_request: Request) -> Response:
        return Response(
            generate_latest(metrics), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    def status(_request: Request) -> Response:
        return JSONResponse(probes.status())

    return [
        Route("/livez", livez),
        Route("/readyz", readyz),
        Route("/metrics", exposition),
        Route("/status", status),
    ]


def _probe(*, is_ok: bool, ok: str, failed: str) -> Response:
    code = 200 if is_ok else _UNAVAILABLE
    return JSONResponse({"status": ok if is_ok else failed}, status_code=code)
