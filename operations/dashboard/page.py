"""The page: built once for each who watches, then kept up to date."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from nicegui import ui

from operations.dashboard.charts import build_orders_chart, build_revenue_chart
from operations.dashboard.choice import CurrencyChoice
from operations.dashboard.panels import (
    Update,
    build_dead_letters,
    build_figures,
    build_mails,
    build_revenue,
    build_versions,
)
from operations.dashboard.services import build_services
from operations.dashboard.snapshot import Snapshot
from operations.dashboard.texts import health_text

_CSS = Path(__file__).with_name("dashboard.css")
_EVERY_S = 0.25
# White is read on it.
_PRIMARY = "#0f766e"
_STALE_S = 5


def build_page(find_snapshot: Callable[[], Snapshot]) -> None:
    """Lay the page out and keep it up to date for as long as it is open."""
    ui.add_css(_CSS)
    ui.colors(primary=_PRIMARY)
    choice = CurrencyChoice()
    with ui.element("div").classes("accord"):
        updates = [choice.update, _build_header(), _build_complaint()]
        updates.append(build_figures(choice))
        with ui.element("div").classes("charts"):
            updates += [build_orders_chart(), build_revenue_chart(choice)]
        updates.append(build_services())
        with ui.element("div").classes("panels"):
            updates.append(build_revenue())
            with ui.element("div").classes("stack"):
                updates += [build_dead_letters(), build_versions()]
            updates.append(build_mails())

    def refresh() -> None:
        snapshot = find_snapshot()
        for update in updates:
            update(snapshot)

    refresh()
    ui.timer(_EVERY_S, refresh)


def _build_header() -> Update:
    # Nothing chosen: what the viewer's system prefers.
    dark = ui.dark_mode(value=None)
    with ui.element("header").classes("header"):
        with ui.element("div"):
            ui.label("Accord").classes("wordmark").props("role=heading aria-level=1")
            ui.label("orders, exactly once").classes("quiet")
        with ui.element("div").classes("verdict"):
            health = ui.label().classes("pill").mark("health").props("role=status")
            moment = ui.label().classes("quiet").mark("moment")
        with ui.element("div").classes("scheme"):
            ui.toggle({None: "auto", False: "light", True: "dark"}).props(
                'dense no-caps unelevated size=sm aria-label="colours"'
            ).bind_value(dark, "value")

    def update(snapshot: Snapshot) -> None:
        is_bad = bool(snapshot.troubled)
        health.set_text(health_text(snapshot))
        health.classes(
            add="bad" if is_bad else "good", remove="good" if is_bad else "bad"
        )
        if snapshot.taken_at is not None:
            moment.set_text(f"as of {snapshot.taken_at:%H:%M:%S} UTC")

    return update


def _build_complaint() -> Update:
    banner = ui.label().classes("complaint").mark("complaint").props("role=alert")

    def update(snapshot: Snapshot) -> None:
        text = snapshot.complaint or _find_age(snapshot)
        banner.set_text(text)
        banner.set_visibility(bool(text))

    return update


def _find_age(snapshot: Snapshot) -> str:
    """Return that everything on the page is old, or ""."""
    if snapshot.taken_at is None:
        return "waiting for the services"
    age_s = (datetime.now(UTC) - snapshot.taken_at).total_seconds()
    return f"all of this is {age_s:.0f} s old" if age_s > _STALE_S else ""
