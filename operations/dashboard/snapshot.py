"""What the page shows, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SILENT = "silent"
"""State of a service that does not answer."""

_WELL = ("running", "joining", "starting")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """One service at one moment.

    Attributes:
        state: What it says of itself, or `SILENT`.
        note: Why it holds or does not answer, or "".
        count: Records processed, or written by a source, since it was started.
        rate: Records a second between the last two looks, or None.
        lag: Records ahead of it, or None for a source.
        schema_ids: Those that it met on the wire.
    """

    name: str
    state: str
    note: str = ""
    count: int = 0
    rate: float | None = None
    lag: int | None = None
    dead_letters: int = 0
    schema_ids: Sequence[int] = ()
    uptime_s: float = 0.0

    @property
    def is_well(self) -> bool:
        """True unless somebody should look."""
        return self.state in _WELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """Orders and revenue in one currency; the amount as it was sent, exact."""

    currency: str
    orders: int
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What analytics-service has counted.

    Attributes:
        minutes: Orders by minute, the oldest first, without gaps.
    """

    orders: int = 0
    repeated_order_ids: int = 0
    dead_letters: int = 0
    revenue: Sequence[Revenue] = ()
    minutes: Sequence[tuple[datetime, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything at one moment.

    Attributes:
        taken_at: None before the first look.
        complaint: Why the figures are old or absent, or "".
    """

    taken_at: datetime | None = None
    figures: Figures = field(default_factory=Figures)
    services: Sequence[ServiceView] = ()
    complaint: str = ""

    @property
    def lag(self) -> int:
        """Records that some service has still to process."""
        return sum(each.lag or 0 for each in self.services)

    @property
    def dead_letters(self) -> int:
        """Dead letters of all services since each was started."""
        return sum(each.dead_letters for each in self.services)

    @property
    def troubled(self) -> list[ServiceView]:
        """Services that somebody should look at."""
        return [each for each in self.services if not each.is_well]


def read_service(
    name: str, status: Mapping[str, Any], *, before: ServiceView | None, seconds: float
) -> ServiceView:
    """Return the view of a service from its `/status`.

    Args:
        name: How it is called.
        status: What it said.
        before: The last view, for the rate.
        seconds: Time since then, > 0.
    """
    is_source = "records_processed" not in status
    count = status.get("records_written" if is_source else "records_processed", 0)
    rate = None
    if before is not None and count >= before.count:
        rate = (count - before.count) / seconds
    return ServiceView(
        name=name,
        state=str(status.get("state", SILENT)),
        note=str(status.get("held", "")),
        count=count,
        rate=rate,
        lag=None if is_source else status.get("lag_total", 0),
        dead_letters=status.get("dead_letters", 0),
        schema_ids=status.get("schema_ids", ()),
        uptime_s=status.get("uptime_s", 0.0),
    )
