"""What a run's rounds come to: medians, spread, ratios, and the targets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.loop.field import MINIMAL, OURS, QUIX, STOCK, STREAMS

Row = Mapping[str, Any]
Results = Mapping[str, Any]

_MET, _MISSED, _UNKNOWN = "met", "**missed**", "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One line of the table of targets."""

    promise: str
    bound: str
    measured: str
    verdict: str


def middle(row: Row, figure: str) -> float:
    """Return the median of a figure over a row's rounds."""
    return float(median(each[figure] for each in row["rounds"]))


def least(row: Row, figure: str) -> float:
    """Return the least of a figure over a row's rounds."""
    return float(min(each[figure] for each in row["rounds"]))


def most(row: Row, figure: str) -> float:
    """Return the greatest of a figure over a row's rounds."""
    return float(max(each[figure] for each in row["rounds"]))


def find_row(rows: Sequence[Row], contender: str, workers: int = 1) -> Row | None:
    """Return a contender's row, or None if it was not there."""
    return next(
        (
            each
            for each in rows
            if each["contender"] == contender and each.get("workers", 1) == workers
        ),
        None,
    )


def ratio(rows: Sequence[Row], one: str, other: str, figure: str) -> float | None:
    """Return how many times the other's median the one's is; None without both."""
    first, second = find_row(rows, one), find_row(rows, other)
    if first is None or second is None:
        return None
    return middle(first, figure) / middle(second, figure)


def targets(results: Results) -> list[Target]:
    """Return what was aimed at, and what this run showed."""
    everybody, middle_rows = results.get("everybody", ()), results.get("middle", ())
    long_rows, latency = results.get("long", ()), results.get("latency", ())
    ours = find_row(everybody, OURS)
    return [
        _at_most(
            "CPU an order: minimal loop with our codec", 1.15, (everybody, MINIMAL)
        ),
        _at_most("CPU an order: stock serdes", 1 / 4.5, (everybody, STOCK)),
        _at_most("CPU an order: Quix Streams", 1 / 5, (everybody, QUIX)),
        _at_most("CPU an order: Kafka Streams, 400 k", 0.65, (middle_rows, STREAMS)),
        _at_most("CPU an order: Kafka Streams, 1 M", 0.8, (long_rows, STREAMS)),
        _target(
            "CPU an order, absolute",
            "< 10 µs",
            middle(ours, "cpu_us") if ours else None,
            is_met=lambda value: value < 10,  # noqa: PLR2004 - as the bound says
            unit=" µs",
        ),
        _serde(results.get("serde", ())),
        _at_most("latency p50: Kafka Streams", 1 / 3, (latency, STREAMS), "p50_ms"),
        _at_most("latency p99: Kafka Streams", 1.0, (latency, STREAMS), "p99_ms"),
        _at_most("latency p50: Quix Streams", 0.1, (latency, QUIX), "p50_ms"),
        _workers(middle_rows),
        _order_service(results.get("services", {})),
        _target(
            "analytics-service's rate: transaction-service's",
            "≥ 1.00 x",
            _analytics(results, "rate"),
            is_met=lambda value: value >= 1,
            unit=" x",
        ),
        _target(
            "analytics-service's CPU an order: transaction-service's",
            "≤ 1.00 x",
            _analytics(results, "cpu_us"),
            is_met=lambda value: value <= 1,
            unit=" x",
        ),
    ]


def _target(
    promise: str,
    bound: str,
    value: float | None,
    *,
    is_met: Callable[[float], bool],
    unit: str,
) -> Target:
    if value is None:
        return Target(promise=promise, bound=bound, measured=_UNKNOWN, verdict=_UNKNOWN)
    verdict = _MET if is_met(value) else _MISSED
    digits = f"{value:,.0f}" if value > 1000 else f"{value:.2f}"  # noqa: PLR2004 - readable
    return Target(
        promise=promise, bound=bound, measured=f"{digits}{unit}", verdict=verdict
    )


def _at_most(
    promise: str,
    bound: float,
    against: tuple[Sequence[Row], str],
    figure: str = "cpu_us",
) -> Target:
    rows, other = against
    return _target(
        promise,
        f"≤ {bound:.2f} x",
        ratio(rows, OURS, other, figure),
        is_met=lambda value: value <= bound,
        unit=" x",
    )


def _serde(rows: Sequence[Row]) -> Target:
    cpu_us = {each["contender"]: each["cpu_us"] for each in rows}
    return _target(
        "decode, price, encode alone: stock serdes take",
        "≥ 7 x",
        cpu_us[STOCK] / cpu_us[OURS] if cpu_us else None,
        is_met=lambda value: value >= 7,  # noqa: PLR2004 - as the bound says
        unit=" x",
    )


def _workers(rows: Sequence[Row]) -> Target:
    one, two = find_row(rows, OURS), find_row(rows, OURS, workers=2)
    grown = middle(two, "cpu_us") / middle(one, "cpu_us") if one and two else None
    return _target(
        "CPU an order with two workers: with one",
        "≤ 1.10 x",
        grown,
        is_met=lambda value: value <= 1.1,  # noqa: PLR2004 - as the bound says
        unit=" x",
    )


def _order_service(services: Mapping[str, Row]) -> Target:
    return _target(
        "order-service from a file, a process",
        "≥ 30,000 a second",
        middle(services["order-service"], "rate") if services else None,
        is_met=lambda value: value >= 30_000,  # noqa: PLR2004 - as the bound says
        unit=" a second",
    )


def _analytics(results: Results, figure: str) -> float | None:
    """Return how many times transaction-service's figure analytics-service's is."""
    services = results.get("services", {})
    counting = services.get("analytics-service")
    pricing = services.get("transaction-service") or find_row(
        results.get("everybody", ()), OURS
    )
    if counting is None or pricing is None:
        return None
    return middle(counting, figure) / middle(pricing, figure)
