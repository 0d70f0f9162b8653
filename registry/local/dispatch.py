"""From an HTTP request to the registry's thread and back."""

import asyncio
import json
import logging
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from registry.errors import (
    RegistryRefused,
    SchemaTooDeep,
    TooMuchToCompare,
    UnprintableMessage,
)
from registry.local.calls import Call, NoContent, RawText
from registry.local.negotiation import V1_JSON, choose_media_type, is_consumable
from registry.local.offload import Errand, WorkPending
from registry.local.refusals import body_too_large, invalid_schema, refuse, server_error
from registry.local.registry import Registry
from registry.local.routes import Action, Endpoint
from registry.local.ui import Page

_T = TypeVar("_T")

_log = logging.getLogger(__name__)
_WITH_BODY = {"POST", "PUT"}
_MOST_DRAINED_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may cost.

    Attributes:
        max_body_bytes: Longer bodies are refused with 42209.
        head_timeout_s: A head that takes longer to arrive is refused with 408.
        body_timeout_s: So is a body.
    """

    max_body_bytes: int = 4 * 1024 * 1024
    head_timeout_s: float = 10.0
    body_timeout_s: float = 30.0


class Threads:
    """One thread for SQLite and the registry's parts, one for what takes long."""

    def __init__(self) -> None:
        self.registry = ThreadPoolExecutor(1, thread_name_prefix="registry")
        self.long_work = ThreadPoolExecutor(1, thread_name_prefix="long-work")

    def shut_down(self) -> None:
        """End both, once they are done with what they have begun."""
        self.long_work.shutdown(cancel_futures=True)
        self.registry.shutdown()


class Dispatcher:
    """Calls the registry, one request at a time, on a thread of its own."""

    def __init__(self, registry: Registry, threads: Threads, limits: Limits) -> None:
        self._registry = registry
        self._threads = threads
        self._limits = limits

    async def answer(self, endpoint: Endpoint, request: Request) -> Response:
        """Return the endpoint's answer in a type that the client accepts."""
        if request.method == "OPTIONS":
            return _answer_options(endpoint)
        media_type = choose_media_type(request.headers.get("accept"))
        try:
            body = await self._read(request)
            if media_type is None:
                raise HTTPException(406)
            action = endpoint.actions[
                "GET" if request.method == "HEAD" else request.method
            ]
            answer = await self._run(action, request, body)
        except RegistryRefused as exc:
            return refusal(exc, media_type or V1_JSON)
        return _render(answer, media_type)

    async def show(self, make: Callable[[Call], Page], request: Request) -> Response:
        """Return a page for people."""
        call = Call(path={}, query=request.state.query)
        page = await self._attempt(partial(make, call))
        return HTMLResponse(page.html, page.status, headers=page.headers)

    async def _run(self, action: Action, request: Request, body: bytes) -> object:
        call = Call(path=request.path_params, query=request.state.query, body=body)
        try:
            return await self._attempt(partial(action, self._registry, call))
        except UnprintableMessage:
            raise server_error() from None
        except (SchemaTooDeep, TooMuchToCompare) as exc:
            raise invalid_schema(str(exc)) from exc
        except sqlite3.Error as exc:
            _log.exception("the registry's store failed")
            raise refuse(50001, "Error in the backend data store") from exc

    async def _attempt(self, job: Callable[[], _T]) -> _T:
        """Run the job on the registry's thread, anew after each long computation."""
        loop = asyncio.get_running_loop()
        errand = Errand()

        def run() -> _T:
            with self._registry.offload.serving(errand):
                return job()

        while True:
            try:
                return await loop.run_in_executor(self._threads.registry, run)
            except WorkPending as pending:
                await loop.run_in_executor(self._threads.long_work, pending.work)

    async def _read(self, request: Request) -> bytes:
        if request.method not in _WITH_BODY:
            return b""
        if not is_consumable(request.headers.get("content-type")):
            raise refuse(415, "HTTP 415 Unsupported Media Type")
        try:
            async with asyncio.timeout(self._limits.body_timeout_s):
                return await self._collect(request)
        except TimeoutError:
            raise refuse(408, "HTTP 408 Request Timeout") from None
        except ClientDisconnect:
            raise refuse(400, "The request ended before its body") from None

    async def _collect(self, request: Request) -> bytes:
        body = bytearray()
        size_bytes = 0
        async for chunk in request.stream():
            size_bytes += len(chunk)
            # What is too long is read a while, and dropped: a client that still
            # sends would lose the answer to a connection reset.
            if size_bytes <= self._limits.max_body_bytes:
                body += chunk
            elif size_bytes > self._limits.max_body_bytes + _MOST_DRAINED_BYTES:
                break
        if size_bytes > self._limits.max_body_bytes:
            raise body_too_large(self._limits.max_body_bytes)
        return bytes(body)


def refusal(exc: RegistryRefused, media_type: str | None) -> Response:
    """Return the answer that carries a refusal."""
    content = {"error_code": exc.error_code, "message": exc.reason}
    return _json(content, media_type, status=exc.status)


def request_id(headers: Mapping[str, str]) -> str:
    """Return the id that the client gave its request, or a new one."""
    return headers.get("x-request-id") or str(uuid.uuid4())


def _render(answer: object, media_type: str | None) -> Response:
    match answer:
        case NoContent():
            return Response(status_code=204)
        case RawText(text):
            return Response(text.encode("utf-8", "replace"), media_type=media_type)
        case _:
            return _json(answer, media_type)


def _json(content: Any, media_type: str | None, status: int = 200) -> Response:  # noqa: ANN401 - any JSON value
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "replace"), status, media_type=media_type)


def _answer_options(endpoint: Endpoint) -> Response:
    known = sorted(endpoint.actions, key=["GET", "POST", "PUT", "DELETE"].index)
    head = ["HEAD"] if "GET" in known else []
    methods = ", ".join([*head, *known, "OPTIONS"])
    headers = {"Allow": methods, "Content-Type": "text/plain"}
    return Response(methods, headers=headers)
