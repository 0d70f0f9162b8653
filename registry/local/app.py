"""The ASGI application."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.local.addresses import (
    MAX_HEADER_BYTES,
    MAX_TARGET_BYTES,
    AmbiguousAddress,
    read_address,
)
from registry.local.calls import Call
from registry.local.dispatch import Dispatcher, Limits, refusal, request_id
from registry.local.emulation import Emulation
from registry.local.negotiation import V1_JSON
from registry.local.openapi import describe
from registry.local.refusals import refuse, server_error
from registry.local.registry import Registry
from registry.local.routes import ENDPOINTS, Endpoint
from registry.local.store import SqliteStore

_AMBIGUOUS_PAGE = (
    "<html><head><title>Error 400</title></head>"
    "<body><h1>HTTP 400</h1><p>Ambiguous or malformed path</p></body></html>"
)


def create_app(
    store: SqliteStore,
    *,
    emulate: Emulation = Emulation.V8,
    limits: Limits | None = None,
) -> ASGIApp:
    """Return the registry over an open store, which stays the caller's to close."""
    # SQLite and the caches see one request at a time, hence one thread.
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="registry")
    dispatcher = Dispatcher(
        Registry.build(store, emulate), executor, limits or Limits()
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        executor.shutdown()

    handlers: dict[Any, Any] = {HTTPException: _unrouted, Exception: _failed}
    known = [it for it in ENDPOINTS if not (it.is_new and emulate.is_terse)]
    app = Starlette(
        routes=[_route(dispatcher, it) for it in (*known, _description(known))],
        exception_handlers=handlers,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return _Gate(app)


class _Gate:
    """Reads the address, and marks every answer with its request's id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        response = _refuse_size(scope) or _route_address(scope)
        answer = response or self._app
        await answer(scope, receive, partial(_send_marked, scope, send))


def _refuse_size(scope: Scope) -> Response | None:
    target_bytes = len(scope["raw_path"]) + len(scope["query_string"])
    if target_bytes > MAX_TARGET_BYTES:
        return refusal(refuse(414, "HTTP 414 URI Too Long"), None)
    if sum(len(name) + len(it) for name, it in scope["headers"]) > MAX_HEADER_BYTES:
        return refusal(refuse(431, "HTTP 431 Request Header Fields Too Large"), None)
    return None


def _route_address(scope: Scope) -> Response | None:
    """Set the scope's path and query, or return why that cannot be done."""
    try:
        address = read_address(scope["raw_path"], scope["query_string"])
    except AmbiguousAddress:
        return Response(
            _AMBIGUOUS_PAGE, 400, {"content-type": "text/html;charset=iso-8859-1"}
        )
    except ValueError as exc:
        return refusal(refuse(400, str(exc)), V1_JSON)
    scope["path"] = address.path
    scope["state"] = {**scope.get("state", {}), "query": address.query}
    return None


async def _send_marked(scope: Scope, send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        headers = MutableHeaders(scope=message)
        headers["X-Request-ID"] = request_id(Headers(scope=scope))
        headers["Vary"] = "Accept-Encoding"
    elif scope["method"] == "HEAD":
        message = {**message, "body": b""}
    await send(message)


def _route(dispatcher: Dispatcher, endpoint: Endpoint) -> Route:
    answer: Callable[[Request], Awaitable[Response]] = partial(
        dispatcher.answer, endpoint
    )
    return Route(endpoint.path, answer, methods=[*endpoint.actions, "OPTIONS"])


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
