"""What was sent, over HTTP: counts and subjects, no addresses."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from runtime.errors import DatabaseError
from sinks.notification_service.ledger import Ledger, State

_NEWEST = 20
_UNAVAILABLE = 503


def api_routes(ledger: Ledger) -> list[BaseRoute]:
    """Return the route /api/mails."""
    return [Route("/api/mails", _endpoint(lambda: _tell_mails(ledger)))]


def _tell_mails(ledger: Ledger) -> dict[str, Any]:
    states = ledger.count_by_state()
    return {
        "mails": states[State.SENT.value],
        "states": states,
        "dead_letters": ledger.count_dead_letters(),
        "newest": [
            {"subject": each["subject"], "sent_at": _as_text(each["sent_at_ms"])}
            for each in ledger.find_newest(_NEWEST)
        ],
    }


def _endpoint(answer: Callable[[], dict[str, Any]]) -> Callable[[Request], Response]:
    def respond(_request: Request) -> Response:
        try:
            return JSONResponse(answer())
        except DatabaseError as exc:
            return JSONResponse({"error": str(exc)}, status_code=_UNAVAILABLE)

    return respond


def _as_text(moment_ms: int) -> str:
    moment = datetime.fromtimestamp(moment_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
