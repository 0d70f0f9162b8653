"""The dashboard shows what the services say, and says when they do not."""

import asyncio
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from operations.dashboard.collecting import Collector, read_figures
from operations.dashboard.snapshot import ServiceView, Snapshot, read_service
from operations.stack import Child, wait_for_service
from tests.operations.conftest import run
from tests.operations.fake_services import (
    ANSWERS,
    MINUTE,
    MINUTES,
    STATUS,
    TOTALS,
    answering,
)

_QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)


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

    assert [count for _, count in figures.minutes] == [6, 0, 5] + 27 * [0]
    assert figures.minutes[2][0] == datetime(2026, 1, 31, 12, 2, tzinfo=UTC)


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
    """The last figures stay, the state says that they are old."""
    with answering(ANSWERS) as url:
        collector = Collector(analytics_url=url, services={"analytics-service": url})
        seen = look(collector)
    silent = look(collector)

    assert [each.state for each in seen.services] == ["running"]
    assert [each.state for each in silent.services] == ["silent"]
    assert [each.count for each in silent.services] == [1234]
    assert silent.figures == seen.figures
    assert "does not answer" in silent.complaint


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


@contextmanager
def dashboard(url: str, folder: Path) -> Iterator[str]:
    """Run the dashboard on the services at `url`; give its own address."""
    child = Child.start(
        "dashboard",
        [
            *(sys.executable, "-m", "operations.dashboard", "--log-format", "json"),
            *("--analytics-url", url, "--service", f"analytics-service={url}"),
        ],
        log_path=folder / "dashboard.log",
    )
    try:
        yield wait_for_service(child)
    finally:
        child.stop()


@pytest.fixture
def page(require_or_skip: Callable[[str], NoReturn]) -> Iterator[Page]:
    """Give a page of a headless Chromium that reaches nothing outside."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        require_or_skip("there is no Chromium; install it with: make system")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=_QUIET.split()
        )
        yield browser.new_page()
        browser.close()


def test_page_shows_the_figures_and_follows_them(page: Page, tmp_path: Path) -> None:
    """What the services say is on the page, and a second later what they say then."""
    answers = dict(ANSWERS)
    with answering(answers) as url, dashboard(url, tmp_path) as address:
        page.goto(address)
        service = page.locator("[data-service=analytics-service]")
        expect(page.locator("[data-figure=orders]")).to_have_text("1,234")
        expect(page.locator("[data-figure=lag]")).to_have_text("17")
        expect(page.locator("[data-figure=repeated]")).to_have_text("3")
        expect(page.get_by_text("1,265,793.0395")).to_be_visible()
        expect(page.locator("canvas")).to_be_visible()
        expect(service).to_contain_text("schema ids on the wire: 2, 3")
        expect(page.get_by_text("1 service is well")).to_be_visible()

        answers["/api/totals"] = TOTALS | {"orders": 1235}
        answers["/status"] = STATUS | {"state": "holding", "held": "no registry"}

        expect(page.locator("[data-figure=orders]")).to_have_text("1,235")
        expect(service).to_contain_text("holding")
        expect(service).to_contain_text("no registry")
        expect(page.get_by_text("1 of 1 services needs a look")).to_be_visible()


def test_page_asks_for_nothing_outside(page: Page, tmp_path: Path) -> None:
    """Every request of the page goes to the dashboard itself."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with answering(dict(ANSWERS)) as url, dashboard(url, tmp_path) as address:
        page.goto(address)
        expect(page.locator("canvas")).to_be_visible()

    assert asked
    assert [each for each in asked if not each.startswith(address)] == []


def test_dashboard_ends_with_its_browsers_still_looking(
    page: Page, tmp_path: Path
) -> None:
    """SIGTERM ends it within seconds, with exit 0, though a page is open."""
    with answering(dict(ANSWERS)) as url:
        child = Child.start(
            "dashboard",
            [sys.executable, "-m", "operations.dashboard", "--analytics-url", url],
            log_path=tmp_path / "dashboard.log",
        )
        page.goto(wait_for_service(child))
        child.signal(signal.SIGTERM)

        assert child.wait(timeout_s=10) == 0
        child.stop()
