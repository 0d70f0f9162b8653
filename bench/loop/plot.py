"""The picture: CPU an order, a bar a contender."""

from collections.abc import Mapping
from html import escape
from statistics import median
from typing import Any

_LEFT, _WIDTH, _BAR, _GAP, _TOP = 170, 520, 22, 8, 46
_OURS, _OTHERS = "#2b6cb0", "#a0aec0"


def draw(results: Mapping[str, Any]) -> str:
    """Return an SVG of the table of everybody."""
    rows = sorted(
        ((each["contender"], _cpu(each)) for each in results["everybody"]),
        key=lambda each: each[1],
    )
    longest = max(cpu_us for _, cpu_us in rows)
    height = _TOP + len(rows) * (_BAR + _GAP) + 10
    bars = [_draw_bar(index, *row, longest=longest) for index, row in enumerate(rows)]
    count = results["everybody"][0]["orders"]
    title = f"CPU of the worker, microseconds an order ({count:,} orders, median)"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 90}"',
            f' height="{height}" font-family="sans-serif" font-size="13">',
            f'<text x="10" y="26" font-size="15">{escape(title)}</text>',
            *bars,
            "</svg>\n",
        ]
    )


def _draw_bar(index: int, name: str, cpu_us: float, *, longest: float) -> str:
    y = _TOP + index * (_BAR + _GAP)
    width = round(_WIDTH * cpu_us / longest, 1)
    color = _OURS if name == "Accord" else _OTHERS
    text = y + _BAR - 6
    return (
        f'<text x="{_LEFT - 10}" y="{text}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{_LEFT}" y="{y}" width="{width}" height="{_BAR}" fill="{color}"/>'
        f'<text x="{_LEFT + width + 6}" y="{text}">{cpu_us:.1f}</text>'
    )


def _cpu(row: Mapping[str, Any]) -> float:
    return float(median(each["cpu_us"] for each in row["rounds"]))
