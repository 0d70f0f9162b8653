"""The page in a browser: what it shows, that it moves, and who can use it."""

import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from operations.stack import Child, wait_for_service
from tests.operations.fake_services import (
    ANSWERS,
    CURRENCIES,
    MAILS,
    STATUS,
    TOTALS,
    answering,
)

NAMES = ("transaction-service", "notification-service", "analytics-service")
SIZES = {"desktop": (1440, 900), "laptop": (1200, 700), "phone": (390, 844)}


@contextmanager
def dashboard(url: str, folder: Path) -> Iterator[Child]:
    """Run the dashboard on the services, all of which are at `url`."""
    services = [word for name in NAMES for word in ("--service", f"{name}={url}")]
    child = Child.start(
        "dashboard",
        [
            *(sys.executable, "-m", "operations.dashboard", "--log-format", "json"),
            *("--analytics-url", url, *services),
        ],
        log_path=folder / "dashboard.log",
    )
    try:
        yield child
    finally:
        child.stop()


@pytest.fixture
def answers() -> dict[str, object]:
    """Return what the services answer; it may be changed."""
    return dict(ANSWERS)


@pytest.fixture
def address(answers: dict[str, object], tmp_path: Path) -> Iterator[str]:
    """Give the address of a dashboard."""
    with answering(answers) as url, dashboard(url, tmp_path) as child:
        yield wait_for_service(child)


@pytest.fixture
def figure(page: Page) -> Callable[[str, str], None]:
    """Return what expects a figure to be on the page soon."""

    def expect_figure(name: str, text: str) -> None:
        expect(page.locator(f"[data-figure={name}]")).to_have_text(text)

    return expect_figure


def test_page_shows_what_the_services_say(
    page: Page, address: str, figure: Callable[[str, str], None]
) -> None:
    """Every part of the page has its figures."""
    page.goto(address)
    service = page.locator("[data-service=analytics-service]")

    figure("orders", "1,234")
    figure("revenue", "1,265,793.0395")
    figure("mails", "1,230")
    figure("lag", "51")
    figure("dead-letters", "6")
    figure("latency", "25 ms")
    expect(page.get_by_text("orders, 3 repeated ids")).to_be_visible()
    expect(page.locator(".chart svg")).to_have_count(2)
    expect(page.locator("[data-currency=USD]")).to_contain_text("100.0%")
    expect(page.locator("[data-list=causes]")).to_contain_text("NotFramed")
    expect(page.locator("[data-list=causes]")).to_contain_text("byte 0")
    expect(page.locator("[data-list=versions]")).to_contain_text("version 1, version 2")
    expect(page.locator("[data-list=newest-mails]")).to_contain_text("Your order 7")
    expect(service).to_contain_text("12 ms")
    expect(service).to_contain_text("2.5 s")
    expect(service).to_contain_text("reads order-details v1+2")
    expect(page.get_by_text("all 3 services are well")).to_be_visible()


def test_page_follows_the_services_within_a_second_or_so(
    page: Page,
    address: str,
    answers: dict[str, object],
    figure: Callable[[str, str], None],
) -> None:
    """Nobody reloads it."""
    page.goto(address)
    figure("orders", "1,234")

    page.set_default_timeout(2000)
    answers["/api/totals"] = TOTALS | {"orders": 1235}
    answers["/api/mails"] = MAILS | {"mails": 1231}
    answers["/status"] = STATUS | {"state": "holding", "held": "no registry"}

    figure("orders", "1,235")
    figure("mails", "1,231")
    service = page.locator("[data-service=analytics-service]")
    expect(service).to_contain_text("holding")
    expect(service).to_contain_text("no registry")
    expect(page.get_by_text("3 of 3 services need a look")).to_be_visible()


def test_services_that_are_gone_leave_old_figures_that_are_called_old(
    page: Page,
    address: str,
    answers: dict[str, object],
    figure: Callable[[str, str], None],
) -> None:
    """The figures stay, and a notice says of when they are until there are new ones."""
    page.goto(address)
    figure("orders", "1,234")
    kept = dict(answers)
    answers.clear()

    expect(page.get_by_text("the figures are those of")).to_be_visible()
    figure("orders", "1,234")
    expect(page.locator("[data-service=analytics-service]")).to_contain_text("silent")

    answers.update(kept)

    expect(page.get_by_text("the figures are those of")).to_be_hidden()
    expect(page.get_by_text("all 3 services are well")).to_be_visible()


def test_subject_of_a_mail_is_text(page: Page, address: str) -> None:
    """What a customer is called cannot change the page."""
    page.goto(address)

    expect(page.get_by_text("<b>Not bold</b>")).to_be_visible()


