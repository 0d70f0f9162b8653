"""The pages for people, as they are sent: what they say, and that they are safe."""

import json
from pathlib import Path

import pytest

from registry.local import Options
from registry.local.ui.difference import compare_texts
from registry.local.ui.outline import outline
from tests.registry_local.conftest import InProcess, StartInProcess

_MANIFEST = """
[orders-value]
level = "FULL_TRANSITIVE"
owner = "orders"
[orders-value.readers.billing]
fields = ["lines[].price"]
"""
_LINE = {
    "type": "record",
    "name": "Line",
    "fields": [{"name": "price", "type": "int", "doc": "<b>cents</b>"}],
}
_ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [{"name": "lines", "type": {"type": "array", "items": _LINE}}],
}
_WIDER = {
    **_ORDER,
    "fields": [*_ORDER["fields"], {"name": "note", "type": "string"}],
}


@pytest.fixture
def registry(start_in_process: StartInProcess, tmp_path: Path) -> InProcess:
    """Return a registry with a folder of contracts, and a subject of two versions."""
    (tmp_path / "contracts.toml").write_text(_MANIFEST)
    registry = start_in_process(options=Options(schemas=tmp_path))
    registry.ask("PUT", "/config/orders-value", {"compatibility": "NONE"})
    registry.register("orders-value", _ORDER)
    registry.register("orders-value", _WIDER)
    return registry


def _page(registry: InProcess, path: str) -> str:
    answer = registry.ask("GET", path, headers={"accept": "text/html"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def test_list_shows_every_subject_with_its_level(registry: InProcess) -> None:
    """Of all contexts; an inherited level is marked."""
    registry.register(":.eu:other", "int")

    page = _page(registry, "/ui")

    assert ">orders-value</a>" in page
    assert ">:.eu:other</a>" in page
    assert page.count("inherited") == 1


def test_list_is_narrowed_by_a_part_of_the_name(registry: InProcess) -> None:
    """In any letter case; what is not found is said."""
    assert ">orders-value</a>" in _page(registry, "/ui?q=ORDERS")
    assert "No subject has “xyz” in its name" in _page(registry, "/ui?q=xyz")


def test_deleted_subject_is_shown_if_asked_for(registry: InProcess) -> None:
    """As deleted; its versions can still be looked at."""
    registry.ask("DELETE", "/subjects/orders-value")

    assert "orders-value" not in _page(registry, "/ui")
    assert ">deleted<" in _page(registry, "/ui?deleted=true")
    assert "Fields of v2" in _page(registry, "/ui/subject?name=orders-value")


def test_long_list_comes_in_pages(registry: InProcess) -> None:
    """A hundred a page; a page that is none is the nearest one."""
    for number in range(120):
        registry.register(f"s{number:03}", "int")

    assert "Page 1 of 2" in _page(registry, "/ui")
    assert ">s119</a>" in _page(registry, "/ui?page=999")
    assert ">s001</a>" in _page(registry, "/ui?page=no")


def test_subject_tells_who_reads_which_field(registry: InProcess) -> None:
    """From contracts.toml, with a word where the registry's level is another."""
    page = _page(registry, "/ui/subject?name=orders-value")

    assert "<strong>billing</strong>" in page
    assert page.count('<span class="tag">billing</span>') == 1
    assert "wants FULL_TRANSITIVE, the registry holds NONE" in page


def test_subject_tells_what_changed_and_who_reads_whom(registry: InProcess) -> None:
    """The line that came, and that the new version cannot read the old records."""
    page = _page(registry, "/ui/subject?name=orders-value&version=2&against=1")

    assert '<tr class="added">' in page
    assert '<span class="tag bad">no</span> v2 reads what v1 wrote' in page
    assert '<span class="tag good">yes</span> v1 reads what v2 wrote' in page


def test_subject_is_compared_with_the_version_before(registry: InProcess) -> None:
    """If no other is asked for; the first has none before it."""
    newest = _page(registry, "/ui/subject?name=orders-value")
    first = _page(registry, "/ui/subject?name=orders-value&version=1")

    assert "v2 reads what v1 wrote" in newest
    assert "There is no version before v1." in first


def test_what_a_schema_says_stays_text(registry: InProcess) -> None:
    """Markup in a doc is shown, not obeyed; no script is let in anyway."""
    answer = registry.ask("GET", "/ui/subject?name=orders-value")

    assert "<b>cents" not in answer.text
    assert "&lt;b&gt;cents" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_referenced_schema_is_linked_both_ways(registry: InProcess) -> None:
    """From who uses it, and to who does."""
    references = [{"name": "Order", "subject": "orders-value", "version": 1}]
    registry.register("all", {"type": "array", "items": "Order"}, references=references)

    assert "of <a href=" in _page(registry, "/ui/subject?name=all")
    used = _page(registry, "/ui/subject?name=orders-value&version=1")
    assert "is used by" in used


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/ui/subject?name=nope", 404, "Subject &#39;nope&#39; not found."),
        ("/ui/subject", 404, "Subject &#39;&#39; not found."),
        ("/ui/subject?name=orders-value&version=9", 404, "Version 9 not found."),
        ("/ui/subject?name=orders-value&against=x", 422, "is not a valid version id"),
    ],
)
def test_page_of_what_is_not_there_says_so(
    registry: InProcess, path: str, status: int, reason: str
) -> None:
    """In the registry's words, with the way back."""
    answer = registry.ask("GET", path)

    assert answer.status_code == status
    assert reason in answer.text
    assert 'href="/ui"' in answer.text


