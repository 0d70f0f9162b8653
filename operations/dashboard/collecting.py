"""Asks the services, once for all who watch."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from operations.dashboard.snapshot import (
    SILENT,
    Figures,
    Revenue,
    ServiceView,
    Snapshot,
    read_service,
)

MINUTES_SHOWN = 30
_EVERY_S = 1.0
_ANSWER_S = 5.0


class Collector:
    """Keeps the newest snapshot.

    Attributes:
        snapshot: Replaced as a whole about once a second.
    """

    def __init__(
        self, *, analytics_url: str | None, services: Mapping[str, str]
    ) -> None:
        self.snapshot = Snapshot()
        self._analytics_url = analytics_url
        self._services = services
        self._looked_at = time.monotonic()

    async def run(self) -> None:
        """Look about once a second until cancelled."""
        async with httpx.AsyncClient(timeout=_ANSWER_S, trust_env=False) as http:
            while True:
                await self.look(http)
                await asyncio.sleep(_EVERY_S)

    async def look(self, http: httpx.AsyncClient) -> None:
        """Take a new snapshot; who does not answer is shown as such."""
        now = time.monotonic()
        seconds, self._looked_at = max(now - self._looked_at, 0.001), now
        before = {each.name: each for each in self.snapshot.services}
        views = await asyncio.gather(
            *(
                self._view(http, name, before=before.get(name), seconds=seconds)
                for name in self._services
            )
        )
        snapshot = replace(
            self.snapshot, taken_at=datetime.now(UTC), services=views, complaint=""
        )
        self.snapshot = await self._with_figures(http, snapshot)

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
            return replace(last, state=SILENT, note=_reason(exc), rate=None)
        return read_service(name, status, before=before, seconds=seconds)

    async def _with_figures(
        self, http: httpx.AsyncClient, snapshot: Snapshot
    ) -> Snapshot:
        if self._analytics_url is None:
            return replace(snapshot, complaint="analytics-service was not started")
        end = datetime.now(UTC).replace(second=0, microsecond=0)
        first = end - timedelta(minutes=MINUTES_SHOWN - 1)
        try:
            totals = await _ask(http, f"{self._analytics_url}/api/totals")
            minutes = await _ask(
                http,
                f"{self._analytics_url}/api/minutes",
                {"by": "processed_at", "from": first.isoformat()},
            )
        except (httpx.HTTPError, ValueError) as exc:
            complaint = f"analytics-service does not answer: {_reason(exc)}"
            return replace(snapshot, complaint=complaint)
        return replace(snapshot, figures=read_figures(totals, minutes, first=first))


def read_figures(
    totals: Mapping[str, Any], minutes: Mapping[str, Any], *, first: datetime
) -> Figures:
    """Return what analytics-service's answers say, with a row for every minute."""
    counts: Counter[datetime] = Counter()
    for row in minutes["minutes"]:
        counts[datetime.fromisoformat(row["minute"])] += row["orders"]
    shown = [first + timedelta(minutes=number) for number in range(MINUTES_SHOWN)]
    return Figures(
        orders=totals["orders"],
        repeated_order_ids=totals["repeated_order_ids"],
        dead_letters=totals["dead_letters"],
        revenue=[
            Revenue(
                currency=row["currency"], orders=row["orders"], amount=row["revenue"]
            )
            for row in totals["currencies"]
        ],
        minutes=[(minute, counts[minute]) for minute in shown],
    )


async def _ask(
    http: httpx.AsyncClient, url: str, query: Mapping[str, str] | None = None
) -> dict[str, Any]:
    answer = (await http.get(url, params=query)).raise_for_status().json()
    if not isinstance(answer, dict):
        raise ValueError("it answered no JSON object")  # noqa: TRY004 - caught with bad JSON
    return answer


def _reason(exc: Exception) -> str:
    return str(exc) or type(exc).__name__
