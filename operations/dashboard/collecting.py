"""Asks the services, once for all who watch."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from operations.dashboard.reading import (
    MINUTES_SHOWN,
    read_figures,
    read_mails,
    read_service,
)
from operations.dashboard.snapshot import SILENT, Mails, ServiceView, Snapshot
from operations.services import ANALYTICS, NOTIFICATIONS

_EVERY_S = 0.4
_ANSWER_S = 2.0


class Collector:
    """Keeps the newest snapshot.

    Attributes:
        snapshot: Replaced as a whole about twice a second.
    """

    def __init__(
        self, *, analytics_url: str | None, services: Mapping[str, str]
    ) -> None:
        self.snapshot = Snapshot()
        self._analytics_url = analytics_url
        self._services = services
        self._looked_at = time.monotonic()
        self._counted_at: datetime | None = None

    async def run(self) -> None:
        """Look about twice a second until cancelled."""
        async with httpx.AsyncClient(timeout=_ANSWER_S, trust_env=False) as http:
            while True:
                await self.look(http)
                await asyncio.sleep(_EVERY_S)

    async def look(self, http: httpx.AsyncClient) -> None:
        """Take a new snapshot; who does not answer is shown as such."""
        now = time.monotonic()
        seconds, self._looked_at = max(now - self._looked_at, 0.001), now
        before = {each.name: each for each in self.snapshot.services}
        asking = asyncio.create_task(self._ask_mails(http))
        views = await asyncio.gather(
            *(
                self._view(http, name, before=before.get(name), seconds=seconds)
                for name in self._services
            )
        )
        mails = await asking
        snapshot = replace(self.snapshot, services=views, mails=mails, complaint="")
        snapshot = await self._with_figures(http, snapshot)
        self.snapshot = replace(snapshot, taken_at=datetime.now(UTC))

    async def _view(
        self,
        http: httpx.AsyncClient,
        name: str,
        *,
        before: ServiceView | None,
        seconds: float,
    ) -> ServiceView:
        try:
            status = await _ask(http, f"{self._services[name]}/status")
        except (httpx.HTTPError, ValueError) as exc:
            last = before or ServiceView(name=name, state=SILENT)
            note = _tell_age(last, exc)
            return replace(last, state=SILENT, note=note, rate=None)
        view = read_service(name, status, before=before, seconds=seconds)
        return replace(view, seen_at=datetime.now(UTC))

    async def _ask_mails(self, http: httpx.AsyncClient) -> Mails:
        """Return what was sent; what is known of it while nobody answers."""
        url = self._services.get(NOTIFICATIONS)
        if url is None:
            return Mails()
        try:
            return read_mails(await _ask(http, f"{url}/api/mails"))
        except (httpx.HTTPError, ValueError, KeyError):
            return self.snapshot.mails

    async def _with_figures(
        self, http: httpx.AsyncClient, snapshot: Snapshot
    ) -> Snapshot:
        url = self._analytics_url
        if url is None:
            return replace(snapshot, complaint=f"{ANALYTICS} was not started")
        end = datetime.now(UTC).replace(second=0, microsecond=0)
        first = end - timedelta(minutes=MINUTES_SHOWN - 1)
        query = {"by": "processed_at", "from": first.isoformat()}
        try:
            totals = await _ask(http, f"{url}/api/totals")
            minutes = await _ask(http, f"{url}/api/minutes", query)
        except (httpx.HTTPError, ValueError) as exc:
            return replace(snapshot, complaint=self._complain(exc))
        self._counted_at = datetime.now(UTC)
        return replace(snapshot, figures=read_figures(totals, minutes, first=first))

    def _complain(self, exc: Exception) -> str:
        since = self._counted_at
        age = "there are no figures yet"
        if since is not None:
            age = f"the figures are those of {since:%H:%M:%S} UTC"
        return f"{ANALYTICS} does not answer, {age}: {_reason(exc)}"


async def _ask(
    http: httpx.AsyncClient, url: str, query: Mapping[str, str] | None = None
) -> dict[str, Any]:
    answer = (await http.get(url, params=query)).raise_for_status().json()
    if not isinstance(answer, dict):
        raise ValueError("it answered no JSON object")  # noqa: TRY004 - caught with bad JSON
    return answer


def _tell_age(last: ServiceView, exc: Exception) -> str:
    """Return that what is known of a service is old, and why there is nothing newer."""
    if last.seen_at is None:
        return f"no answer yet: {_reason(exc)}"
    return f"all of this is of {last.seen_at:%H:%M:%S} UTC, no answer: {_reason(exc)}"


def _reason(exc: Exception) -> str:
    if isinstance(exc, httpx.TimeoutException):
        return f"no answer within {_ANSWER_S:g} s"
    return str(exc) or type(exc).__name__