def test_manifest_that_cannot_be_read_costs_only_the_readers(
    registry: InProcess, tmp_path: Path
) -> None:
    """The page says what is wrong with it and shows the rest."""
    (tmp_path / "contracts.toml").write_text("[[")

    page = _page(registry, "/ui/subject?name=orders-value")

    assert "not TOML" in page
    assert "Fields of v2" in page


@pytest.mark.parametrize("depth", [20, 60])
def test_deep_schema_is_shown(registry: InProcess, depth: int) -> None:
    """As far down as anybody would read."""
    inner: object = "int"
    for _ in range(depth):
        inner = {"type": "array", "items": inner}
    field = {"name": "f", "type": inner}
    registry.register("deep", {"type": "record", "name": "R", "fields": [field]})

    assert "array of array of" in _page(registry, "/ui/subject?name=deep")


def test_outline_names_fields_as_readers_do() -> None:
    """Dots between records, brackets behind arrays, braces behind maps."""
    inner = {"type": "record", "name": "I", "fields": [{"name": "x", "type": "int"}]}
    fields = [
        {"name": "a", "type": {"type": "map", "values": inner}, "default": {}},
        {"name": "b", "type": ["null", "n.I"]},
        {
            "name": "c",
            "type": {
                "type": "bytes",
                "logicalType": "decimal",
                "precision": 4,
                "scale": 2,
            },
        },
    ]

    rows = outline(json.dumps({"type": "record", "name": "R", "fields": fields}))

    assert [(row.path, row.type_text, row.default) for row in rows] == [
        ("a", "map of record I", "{}"),
        ("a{}.x", "int", ""),
        ("b", "null | I", ""),
        ("c", "decimal(4, 2)", ""),
    ]


def test_same_texts_have_no_changes() -> None:
    """However they are laid out."""
    assert compare_texts('{"type": "int"}', '{"type":"int"}') == []


def test_far_changes_are_shown_apart() -> None:
    """What lies between them is left out, and that is marked."""
    symbols = [f"S{number}" for number in range(60)]
    changed = ["T0", *symbols[1:-1], "T59"]

    lines = compare_texts(json.dumps(symbols), json.dumps(changed))

    kinds = [line.kind for line in lines]
    assert kinds.count("skipped") == 1
    assert kinds.count("added") == kinds.count("removed") == 2
