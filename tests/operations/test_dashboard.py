"""The dashboard shows what the services say, and says when they do not."""

import asyncio
import socket
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import yaml

from operations.dashboard import main
from operations.dashboard.collecting import Collector
from operations.dashboard.reading import read_figures, read_service
from operations.dashboard.snapshot import Figures, Mails, ServiceView, Snapshot
from tests.operations.conftest import run
from tests.operations.fake_services import (
    ANSWERS,
    MINUTE,
    MINUTES,
    STATUS,
    TOTALS,
    answering,
)

ROOT = Path(__file__).parents[2]


def look(collector: Collector) -> Snapshot:
    """Let the collector look once."""

    async def once() -> None:
        async with httpx.AsyncClient() as http:
            await collector.look(http)

    asyncio.run(once())
    return collector.snapshot


def test_minutes_without_orders_are_shown_as_none() -> None:
    """Thirty minutes, currencies added up, gaps filled with 0."""
    figures = read_figures(TOTALS, MINUTES, first=MINUTE)

    assert [minute.orders for minute in figures.minutes] == [6, 0, 5] + 27 * [0]
    assert figures.minutes[2].begin == datetime(2026, 1, 31, 12, 2, tzinfo=UTC)
    assert figures.minutes[0].revenue == {
        "EUR": Decimal("10.5"),
        "USD": Decimal("0.0001"),
    }


def test_rate_is_that_between_two_looks() -> None:
    """Records since the last look, by the time since then; none at first."""
    first = read_service("s", STATUS, before=None, seconds=1)
    later = {**STATUS, "records_processed": 1334}

    second = read_service("s", later, before=first, seconds=2)

    assert first.rate is None
    assert second.rate == 50


def test_rate_of_a_service_that_was_started_again_is_unknown() -> None:
    """Its counts begin at 0: there is no rate, and no negative one."""
    before = ServiceView(name="s", state="running", count=1000)
    after = STATUS | {"records_processed": 3}

    assert read_service("s", after, before=before, seconds=1).rate is None


def test_service_that_falls_silent_keeps_its_figures() -> None:
    """The last figures stay, and it is said of when they are."""
    with answering(ANSWERS) as url:
        names = ("analytics-service", "notification-service")
        collector = Collector(analytics_url=url, services=dict.fromkeys(names, url))
        seen = look(collector)
    silent = look(collector)

    assert [each.state for each in seen.services] == ["running"] * 2
    assert seen.mails_age == ""
    assert [each.state for each in silent.services] == ["silent"] * 2
    assert [each.count for each in silent.services] == [1234] * 2
    assert [each.seen_at for each in silent.services] == [
        each.seen_at for each in seen.services
    ]
    assert all("all of this is of" in each.note for each in silent.services)
    assert (silent.figures, silent.mails) == (seen.figures, seen.mails)
    assert "does not answer" in silent.complaint
    assert silent.mails_age.startswith("as of ")


def test_service_that_never_answered_has_nothing_to_be_old() -> None:
    """It is silent, and nothing is said of an age."""
    nobody = "http://127.0.0.1:9"
    services = {"notification-service": nobody}
    snapshot = look(Collector(analytics_url=nobody, services=services))

    assert [each.state for each in snapshot.services] == ["silent"]
    assert snapshot.services[0].note.startswith("no answer yet: ")
    assert snapshot.mails_age == ""


@pytest.mark.parametrize("answer", [[], "text", None])
def test_answer_that_is_no_object_is_a_complaint(answer: object) -> None:
    """Whatever stands at the address, the page goes on."""
    with answering({"/api/totals": answer}) as url:
        snapshot = look(Collector(analytics_url=url, services={"other": url}))

    assert "analytics-service does not answer" in snapshot.complaint
    assert [each.state for each in snapshot.services] == ["silent"]


def test_address_in_use_is_refused_in_a_sentence() -> None:
    """One sentence, what to do, exit 78."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run("dashboard", "--listen", f"127.0.0.1:{port}")

    assert refused.returncode == 78
    assert f"cannot listen on 127.0.0.1:{port}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_rate_does_not_jump_with_each_look() -> None:
    """A look that falls between two batches does not show a service as idle."""
    views: list[ServiceView | None] = [None]
    for count in (1000, 1050, 1050, 1100):
        status = STATUS | {"records_processed": count}
        views.append(read_service("s", status, before=views[-1], seconds=1))

    assert views[-1] is not None
    assert views[-1].rate == pytest.approx(43.6, abs=1)


def test_workers_are_shown_as_one_service() -> None:
    """Counts are sums already; latency is the worst, versions and causes are joined."""
    second = STATUS | {
        "latency_s": {"mean": 1.0, "max": 1.5},
        "contracts_read": {"order-details-value": [3]},
        "uptime_s": 1.0,
    }
    status = {
        "service": "s",
        "state": "running",
        "records_processed": 2468,
        "lag_total": 34,
        "dead_letters": 4,
        "workers": [STATUS, second, {}],
    }

    view = read_service("s", status, before=None, seconds=1)

    assert (view.count, view.lag, view.uptime_s) == (2468, 34, 3723.4)
    assert (view.latency_s, view.longest_latency_s) == (1.0, 2.5)
    assert view.reads == {"order-details-value": [1, 2, 3]}
    assert [cause.count for cause in view.causes] == [2, 2]


def test_stalled_service_is_one_to_look_at() -> None:
    """It says of itself that it runs; the page says which partition does not."""
    stall = {"topic": "orders", "partition": 3, "next_offset": 9, "lag": 4, "for_s": 75}

    view = read_service("s", STATUS | {"stalled": [stall]}, before=None, seconds=1)

    assert not view.is_well
    assert view.note == "partition 3 of orders has not moved for 75 s, 4 waiting"


def test_way_of_an_order_takes_as_long_as_its_stages_together() -> None:
    """Mean times of the same orders add up; without one of them nothing is said."""
    priced = ServiceView(name="transaction-service", state="running", latency_s=0.25)
    counted = ServiceView(name="analytics-service", state="running", latency_s=0.5)

    assert Snapshot(services=[priced, counted]).latency_s == 0.75
    assert Snapshot(services=[priced]).latency_s is None


def test_dead_letters_that_a_sink_keeps_are_counted_once() -> None:
    """Its database outlasts it, its own count does not; other services only count."""
    views = [
        ServiceView(name="transaction-service", state="running", dead_letters=2),
        ServiceView(name="notification-service", state="running", dead_letters=3),
        ServiceView(name="analytics-service", state="running", dead_letters=0),
    ]
    snapshot = Snapshot(
        services=views, figures=Figures(dead_letters=5), mails=Mails(dead_letters=3)
    )

    assert snapshot.dead_letters == 10


def test_containers_show_every_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dashboard of docker-compose.yml is told of all four, by their names there."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    environment = compose["services"]["dashboard"]["environment"]
    monkeypatch.setenv("ACCORD_SERVICES", environment["ACCORD_SERVICES"])

    pairs = main.make_context("dashboard", []).params["services"]

    assert pairs == tuple(
        f"{name}=http://{name}:8080"
        for name in compose["services"]
        if name.endswith("-service")
    )
