"""Orders and revenue a minute, as charts that move."""

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui

from operations.dashboard.choice import CurrencyChoice
from operations.dashboard.panels import Update
from operations.dashboard.snapshot import Minute, Snapshot

_ORDERS = "#0d9488"
_REVENUE = "#6366f1"
# One that is read on white and on the dark of the page.
_AXIS = "#7a879b"


def build_orders_chart() -> Update:
    """Show orders a minute, of all currencies."""
    with ui.element("section").classes("card"):
        with ui.element("div").classes("head"):
            ui.label("Orders per minute").classes("heading")
        draw = _build_chart("Orders per minute, the last half hour", _ORDERS)

    def update(snapshot: Snapshot) -> None:
        minutes = snapshot.figures.minutes
        draw(minutes, [minute.orders for minute in minutes])

    return update


def build_revenue_chart(choice: CurrencyChoice) -> Update:
    """Show revenue a minute in one currency, which the viewer may choose."""
    with ui.element("section").classes("card"):
        with ui.element("div").classes("head"):
            ui.label("Revenue per minute").classes("heading")
            select = ui.select([], label=None).props(
                'dense borderless options-dense aria-label="currency of the revenue"'
            )
        draw = _build_chart("Revenue per minute, the last half hour", _REVENUE)
    select.on_value_change(lambda event: setattr(choice, "currency", event.value or ""))

    def update(snapshot: Snapshot) -> None:
        if select.options != choice.known:
            select.set_options(choice.known, value=choice.currency or None)
        minutes = snapshot.figures.minutes
        amounts = [each.revenue.get(choice.currency, 0) for each in minutes]
        # Pixels, no accounts: the exact figures stand in the table.
        draw(minutes, [round(float(amount), 2) for amount in amounts])

    return update


def _build_chart(
    title: str, colour: str
) -> Callable[[Sequence[Minute], Sequence[float]], None]:
    chart = ui.echart(_options(title, colour), renderer="svg").classes("chart")
    chart.props(f'role="img" aria-label="{title}"')
    shown: list[object] = []

    def draw(minutes: Sequence[Minute], values: Sequence[float]) -> None:
        clock = [f"{minute.begin:%H:%M}" for minute in minutes]
        if shown == [clock, values]:
            return
        shown[:] = [clock, values]
        chart.options["xAxis"]["data"] = clock
        chart.options["series"][0]["data"] = values
        chart.update()

    return draw


def _options(title: str, colour: str) -> dict[str, Any]:
    axis = {"axisLabel": {"color": _AXIS}, "axisTick": {"show": False}}
    return {
        "animation": False,
        "aria": {"enabled": True},
        "grid": {"left": 8, "right": 8, "top": 12, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {
            "type": "category",
            "data": [],
            "axisLine": {"lineStyle": {"color": _AXIS}},
            **axis,
        },
        "yAxis": {
            "type": "value",
            "splitNumber": 4,
            "minInterval": 1,
            "splitLine": {"lineStyle": {"color": _AXIS, "opacity": 0.25}},
            **axis,
        },
        "series": [
            {
                "type": "bar",
                "name": title.split(",", maxsplit=1)[0],
                "data": [],
                "barCategoryGap": "25%",
                "itemStyle": {"color": colour, "borderRadius": [3, 3, 0, 0]},
            }
        ],
    }
