"""The figures over HTTP, for the dashboard and for anybody else."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from runtime.errors import DatabaseError
from sinks.analytics_service.figures import Figures, MinuteQuery
from sinks.analytics_service.tables import Clock

_OPENAPI = Path(__file__).with_name("openapi.json")
_BAD_REQUEST = 400
_UNAVAILABLE = 503
_MOST_CUSTOMERS = 1000
_MOST_MINUTES = 100_000

Answer = Callable[[Request], dict[str, Any]]


class BadQuery(ValueError):
    """A parameter of a request cannot be understood."""


def api_routes(figures: Figures) -> list[BaseRoute]:
    """Return the routes of the API, described at /api/openapi.json."""
    openapi = json.loads(_OPENAPI.read_text(encoding="utf-8"))

    def totals(_request: Request) -> dict[str, Any]:
        return figures.get_totals()

    def minutes(request: Request) -> dict[str, Any]:
        return figures.get_minutes(_read_minute_query(request))

    def customers(request: Request) -> dict[str, Any]:
        limit = _read_limit(request, default=10, most=_MOST_CUSTOMERS)
        return figures.get_customers(limit)

    def dead_letters(_request: Request) -> dict[str, Any]:
        return figures.get_dead_letters()

    return [
        Route("/api/totals", _endpoint(totals)),
        Route("/api/minutes", _endpoint(minutes)),
        Route("/api/customers", _endpoint(customers)),
        Route("/api/dead-letters", _endpoint(dead_letters)),
        Route("/api/openapi.json", _endpoint(lambda _request: openapi)),
    ]


def _endpoint(answer: Answer) -> Callable[[Request], Response]:
    def respond(request: Request) -> Response:
        try:
            return JSONResponse(answer(request))
        except BadQuery as exc:
            return JSONResponse({"error": str(exc)}, status_code=_BAD_REQUEST)
        except DatabaseError as exc:
            return JSONResponse({"error": str(exc)}, status_code=_UNAVAILABLE)

    return respond


def _read_minute_query(request: Request) -> MinuteQuery:
    given = request.query_params
    try:
        by = Clock(given.get("by", Clock.CREATED_AT))
    except ValueError:
        raise BadQuery("by must be created_at or processed_at") from None
    return MinuteQuery(
        by=by,
        currency=given.get("currency") or None,
        first=_read_moment(request, "from"),
        last=_read_moment(request, "to"),
        limit=_read_limit(request, default=10_000, most=_MOST_MINUTES),
    )


def _read_moment(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadQuery(
            f"{name} must be ISO 8601 with an offset, such as 2026-01-31T12:00:00Z"
        )
    return moment.astimezone(UTC)


def _read_limit(request: Request, *, default: int, most: int) -> int:
    text = request.query_params.get("limit") or str(default)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
        raise BadQuery(f"limit must be a number from 1 to {most}")
    return int(text[:9])
