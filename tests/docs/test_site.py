"""The documentation is a site that is whole and asks for nothing from outside."""

import functools
import re
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Page

DOCS = Path(__file__).parents[2] / "docs"
WORDS = (DOCS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")
LOADED = {"script": "src", "img": "src", "iframe": "src", "link": "href"}
"""Tags that make a browser ask for something, and the attribute that says for what."""


class Html(HTMLParser):
    """What a page links to, asks for, and can be linked to at."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag down."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.links += [given["href"]] if tag == "a" and "href" in given else []
        wanted = LOADED.get(tag, "")
        self.loaded += [given[wanted]] if wanted in given else []


class Quiet(SimpleHTTPRequestHandler):
    """A server that does not print."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Html]:
    """Give every page of the site."""
    return {
        path: Html(path) for path in site.rglob("*.html") if path.name != "404.html"
    }


@pytest.fixture
def url(site: Path) -> Iterator[str]:
    """Give the address of the site while it is served."""
    handler = functools.partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def is_broken(link: str, page: Html, pages: dict[Path, Html]) -> bool:
    """Tell whether a link within the site leads nowhere."""
    parts = urlsplit(link)
    if parts.scheme:
        return False
    target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else None
    target = page.path if target is None else target
    if target.is_dir():
        target /= "index.html"
    if target not in pages:
        return not target.exists()
    return bool(parts.fragment) and unquote(parts.fragment) not in pages[target].anchors


def test_every_page_of_docs_is_in_the_site(pages: dict[Path, Html], site: Path) -> None:
    """No page is built that the navigation does not lead to, and none is left out."""
    written = {
        path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")
    }

    assert {path.relative_to(site) for path in pages} == written


def test_every_link_and_anchor_leads_somewhere(pages: dict[Path, Html]) -> None:
    """Of all pages, those in the navigation included."""
    broken = [
        (page.path.name, link)
        for page in pages.values()
        for link in page.links
        if is_broken(link, page, pages)
    ]

    assert broken == []


def test_no_list_falls_apart(pages: dict[Path, Html]) -> None:
    """A numbered list whose steps hold commands is one list, not many of one step."""
    lonely = re.compile(r"<ol>\s*<li>(?:(?!<li>|</ol>).)*</li>\s*</ol>", re.DOTALL)

    texts = {path: path.read_text(encoding="utf-8") for path in pages}

    assert [path for path, text in texts.items() if lonely.search(text)] == []


def test_no_page_loads_anything_from_outside(pages: dict[Path, Html]) -> None:
    """No script, style, font or image has an address of another host."""
    outside = [
        each for page in pages.values() for each in page.loaded if urlsplit(each).netloc
    ]

    assert outside == []


def test_no_style_loads_anything_from_outside(site: Path) -> None:
    """Nor does a style sheet name a font or an image elsewhere."""
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    named = re.findall(
        r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)'\"]*", "".join(styles)
    )

    assert styles
    assert named == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "name",
    ["index", "new-processor", "DESIGN", "reference/configuration", "performance"],
)
def test_browser_asks_the_site_alone_and_the_page_fits(
    page: Page, url: str, name: str, width: int
) -> None:
    """On a phone and on a desk: no request elsewhere, nothing to scroll sideways."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": width, "height": 844})

    page.goto(f"{url}/{name}.html", wait_until="networkidle")

    assert {urlsplit(each).netloc for each in asked} == {urlsplit(url).netloc}
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    "word",
    re.findall(
        r"^\| ([a-z ,]+) \| (?!means)", WORDS.split("| word |")[1], re.MULTILINE
    ),
)
def test_glossary_has_the_words_of_contributing(word: str) -> None:
    """Whoever meets a word of ours finds it."""
    assert f"\n| {word} |" in GLOSSARY


def test_search_finds_a_page(page: Page, url: str) -> None:
    """Who types words is shown where they stand, without any server's help."""
    page.goto(f"{url}/index.html", wait_until="networkidle")

    page.locator(".md-search__input").press_sequentially("dead letters")

    found = page.locator(".md-search-result__link").first
    found.wait_for(timeout=30_000)
    assert "dead-letters.html" in (found.get_attribute("href") or "")
