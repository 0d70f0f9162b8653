"""docs/performance.md, made of a run's figures and of nothing else.

`python -m bench.publish` takes the newest run; the run's figures are kept beside the
page, so that the page can be made again.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.loop.environments import ROOT
from bench.loop.field import OURS
from bench.loop.figures import Results, Row, find_row, least, middle, most, targets

PAGE = ROOT / "docs" / "performance.md"
FIGURES = PAGE.with_suffix(".json")
PLOT = PAGE.with_suffix(".svg")
_INTRO = Path(__file__).with_name("page.md")


def print_table(results: Results) -> None:
    """Print what a run showed."""
    for title, lines in _tables(results):
        print(f"\n{title}\n", *lines, sep="\n")


def render(results: Results) -> str:
    """Return the page."""
    parts = _INTRO.read_text(encoding="utf-8").split("<!-- figures -->\n")
    tables = [
        "\n".join([f"## {title}", "", *lines, ""]) for title, lines in _tables(results)
    ]
    return parts[0] + "\n".join(tables) + parts[1]


def _tables(results: Results) -> list[tuple[str, list[str]]]:
    """Return titles and tables of what was measured."""
    return [
        ("Targets", _targets(results)),
        *(
            (_title(title, rows), table(rows))
            for title, name, table in _SECTIONS
            if (rows := results.get(name))
        ),
        ("Machine, versions, settings", _setting(results)),
    ]


def _title(title: str, rows: Sequence[Row]) -> str:
    return title.format(count=rows[0]["orders"]) if "{" in title else title


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    align = ["---"] * len(head)
    return [f"| {' | '.join(row)} |" for row in (head, align, *rows)]


def _targets(results: Results) -> list[str]:
    rows = [
        (each.promise, each.bound, each.measured, each.verdict)
        for each in targets(results)
    ]
    return _table(["target", "bound", "this run", ""], rows)


def _orders(rows: Sequence[Row]) -> list[str]:
    ours = find_row(rows, OURS)
    head = ["", "CPU µs an order", "range", "x Accord", "orders a second, best"]
    head += ["broker µs", "memory MiB at 10, 50, 100 %", "first output s"]
    return _table(head, [_order_row(each, ours) for each in rows])


def _order_row(row: Row, ours: Row | None) -> list[str]:
    workers = f", {row['workers']} workers" if row["workers"] > 1 else ""
    lost = f" (loses {' and '.join(row['losses'])})" if row["losses"] else ""
    cpu_us = middle(row, "cpu_us")
    times = cpu_us / middle(ours, "cpu_us") if ours else 0
    memory = " ".join(f"{each:.0f}" for each in row["rounds"][-1]["rss_mib"])
    return [
        row["contender"] + workers + lost,
        f"{cpu_us:.1f}",
        f"{least(row, 'cpu_us'):.1f}-{most(row, 'cpu_us'):.1f}",
        f"{times:.2f}",
        f"{middle(row, 'rate'):,.0f}, {most(row, 'rate'):,.0f}",
        f"{middle(row, 'broker_us'):.1f}",
        memory,
        f"{middle(row, 'first_output_s'):.1f}",
    ]


def _latency(rows: Sequence[Row]) -> list[str]:
    head = ["ms, produce to visible", "p50", "p99", "p99.9", "CPU of a core"]
    figures = ("p50_ms", "p99_ms", "p999_ms")
    return _table(
        head,
        [
            [
                each["contender"],
                *(f"{middle(each, name):.1f}" for name in figures),
                f"{100 * middle(each, 'cpu_share'):.0f} %",
            ]
            for each in rows
        ],
    )


def _serde(rows: Sequence[Row]) -> list[str]:
    ours = rows[0]["cpu_us"]
    return _table(
        ["", "CPU µs an order, least", "x Accord"],
        [
            [each["contender"], f"{each['cpu_us']:.1f}", f"{each['cpu_us'] / ours:.2f}"]
            for each in rows
        ],
    )


def _steps(rows: Sequence[Row]) -> list[str]:
    return _table(
        ["each alone, least", "CPU µs an order"],
        [[each["step"], f"{each['cpu_us']:.2f}"] for each in rows],
    )


def _growth(rows: Sequence[Row]) -> list[str]:
    head = ["", "value", "contender", "CPU µs an order", "orders a second"]
    return _table(
        head,
        [
            [
                each["axis"],
                f"{each['value']:,}",
                each["contender"],
                f"{middle(each, 'cpu_us'):.1f}",
                f"{middle(each, 'rate'):,.0f}",
            ]
            for each in rows
        ],
    )


def _services(services: Results) -> list[str]:
    head = ["", "orders", "CPU µs an order", "range", "orders a second, best"]
    return _table(
        [*head, "memory MiB"],
        [
            [
                name,
                f"{each['orders']:,}",
                f"{middle(each, 'cpu_us'):.1f}",
                f"{least(each, 'cpu_us'):.1f}-{most(each, 'cpu_us'):.1f}",
                f"{middle(each, 'rate'):,.0f}, {most(each, 'rate'):,.0f}",
                f"{middle(each, 'rss_mib'):.0f}",
            ]
            for name, each in services.items()
        ],
    )


def _setting(results: Results) -> list[str]:
    machine = results["machine"]
    said = (
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']},"
        f" Python {machine['python']}; broker, contender and checker share them. Load"
        f" average before the run: {machine['load_before']}."
    )
    rows = [
        [
            name,
            each["guarantee"],
            each["settings"],
            ", ".join(f"{key} {value}" for key, value in each["versions"].items()),
        ]
        for name, each in results["contenders"].items()
    ]
    absent = [f"* {name}: {reason}" for name, reason in results["absent"].items()]
    head = ["", "guarantee", "beside its defaults", "versions"]
    return [
        said,
        "",
        *_table(head, rows),
        *(["", "Left out:", *absent] if absent else []),
    ]


_SECTIONS: list[tuple[str, str, Callable[[Any], list[str]]]] = [
    ("Everybody, {count:,} orders, one process", "everybody", _orders),
    ("Warm, {count:,} orders, and with two workers", "middle", _orders),
    ("{count:,} orders", "long", _orders),
    ("Latency at 100 orders a second", "latency", _latency),
    ("Decode, price, encode, without Kafka", "serde", _serde),
    ("Where our worker's CPU goes: the steps in Python", "steps", _steps),
    ("As the work grows", "growth", _growth),
    ("The services beside it", "services", _services),
]
