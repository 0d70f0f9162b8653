"""What stands before the routes: sizes, addresses, accounts, and the request log."""

import asyncio
import time
from functools import partial
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.local.accounts import Accounts
from registry.local.addresses import (
    MAX_HEADER_BYTES,
    MAX_TARGET_BYTES,
    AmbiguousAddress,
    read_address,
)
from registry.local.dispatch import refusal, request_id
from registry.local.negotiation import V1_JSON
from registry.local.refusals import refuse

_LONGEST_LOGGED = 200
_AMBIGUOUS_PAGE = (
    "<html><head><title>Error 400</title></head>"
    "<body><h1>HTTP 400</h1><p>Ambiguous or malformed path</p></body></html>"
)


class Gate:
    """Lets requests in, and marks and logs every answer with its request's id.

    A log line has no query, no header but the id, no body.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        accounts: Accounts | None = None,
        log: structlog.typing.FilteringBoundLogger | None = None,
    ) -> None:
        self._app = app
        self._accounts = accounts
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        try:
            refused = _refuse_size(scope) or await self._refuse_stranger(exchange)
            answer = refused or _route_address(scope) or self._app
            await answer(scope, receive, exchange.send)
        except Exception:
            if self._log is None or not exchange.status:
                raise
            # The answer is sent, as a plain 500; what it was belongs in the log.
            self._log.exception("request.failed", request_id=exchange.request_id)
        finally:
            if self._log is not None:
                self._log.info("request.answered", **exchange.facts())

    async def _refuse_stranger(self, exchange: "_Exchange") -> Response | None:
        if self._accounts is None:
            return None
        authorization = exchange.headers.get("authorization", "")
        user = self._accounts.knows(authorization)
        if user is None and authorization:
            find = partial(self._accounts.find_user, authorization)
            user = await asyncio.to_thread(find)
        if user is None:
            response = refusal(refuse(401, "HTTP 401 Unauthorized"), V1_JSON)
            response.headers["WWW-Authenticate"] = 'Basic realm="schema registry"'
            return response
        exchange.user = user
        return None


class _Exchange:
    """One request and what became of it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._began = time.perf_counter()
        self.headers = Headers(scope=scope)
        self.request_id = request_id(self.headers)
        self.user = ""
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on, marked, without a body to HEAD."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self.request_id
            headers["Vary"] = "Accept-Encoding"
        elif self._scope["method"] == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)

    def facts(self) -> dict[str, Any]:
        """Return what the log tells about it."""
        path = self._scope["raw_path"].decode("latin-1")
        facts = {
            "request_id": self.request_id[:_LONGEST_LOGGED],
            "method": self._scope["method"],
            "path": path[:_LONGEST_LOGGED],
            "status": self.status,
            "duration_s": round(time.perf_counter() - self._began, 6),
        }
        return {**facts, "user": self.user} if self.user else facts


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
