"""The parts of the page that are numbers and lists."""

from collections.abc import Callable, Sequence

from nicegui import ui

from operations.dashboard.choice import CurrencyChoice
from operations.dashboard.snapshot import Revenue, Snapshot
from operations.dashboard.texts import amount_text, duration_text, subject_text

Update = Callable[[Snapshot], None]
"""Brings one part of the page up to date."""

_CAUSES = 6
_MAILS = 9


def build_figures(choice: CurrencyChoice) -> Update:
    """Show the figures that count up, and those that should stay small."""
    with ui.element("section").classes("figures").props('aria-label="figures"'):
        show_orders = _build_figure("orders", "orders", is_large=True)
        show_revenue = _build_figure("revenue", "revenue", is_large=True)
        show_minute = _build_figure("per-minute", "orders in the last full minute")
        show_mails = _build_figure("mails", "e-mails sent")
        show_lag = _build_figure("lag", "records waiting")
        show_letters = _build_figure("dead-letters", "dead letters")
        show_latency = _build_figure("latency", "from order to figures")

    def update(snapshot: Snapshot) -> None:
        figures, revenue = snapshot.figures, choice.find(snapshot)
        repeated = figures.repeated_order_ids
        show_orders(
            f"{figures.orders:,}",
            f"orders, {repeated:,} repeated ids" if repeated else "orders",
        )
        show_revenue(amount_text(revenue.amount), f"revenue in {revenue.currency}")
        show_minute(f"{figures.minutes[-2].orders if figures.minutes else 0:,}", "")
        mails_age = snapshot.mails_age
        show_mails(
            f"{snapshot.mails.count:,}",
            f"e-mails sent {mails_age}" if mails_age else "e-mails sent",
        )
        show_lag(f"{snapshot.lag:,}", "")
        show_letters(f"{snapshot.dead_letters:,}", "")
        show_latency(duration_text(snapshot.latency_s), "")

    return update


def _build_figure(
    name: str, title: str, *, is_large: bool = False
) -> Callable[[str, str], None]:
    classes = "card figure large" if is_large else "card figure"
    with ui.element("div").classes(classes).props(f'role=group aria-label="{title}"'):
        value = ui.label("0").classes("value").props(f'data-figure="{name}"')
        caption = ui.label(title).classes("quiet")

    def show(text: str, new_title: str) -> None:
        value.set_text(text)
        if new_title:
            caption.set_text(new_title)

    return show


def build_revenue() -> Update:
    """Show orders, their share and the exact revenue of each currency."""
    rows: dict[str, Callable[[Revenue, float, float], None]] = {}
    with ui.element("section").classes("card"):
        ui.label("By currency").classes("heading").props("role=heading aria-level=2")
        table = ui.element("div").classes("currencies").props("role=table")
        with table, ui.element("div").classes("currency titles").props("role=row"):
            for title in ("Currency", "Orders", "Share", "Revenue"):
                ui.label(title).props("role=columnheader")
        empty = ui.label("No orders yet").classes("quiet")

    def update(snapshot: Snapshot) -> None:
        revenue = snapshot.figures.revenue
        empty.set_visibility(not revenue)
        largest = max((each.orders for each in revenue), default=0) or 1
        total = max(sum(each.orders for each in revenue), 1)
        for each in revenue:
            if each.currency not in rows:
                with table:
                    rows[each.currency] = _build_currency(each.currency)
            rows[each.currency](each, each.orders / total, each.orders / largest)

    return update


def _build_currency(currency: str) -> Callable[[Revenue, float, float], None]:
    with (
        ui.element("div")
        .classes("currency")
        .props(f'role=row data-currency="{currency}"')
    ):
        ui.label(currency).props("role=cell")
        orders = ui.label().props("role=cell")
        part = ui.label().props("role=cell")
        amount = ui.label().props("role=cell")
        bar = ui.element("div").classes("share").props("aria-hidden=true")

    def update(revenue: Revenue, share: float, length: float) -> None:
        orders.set_text(f"{revenue.orders:,}")
        amount.set_text(amount_text(revenue.amount))
        part.set_text(f"{share:.1%}")
        bar.style(f"width: {length:.1%}")

    return update


def build_dead_letters() -> Update:
    """Show why records were put aside, the most frequent reason first."""
    show = _build_list("Dead letters", "None", name="causes")

    def update(snapshot: Snapshot) -> None:
        show(
            [
                (
                    f"{cause.count:,} x {cause.error} in {cause.service}",
                    cause.example,
                )
                for cause in snapshot.causes[:_CAUSES]
            ]
        )

    return update


def build_versions() -> Update:
    """Show which versions of each contract were seen on the wire."""
    show = _build_list("Contracts on the wire", "Nothing was read yet", name="versions")

    def update(snapshot: Snapshot) -> None:
        show(
            [
                (subject, ", ".join(f"version {each}" for each in versions) or "-")
                for subject, versions in snapshot.versions.items()
            ]
        )

    return update


def build_mails() -> Update:
    """Show what the newest letters are about."""
    show = _build_list("Newest e-mails", "None yet", name="newest-mails")

    def update(snapshot: Snapshot) -> None:
        show(
            [
                (subject_text(subject), f"{moment:%H:%M:%S}")
                for moment, subject in snapshot.mails.newest[:_MAILS]
            ]
        )

    return update


def _build_list(
    title: str, nothing: str, *, name: str
) -> Callable[[Sequence[tuple[str, str]]], None]:
    """Build a list of two-line entries; return what shows others."""
    with ui.element("section").classes("card"):
        ui.label(title).classes("heading").props("role=heading aria-level=2")
        entries = ui.element("div").classes("entries").props(f'data-list="{name}"')
        empty = ui.label(nothing).classes("quiet")
    shown: list[tuple[str, str]] = []

    def show(lines: Sequence[tuple[str, str]]) -> None:
        if shown == lines:
            return
        shown[:] = lines
        empty.set_visibility(not lines)
        entries.clear()
        with entries:
            for first, second in lines:
                with ui.element("div").classes("entry"):
                    ui.label(first)
                    ui.label(second).classes("quiet")

    return show
