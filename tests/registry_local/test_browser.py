"""The pages in a real browser: read with the keyboard, on a phone, without a network.

The browser is told apart from the world; whatever a page asked for elsewhere would
fail and be seen.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from typing import NoReturn

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.registry_local.conftest import Serve

_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_FIELDS = [{"name": f"a_rather_long_field_name_{n}", "type": "int"} for n in range(9)]


@pytest.fixture(scope="module")
def browser(require_or_skip: Callable[[str], NoReturn]) -> Iterator[Browser]:
    """Return a headless Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        require_or_skip("there is no Chromium; install it with: make system")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def url(serve_registry: Serve) -> str:
    """Return the URL of a registry with one subject of two versions."""
    url = serve_registry().url
    for fields in (_FIELDS[:-1], _FIELDS):
        schema = json.dumps({"type": "record", "name": "R", "fields": fields})
        body = {"schema": schema}
        httpx.put(f"{url}/config", json={"compatibility": "NONE"})
        httpx.post(f"{url}/subjects/orders-value/versions", json=body)
    return url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """Return a page as wide as a phone's; it complains about nothing."""
    page = browser.new_page(viewport={"width": 400, "height": 800})
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    elsewhere = [it for it in asked if not it.startswith((url, "data:"))]
    assert (complaints, elsewhere) == ([], [])


def test_change_is_found_with_the_keyboard_alone(page: Page, url: str) -> None:
    """Search, open, compare: no mouse, no script."""
    page.goto(f"{url}/ui")
    page.get_by_label("Name contains").focus()
    page.keyboard.type("orders")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="orders-value").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    expect(page.get_by_text("v2 reads what v1 wrote")).to_be_visible()
    added = page.locator("tr.added", has_text="a_rather_long_field_name_8")
    expect(added).to_be_visible()


def test_first_tab_leads_to_the_content(page: Page, url: str) -> None:
    """Who cannot use a mouse need not pass the head of every page."""
    page.goto(f"{url}/ui")
    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()


@pytest.mark.parametrize("path", ["/ui", "/ui/subject?name=orders-value"])
def test_page_fits_a_phone(page: Page, url: str, path: str) -> None:
    """Nothing has to be scrolled sideways but tables and code within their frames."""
    page.goto(url + path)

    width = page.evaluate("document.documentElement.scrollWidth")

    assert width <= 400


def test_other_versions_are_compared_by_choice(page: Page, url: str) -> None:
    """The form leads to an address that shows the same to whoever opens it."""
    page.goto(f"{url}/ui/subject?name=orders-value")
    page.get_by_label("From").select_option("v2")
    page.get_by_label("to", exact=True).select_option("v1")
    page.get_by_role("button", name="Compare").click()

    page.wait_for_url("**/ui/subject?name=orders-value&against=2&version=1")
    expect(page.locator("tr.removed").first).to_be_visible()