def test_viewer_chooses_the_currency_of_the_large_figure(
    page: Page, address: str, answers: dict[str, object]
) -> None:
    """Amounts of two currencies are never added."""
    yen = {"currency": "JPY", "orders": 1, "revenue": "500.0000"}
    answers["/api/totals"] = TOTALS | {"currencies": [*CURRENCIES, yen]}
    page.goto(address)
    expect(page.get_by_text("revenue in USD")).to_be_visible()
    expect(page.locator("[data-currency=JPY]")).to_be_visible()

    page.get_by_label("currency of the revenue").click()
    page.get_by_role("option", name="JPY").click()

    expect(page.get_by_text("revenue in JPY")).to_be_visible()
    expect(page.locator("[data-figure=revenue]")).to_have_text("500.0000")


_CUT_OFF = """() => [...document.querySelectorAll(".accord *")]
  .filter((node) => !(node instanceof SVGElement))
  .filter((node) => node.scrollWidth > node.clientWidth + 1)
  .filter((node) => node.clientWidth && !node.closest(".chart, .scheme, .q-select"))
  .map((node) => node.className + " " + node.textContent.slice(0, 40))
"""
"""Elements that are narrower than what is in them."""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_fits_and_takes_the_colours_that_its_viewer_prefers(
    page: Page, address: str, answers: dict[str, object], size: str, scheme: str
) -> None:
    """Nothing is cut off at the side; dark is dark and light is light."""
    most = {"currency": "USD", "orders": 10**9, "revenue": f"{10**18}.0001"}
    answers["/api/totals"] = TOTALS | {"currencies": [most]}
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(address)
    expect(page.locator("[data-figure=orders]")).to_have_text("1,234")
    expect(page.locator(f"body.body--{scheme}")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(_CUT_OFF) == []
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red = int(re.findall(r"\d+", colour)[0])
    assert (red < 128) is (scheme == "dark")


_FAINT = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const ratio = (node) => {
    const style = getComputedStyle(node);
    const front = node instanceof SVGElement ? style.fill : style.color;
    const lights = [light(parse(front)), light(behind(node))];
    const [low, high] = lights.sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  return [...document.querySelectorAll(".accord *")]
    .filter((node) => !node.children.length && node.textContent.trim())
    .filter((node) => node.getClientRects().length && ratio(node) < 4.5)
    .map((node) => `${node.textContent} ${ratio(node).toFixed(2)}`);
}"""
"""Texts that stand out from what is behind them by less than 4.5 : 1."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_enough(page: Page, address: str, scheme: str) -> None:
    """WCAG AA, in both schemes."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(address)
    expect(page.locator("[data-figure=orders]")).to_have_text("1,234")
    expect(page.locator(f"body.body--{scheme}")).to_be_visible()

    assert page.evaluate(_FAINT) == []


def test_page_is_told_to_those_who_do_not_see_it(page: Page, address: str) -> None:
    """A language, headings, and names for what has no text of its own."""
    page.goto(address)

    expect(page.locator("html")).to_have_attribute("lang", re.compile("^en"))
    expect(page.get_by_role("heading", name="Accord")).to_be_visible()
    expect(page.get_by_role("heading", name="Dead letters")).to_be_visible()
    expect(page.get_by_role("img", name="Orders per minute")).to_be_visible()
    expect(page.get_by_role("group", name="records waiting")).to_contain_text("51")
    expect(page.get_by_role("row", name="USD")).to_contain_text("1,265,793.0395")
    expect(page.get_by_label("currency of the revenue")).to_be_visible()
    expect(page.get_by_label("colours")).to_be_visible()


def test_nothing_moves_for_those_who_do_not_want_it(page: Page, address: str) -> None:
    """No transition is left where the viewer's system asks for that."""
    page.emulate_media(reduced_motion="reduce")
    page.goto(address)
    bar = page.locator("[data-currency=USD] .share")
    expect(bar).to_be_attached()

    motion = bar.evaluate("(node) => getComputedStyle(node).transitionDuration")
    assert motion == "0s"


def test_page_asks_for_nothing_outside(page: Page, address: str) -> None:
    """Every request of the page goes to the dashboard itself."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(address)
    expect(page.locator(".chart svg")).to_have_count(2)

    assert asked
    assert [each for each in asked if not each.startswith(address)] == []


def test_dashboard_ends_with_its_browsers_still_looking(
    page: Page, tmp_path: Path
) -> None:
    """SIGTERM ends it within seconds, with exit 0, though a page is open."""
    with answering(dict(ANSWERS)) as url, dashboard(url, tmp_path) as child:
        page.goto(wait_for_service(child))
        child.signal(signal.SIGTERM)

        assert child.wait(timeout_s=10) == 0
