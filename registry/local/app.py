"""The ASGI application."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from registry.local.accounts import Accounts
from registry.local.calls import Call
from registry.local.dispatch import Dispatcher, Limits, Threads, refusal
from registry.local.emulation import Emulation
from registry.local.gate import Gate
from registry.local.negotiation import V1_JSON
from registry.local.openapi import describe
from registry.local.refusals import refuse, server_error
from registry.local.registry import Registry
from registry.local.routes import ENDPOINTS, Endpoint
from registry.local.store import SqliteStore
from registry.local.ui import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a registry answers.

    Attributes:
        emulate: The release line to answer as.
        limits: What one request may cost.
        accounts: Who may ask; None lets everybody in.
        log: Told every request; None keeps no log.
        schemas: Folder whose contracts.toml tells the pages who reads what.
    """

    emulate: Emulation = Emulation.V8
    limits: Limits = field(default_factory=Limits)
    accounts: Accounts | None = None
    log: structlog.typing.FilteringBoundLogger | None = None
    schemas: Path | None = None


def create_app(store: SqliteStore, options: Options | None = None) -> ASGIApp:
    """Return the registry over an open store, which stays the caller's to close."""
    options = options or Options()
    threads = Threads()
    registry = Registry.build(store, options.emulate)
    dispatcher = Dispatcher(registry, threads, options.limits)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        threads.shut_down()

    handlers: dict[Any, Any] = {HTTPException: _unrouted, Exception: _failed}
    known = [it for it in ENDPOINTS if not (it.is_new and options.emulate.is_terse)]
    app = Starlette(
        routes=[
            *(_route(dispatcher, it) for it in (*known, _description(known))),
            *_page_routes(dispatcher, Pages(registry, options.schemas)),
        ],
        exception_handlers=handlers,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return Gate(app, accounts=options.accounts, log=options.log)


def _route(dispatcher: Dispatcher, endpoint: Endpoint) -> Route:
    answer: Callable[[Request], Awaitable[Response]] = partial(
        dispatcher.answer, endpoint
    )
    return Route(endpoint.path, answer, methods=[*endpoint.actions, "OPTIONS"])


def _page_routes(dispatcher: Dispatcher, pages: Pages) -> list[Route]:
    made = {"/ui": pages.show_subjects, "/ui/subject": pages.show_subject}
    return [
        Route(path, partial(dispatcher.show, make), methods=["GET"])
        for path, make in made.items()
    ]


def _description(endpoints: Sequence[Endpoint]) -> Endpoint:
    def get_openapi(registry: Registry, _call: Call) -> dict[str, Any]:
        return describe(endpoints, registry.emulation.release)

    return Endpoint("/openapi.json", {"GET": get_openapi})


def _unrouted(_request: Request, exc: HTTPException) -> Response:
    return refusal(
        refuse(exc.status_code, f"HTTP {exc.status_code} {exc.detail}"), None
    )


def _failed(_request: Request, _exc: Exception) -> Response:
    return refusal(server_error(), V1_JSON)
