"""The page stays open while each of the services is killed and comes back."""

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.operations.conftest import Up, run

Kill = Callable[[Up, str], None]
WaitUntil = Callable[[Callable[[], bool]], None]

MORE = 20
BACK_MS = 60_000


def report(up: Up) -> dict[str, Any]:
    """Return what `pipeline report` says."""
    figures: dict[str, Any] = json.loads(up.run("report", "--format", "json").stdout)
    return figures


@pytest.fixture
def kill(find_processes: Callable[..., list[int]]) -> Callable[[Up, str], None]:
    """Return what kills a service of a pipeline; its supervisor starts it again."""

    def kill_service(up: Up, service: str) -> None:
        found = find_processes(service.replace("-", "_"), up.data / "state")
        # The first is what watches over it.
        os.kill(max(found), signal.SIGKILL)

    return kill_service


def write_more(up: Up) -> None:
    """Write some orders."""
    written = run(
        "order-service",
        *("--bootstrap-servers", up.addresses["bootstrap_servers"]),
        *("--registry-url", up.addresses["registry_url"]),
        *("--count", MORE),
    )
    assert written.returncode == 0, written.stderr


@pytest.mark.parametrize(
    "service", ["transaction-service", "notification-service", "analytics-service"]
)
def test_page_goes_on_while_a_service_is_away_and_is_right_when_it_is_back(
    page: Page, up: Up, kill: Kill, wait_until: WaitUntil, service: str
) -> None:
    """What is old is called old; orders of meanwhile are all on the page in the end."""
    before = report(up)
    page.goto(up.addresses["dashboard_url"])
    card = page.locator(f"[data-service={service}]")
    expect(card).to_contain_text("running")

    kill(up, service)

    expect(card).to_contain_text("silent")
    expect(card).to_contain_text(re.compile(r"all of this is of \d\d:\d\d:\d\d UTC"))
    expect(page.get_by_text("1 of 3 services needs a look")).to_be_visible()
    write_more(up)
    expect(card).to_contain_text("running", timeout=BACK_MS)
    expect(card).not_to_contain_text("all of this is of")
    expected = before["orders"] + MORE
    wait_until(lambda: (report(up)["mails"], report(up)["lag"]) == (expected, 0))
    told = report(up)
    assert told["orders"] == expected
    expect(page.locator("[data-figure=orders]")).to_have_text(f"{expected:,}")
    expect(page.locator("[data-figure=mails]")).to_have_text(f"{expected:,}")
    expect(page.locator("[data-figure=lag]")).to_have_text("0")
    amounts = page.locator("[data-currency] [role=cell]:nth-child(4)").all_inner_texts()
    assert sorted(each.replace(",", "") for each in amounts) == sorted(
        told["revenue"].values()
    )
    expect(page.get_by_text("all 3 services are well")).to_be_visible()


def test_page_goes_on_while_orders_stop_and_start_again(
    page: Page, kafka_works: None, kill: Kill, tmp_path: Path
) -> None:
    """The other services are shown as they are; the figures grow again after."""
    del kafka_works
    with Up(tmp_path / "data", "--rate", "20") as up:
        page.goto(up.addresses["dashboard_url"])
        card = page.locator("[data-service=order-service]")
        orders = page.locator("[data-figure=orders]")
        expect(orders).not_to_have_text("0", timeout=BACK_MS)

        kill(up, "order-service")

        expect(card).to_contain_text("silent")
        expect(card).to_contain_text("all of this is of")
        expect(page.locator("[data-service=analytics-service]")).to_contain_text(
            "running"
        )
        expect(card).to_contain_text("running", timeout=BACK_MS)
        stopped_at = orders.inner_text()
        expect(orders).not_to_have_text(stopped_at, timeout=BACK_MS)
        expect(card).not_to_contain_text("all of this is of")
