"""The page above a real pipeline: its numbers are those of `pipeline report`."""

import json
import os
import signal
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from operations.demo import NORTHWIND
from operations.stack import Addresses
from tests import services
from tests.operations.conftest import Up, run

WaitUntil = Callable[[Callable[[], bool]], None]

BAD = [(b"k", b"no order"), (b"l", b"neither")]


def report(up: Up) -> dict[str, Any]:
    """Return what `pipeline report` says."""
    figures: dict[str, Any] = json.loads(up.run("report", "--format", "json").stdout)
    return figures


@pytest.fixture(scope="module")
def loaded(up: Up) -> Up:
    """Give a pipeline through which a known load went: 830 orders, two bad records."""
    written = run(
        "order-service",
        *("--bootstrap-servers", up.addresses["bootstrap_servers"]),
        *("--registry-url", up.addresses["registry_url"]),
        *("--from", NORTHWIND),
    )
    assert written.returncode == 0, written.stderr
    addresses = Addresses(
        bootstrap_servers=up.addresses["bootstrap_servers"],
        registry_url=up.addresses["registry_url"],
    )
    services.send_values(addresses, "order-details", BAD)
    return up


def test_numbers_on_the_page_are_those_of_the_report(
    page: Page, loaded: Up, wait_until: WaitUntil
) -> None:
    """Orders, revenue, mails, dead letters and lag, once everything is done."""
    wait_until(lambda: (report(loaded)["mails"], report(loaded)["lag"]) == (830, 0))
    told = report(loaded)

    page.goto(loaded.addresses["dashboard_url"])

    expect(page.locator("[data-figure=orders]")).to_have_text(f"{told['orders']:,}")
    expect(page.locator("[data-figure=mails]")).to_have_text(f"{told['mails']:,}")
    expect(page.locator("[data-figure=lag]")).to_have_text(f"{told['lag']:,}")
    letters = page.locator("[data-figure=dead-letters]")
    expect(letters).to_have_text(f"{told['dead_letters']:,}")
    revenue = page.locator("[data-figure=revenue]").inner_text()
    assert told["revenue"] == {"USD": revenue.replace(",", "")}
    assert (told["orders"], told["dead_letters"]) == (830, 2)
    expect(page.locator("[data-list=versions]")).to_contain_text("version 2")
    expect(page.locator("[data-list=causes]")).to_contain_text("2 x NotFramed")
    expect(page.locator("[data-list=newest-mails] .entry")).not_to_have_count(0)


def test_page_lives_through_the_death_of_a_service(
    page: Page, loaded: Up, wait_until: WaitUntil
) -> None:
    """It says that the service is silent, keeps its figures, and finds it again."""
    wait_until(lambda: report(loaded)["orders"] == 830)
    page.goto(loaded.addresses["dashboard_url"])
    card = page.locator("[data-service=analytics-service]")
    expect(card).to_contain_text("running")

    status = httpx.get(f"{loaded.addresses['analytics_url']}/status").json()
    os.kill(status["pid"], signal.SIGKILL)

    expect(card).to_contain_text("silent")
    expect(page.get_by_text("analytics-service does not answer")).to_be_visible()
    expect(page.locator("[data-figure=orders]")).to_have_text("830")
    expect(card).to_contain_text("running", timeout=60_000)
    expect(page.get_by_text("analytics-service does not answer")).to_be_hidden()
    expect(page.locator("[data-figure=orders]")).to_have_text("830")
