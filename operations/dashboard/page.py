"""The page: built once for each who watches, then kept up to date."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from nicegui import ui

from operations.dashboard.snapshot import Revenue, ServiceView, Snapshot

_CSS = Path(__file__).with_name("dashboard.css")
_EVERY_S = 1.0
_TEAL = "#2dd4bf"

Update = Callable[[Snapshot], None]


def build_page(find_snapshot: Callable[[], Snapshot]) -> None:
    """Lay the page out and keep it up to date for as long as it is open."""
    ui.add_css(_CSS)
    ui.dark_mode(value=True)
    with ui.column().classes("accord"):
        updates = [_build_header(), _build_complaint(), _build_figures()]
        with ui.element("div").classes("split"):
            updates += [_build_chart(), _build_revenue()]
        updates.append(_build_services())

    def refresh() -> None:
        snapshot = find_snapshot()
        for update in updates:
            update(snapshot)

    refresh()
    ui.timer(_EVERY_S, refresh)


def _build_header() -> Update:
    with ui.row().classes("header"):
        with ui.column().classes("title"):
            ui.label("Accord").classes("wordmark")
            ui.label("orders, exactly once").classes("quiet")
        with ui.column().classes("verdict"):
            health = ui.label().classes("pill").mark("health")
            moment = ui.label().classes("quiet")

    def update(snapshot: Snapshot) -> None:
        troubled = snapshot.troubled
        health.set_text(_health_text(snapshot))
        health.classes(
            add="bad" if troubled else "good", remove="good" if troubled else "bad"
        )
        if snapshot.taken_at is not None:
            moment.set_text(f"as of {snapshot.taken_at:%H:%M:%S} UTC")

    return update


def _build_complaint() -> Update:
    banner = ui.label().classes("complaint").mark("complaint")

    def update(snapshot: Snapshot) -> None:
        banner.set_text(snapshot.complaint)
        banner.set_visibility(bool(snapshot.complaint))

    return update


def _build_figures() -> Update:
    with ui.element("div").classes("figures"):
        labels = {
            name: _build_figure(title, name)
            for name, title in (
                ("orders", "orders"),
                ("per-minute", "orders in the last full minute"),
                ("lag", "records waiting"),
                ("dead-letters", "dead letters since the start"),
                ("repeated", "repeated order ids"),
            )
        }

    def update(snapshot: Snapshot) -> None:
        figures = snapshot.figures
        values = {
            "orders": figures.orders,
            "per-minute": figures.minutes[-2][1] if figures.minutes else 0,
            "lag": snapshot.lag,
            "dead-letters": snapshot.dead_letters,
            "repeated": figures.repeated_order_ids,
        }
        for name, value in values.items():
            labels[name].set_text(f"{value:,}")

    return update


def _build_figure(title: str, name: str) -> ui.label:
    with ui.element("div").classes("card"):
        value = ui.label("0").classes("value").props(f'data-figure="{name}"').mark(name)
        ui.label(title).classes("quiet")
    return value


def _build_chart() -> Update:
    with ui.element("div").classes("card wide"):
        ui.label("Orders per minute").classes("heading")
        chart = ui.echart(_chart_options()).classes("chart")
    shown: list[object] = []

    def update(snapshot: Snapshot) -> None:
        minutes = snapshot.figures.minutes
        if shown == [minutes]:
            return
        shown[:] = [minutes]
        chart.options["xAxis"]["data"] = [_clock(minute) for minute, _ in minutes]
        chart.options["series"][0]["data"] = [count for _, count in minutes]
        chart.update()

    return update


def _build_revenue() -> Update:
    columns = [
        {"name": "currency", "label": "Currency", "field": "currency", "align": "left"},
        {"name": "orders", "label": "Orders", "field": "orders"},
        {"name": "amount", "label": "Revenue", "field": "amount"},
    ]
    with ui.element("div").classes("card"):
        ui.label("Revenue").classes("heading")
        table = ui.table(columns=columns, rows=[], row_key="currency")
        table.props('dense flat no-data-label="No orders yet"').classes("revenue")

    def update(snapshot: Snapshot) -> None:
        rows = [_revenue_row(each) for each in snapshot.figures.revenue]
        if rows != table.rows:
            table.rows = rows

    return update


def _build_services() -> Update:
    cards: dict[str, Callable[[ServiceView], None]] = {}
    grid = ui.element("div").classes("services")

    def update(snapshot: Snapshot) -> None:
        for view in snapshot.services:
            if view.name not in cards:
                with grid:
                    cards[view.name] = _build_service(view.name)
            cards[view.name](view)

    return update


def _build_service(name: str) -> Callable[[ServiceView], None]:
    with ui.element("div").classes("card service").props(f'data-service="{name}"'):
        with ui.row().classes("service-head"):
            ui.label(name).classes("heading")
            state = ui.label().classes("pill")
        facts = ui.label().classes("facts")
        wire = ui.label().classes("quiet")
        note = ui.label().classes("note")

    def update(view: ServiceView) -> None:
        state.set_text(view.state)
        state.classes(
            add="good" if view.is_well else "bad",
            remove="bad" if view.is_well else "good",
        )
        facts.set_text(_facts(view))
        wire.set_text(_wire(view))
        note.set_text(view.note)
        note.set_visibility(bool(view.note))

    return update


def _health_text(snapshot: Snapshot) -> str:
    count, troubled = len(snapshot.services), len(snapshot.troubled)
    if not count:
        return "no services"
    if troubled:
        return f"{troubled} of {count} services need{'s' * (troubled == 1)} a look"
    return "1 service is well" if count == 1 else f"all {count} services are well"


def _facts(view: ServiceView) -> str:
    parts = [f"{view.count:,} records"]
    if view.rate is not None:
        parts.append(f"{view.rate:,.0f} a second")
    if view.lag is not None:
        parts.append(f"{view.lag:,} waiting")
    if view.dead_letters:
        parts.append(f"{view.dead_letters:,} dead letters")
    return " · ".join(parts)


def _wire(view: ServiceView) -> str:
    parts = [f"up {_duration(view.uptime_s)}"]
    if view.schema_ids:
        ids = ", ".join(map(str, view.schema_ids))
        parts.insert(0, f"schema ids on the wire: {ids}")
    return " · ".join(parts)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def _revenue_row(revenue: Revenue) -> dict[str, Any]:
    whole, _, fraction = revenue.amount.partition(".")
    return {
        "currency": revenue.currency,
        "orders": f"{revenue.orders:,}",
        "amount": f"{int(whole):,}.{fraction}",
    }


def _clock(minute: datetime) -> str:
    return f"{minute:%H:%M}"


def _chart_options() -> dict[str, Any]:
    axis = {"axisLabel": {"color": "#94a3b8"}, "axisTick": {"show": False}}
    return {
        "animation": False,
        "grid": {"left": 48, "right": 8, "top": 16, "bottom": 28},
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "category",
            "data": [],
            "axisLine": {"lineStyle": {"color": "#334155"}},
            **axis,
        },
        "yAxis": {
            "type": "value",
            "minInterval": 1,
            "splitLine": {"lineStyle": {"color": "#1f2b40"}},
            **axis,
        },
        "series": [
            {
                "type": "bar",
                "name": "orders",
                "data": [],
                "barCategoryGap": "25%",
                "itemStyle": {"color": _TEAL, "borderRadius": [3, 3, 0, 0]},
            }
        ],
    }
