"""What the page shows, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from operations.services import ANALYTICS, NOTIFICATIONS, TRANSACTIONS

SILENT = "silent"
"""State of a service that does not answer."""

_WELL = ("running", "joining", "starting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why records became dead letters.

    Attributes:
        example: The newest sentence of this cause.
    """

    service: str
    error: str
    example: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """One service at one moment.

    Attributes:
        state: What it says of itself, or `SILENT`.
        note: Why it holds, stands still or does not answer, or "".
        seen_at: When it answered last; the rest is of then. None if it never did.
        count: Records processed, or written by a source, since it was started.
        rate: Records a second over the last few looks, or None.
        lag: Records ahead of it, or None for a source.
        latency_s: Mean age of records when it was done with them; None if none came.
        longest_latency_s: The age of the oldest of them.
        schema_ids: Those that it met on the wire.
        reads: Versions that it met on the wire, by subject.
        writes: Versions that it writes, by subject.
        causes: Why its dead letters are some.
    """

    name: str
    state: str
    note: str = ""
    seen_at: datetime | None = None
    count: int = 0
    rate: float | None = None
    lag: int | None = None
    latency_s: float | None = None
    longest_latency_s: float | None = None
    dead_letters: int = 0
    schema_ids: Sequence[int] = ()
    reads: Mapping[str, Sequence[int]] = field(default_factory=dict)
    writes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    causes: Sequence[Cause] = ()
    is_stalled: bool = False
    uptime_s: float = 0.0

    @property
    def is_well(self) -> bool:
        """True unless somebody should look."""
        return self.state in _WELL and not self.is_stalled


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """Orders and revenue in one currency; the amount as it was sent, exact."""

    currency: str
    orders: int
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """One minute: its orders, and its revenue by currency."""

    begin: datetime
    orders: int = 0
    revenue: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What analytics-service has counted.

    Attributes:
        minutes: The oldest first, without gaps.
    """

    orders: int = 0
    repeated_order_ids: int = 0
    dead_letters: int = 0
    revenue: Sequence[Revenue] = ()
    minutes: Sequence[Minute] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mails:
    """What notification-service has sent.

    Attributes:
        newest: Time and subject, the newest first; no addresses.
    """

    count: int = 0
    dead_letters: int = 0
    newest: Sequence[tuple[datetime, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything at one moment.

    Attributes:
        taken_at: None before the first look.
        complaint: Why figures are old or absent, or "".
    """

    taken_at: datetime | None = None
    figures: Figures = field(default_factory=Figures)
    mails: Mails = field(default_factory=Mails)
    services: Sequence[ServiceView] = ()
    complaint: str = ""

    @property
    def lag(self) -> int:
        """Records that some service has still to process."""
        return sum(each.lag or 0 for each in self.services)

    @property
    def dead_letters(self) -> int:
        """Those the sinks keep, and those of other services since their start."""
        keepers = (ANALYTICS, NOTIFICATIONS)
        others = [each for each in self.services if each.name not in keepers]
        kept = self.figures.dead_letters + self.mails.dead_letters
        return kept + sum(each.dead_letters for each in others)

    @property
    def causes(self) -> list[Cause]:
        """Why there are dead letters, the most frequent first."""
        causes = [cause for each in self.services for cause in each.causes]
        return sorted(causes, key=lambda cause: -cause.count)

    @property
    def latency_s(self) -> float | None:
        """Mean time of late from an order's writing until it is in the figures."""
        means = {each.name: each.latency_s for each in self.services}
        stages = (means.get(TRANSACTIONS), means.get(ANALYTICS))
        known = [each for each in stages if each is not None]
        return sum(known) if len(known) == len(stages) else None

    @property
    def versions(self) -> dict[str, list[int]]:
        """Versions of each contract that were seen on the wire, by subject."""
        found: dict[str, set[int]] = {}
        for view in self.services:
            for subject, versions in view.reads.items():
                found.setdefault(subject, set()).update(versions)
        return {subject: sorted(found[subject]) for subject in sorted(found)}

    @property
    def mails_age(self) -> str:
        """Of when the e-mails are, while nobody tells of newer ones, or ""."""
        for each in self.services:
            if each.name == NOTIFICATIONS and each.state == SILENT:
                return f"as of {each.seen_at:%H:%M:%S} UTC" if each.seen_at else ""
        return ""

    @property
    def troubled(self) -> list[ServiceView]:
        """Services that somebody should look at."""
        return [each for each in self.services if not each.is_well]
