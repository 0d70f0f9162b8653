"""What the services answer, as what the page shows."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from operations.dashboard.snapshot import (
    SILENT,
    Cause,
    Figures,
    Mails,
    Minute,
    Revenue,
    ServiceView,
)

MINUTES_SHOWN = 30
_SMOOTHING = 0.15

Json = Mapping[str, Any]


def read_service(
    name: str, status: Json, *, before: ServiceView | None, seconds: float
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
    workers = status.get("workers", [status])
    return ServiceView(
        name=name,
        state=str(status.get("state", SILENT)),
        note=_find_note(status),
        count=count,
        rate=_find_rate(count, before, seconds),
        lag=None if is_source else status.get("lag_total", 0),
        latency_s=_largest(workers, "mean"),
        longest_latency_s=_largest(workers, "max"),
        dead_letters=status.get("dead_letters", 0),
        schema_ids=sorted({n for each in workers for n in each.get("schema_ids", ())}),
        reads=_join(workers, "contracts_read"),
        writes=_join(workers, "contracts_written"),
        causes=[
            Cause(
                service=name,
                error=cause["error"],
                example=cause["example"],
                count=cause["count"],
            )
            for each in workers
            for cause in each.get("dead_letter_causes", ())
        ],
        is_stalled=bool(status.get("stalled")),
        uptime_s=max(each.get("uptime_s", 0.0) for each in workers),
    )


def read_figures(totals: Json, minutes: Json, *, first: datetime) -> Figures:
    """Return what analytics-service's answers say, with a row for every minute."""
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
        minutes=_read_minutes(minutes["minutes"], first=first),
    )


def read_mails(answer: Json) -> Mails:
    """Return what notification-service's answer says."""
    return Mails(
        count=answer["mails"],
        dead_letters=answer["dead_letters"],
        newest=[
            (datetime.fromisoformat(each["sent_at"]), each["subject"])
            for each in answer["newest"]
        ],
    )


def _read_minutes(rows: Sequence[Json], *, first: datetime) -> list[Minute]:
    orders: Counter[datetime] = Counter()
    revenue: defaultdict[datetime, dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        begin = datetime.fromisoformat(row["minute"])
        orders[begin] += row["orders"]
        revenue[begin][row["currency"]] = Decimal(row["revenue"])
    shown = [first + timedelta(minutes=number) for number in range(MINUTES_SHOWN)]
    return [
        Minute(begin=begin, orders=orders[begin], revenue=revenue[begin])
        for begin in shown
    ]


def _find_note(status: Json) -> str:
    if status.get("held"):
        return str(status["held"])
    stalls = status.get("stalled") or []
    if not stalls:
        return ""
    worst = max(stalls, key=lambda each: each["for_s"])
    place = f"partition {worst['partition']} of {worst['topic']}"
    return f"{place} has not moved for {worst['for_s']:.0f} s, {worst['lag']} waiting"


def _find_rate(count: int, before: ServiceView | None, seconds: float) -> float | None:
    """Return records a second, smoothed; None where there is nothing to compare."""
    if before is None or before.state == SILENT or count < before.count:
        return None
    now = (count - before.count) / seconds
    if before.rate is None:
        return now
    return before.rate + _SMOOTHING * (now - before.rate)


def _largest(workers: Sequence[Json], name: str) -> float | None:
    told = [each["latency_s"][name] for each in workers if each.get("latency_s")]
    return max(told, default=None)


def _join(workers: Sequence[Json], field: str) -> dict[str, list[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for each in workers:
        for subject, versions in each.get(field, {}).items():
            found[subject].update(versions)
    return {subject: sorted(versions) for subject, versions in found.items()}
