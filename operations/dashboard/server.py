"""The web server of the dashboard."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
import uvicorn
from fastapi import FastAPI
from nicegui import ui
from starlette.responses import JSONResponse

from operations.dashboard.collecting import Collector
from operations.dashboard.page import build_page
from registry.errors import ConfigError

log = structlog.get_logger()

_LEAVE_S = 2
_UNAVAILABLE = 503


def build_app(collector: Collector) -> FastAPI:
    """Return the application: the page, /livez and /readyz."""

    @asynccontextmanager
    async def collecting(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(collector.run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    app = FastAPI(lifespan=collecting, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/livez")
    def livez() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        if collector.snapshot.taken_at is None:
            return JSONResponse({"status": "not ready"}, status_code=_UNAVAILABLE)
        return JSONResponse({"status": "ready"})

    ui.run_with(
        app,
        root=lambda: build_page(lambda: collector.snapshot),
        title="Accord",
        language="en-GB",
        dark=None,
    )
    return app


def serve(app: FastAPI, host: str, port: int) -> None:
    """Answer until SIGTERM or SIGINT.

    Raises:
        ConfigError: The address cannot be listened on.
    """
    listener = _listen(host, port)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_LEAVE_S,
        )
    )
    log.info("service.listening", url=f"http://{host}:{listener.getsockname()[1]}")
    with listener:
        server.run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as exc:
        raise ConfigError(
            f"cannot listen on {host}:{port}: {exc.strerror}",
            hint="choose another address with --listen; port 0 takes a free one",
        ) from exc
