"""The stages, in the order of the flow: state, throughput, lag and latency."""

from collections.abc import Callable

from nicegui import ui

from operations.dashboard.panels import Update
from operations.dashboard.snapshot import ServiceView, Snapshot
from operations.dashboard.texts import duration_text, uptime_text, versions_text
from operations.services import NAMES


def build_services() -> Update:
    """Show a card a service."""
    cards: dict[str, Callable[[ServiceView], None]] = {}
    grid = ui.element("section").classes("services").props('aria-label="services"')

    def update(snapshot: Snapshot) -> None:
        for view in sorted(snapshot.services, key=_rank):
            if view.name not in cards:
                with grid:
                    cards[view.name] = _build_service(view.name)
            cards[view.name](view)

    return update


def _rank(view: ServiceView) -> int:
    return NAMES.index(view.name) if view.name in NAMES else len(NAMES)


def _build_service(name: str) -> Callable[[ServiceView], None]:
    with ui.element("div").classes("card service").props(f'data-service="{name}"'):
        with ui.element("div").classes("head"):
            ui.label(name).classes("heading").props("role=heading aria-level=2")
            state = ui.label().classes("pill")
        with ui.element("div").classes("facts"):
            show_rate = _build_fact("a second")
            show_lag = _build_fact("waiting")
            show_latency = _build_fact("latency")
            show_longest = _build_fact("longest")
        counts = ui.label().classes("quiet")
        wire = ui.label().classes("quiet")
        note = ui.label().classes("note")

    def update(view: ServiceView) -> None:
        state.set_text(_state_text(view))
        state.classes(
            add="good" if view.is_well else "bad",
            remove="bad" if view.is_well else "good",
        )
        show_rate("-" if view.rate is None else f"{view.rate:,.0f}")
        show_lag("-" if view.lag is None else f"{view.lag:,}")
        show_latency(duration_text(view.latency_s))
        show_longest(duration_text(view.longest_latency_s))
        counts.set_text(_counts_text(view))
        wire.set_text(_wire_text(view))
        note.set_text(view.note)
        note.set_visibility(bool(view.note))

    return update


def _build_fact(title: str) -> Callable[[str], None]:
    with ui.element("div").classes("fact").props(f'role=group aria-label="{title}"'):
        value = ui.label("-").classes("fact-value")
        ui.label(title).classes("quiet")

    def show(text: str) -> None:
        value.set_text(text)

    return show


def _state_text(view: ServiceView) -> str:
    return "stalled" if view.is_stalled and view.state == "running" else view.state


def _counts_text(view: ServiceView) -> str:
    parts = [f"{view.count:,} records", f"up {uptime_text(view.uptime_s)}"]
    if view.dead_letters:
        parts.insert(1, f"{view.dead_letters:,} dead letters")
    return " · ".join(parts)


def _wire_text(view: ServiceView) -> str:
    parts = [f"reads {versions_text(view.reads)}"] if view.reads else []
    parts += [f"writes {versions_text(view.writes)}"] if view.writes else []
    return " · ".join(parts)
