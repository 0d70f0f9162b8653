"""Rules of the registry that the recorded conversations touch in passing."""

import pytest

from registry.local.contexts import (
    in_hash_order,
    is_between,
    normalize_subject,
    qualify,
)
from registry.local.routes import ENDPOINTS
from tests.registry_local.conftest import InProcess

_RECORD = {
    "type": "record",
    "name": "R",
    "namespace": "n",
    "fields": [{"name": "f", "type": "int"}],
}
_ARRAY = {"type": "array", "items": "n.R"}


def test_names_are_listed_in_the_order_of_a_java_hash_map() -> None:
    """Ascending bucket of 16, insertion order within one."""
    names = ["h", "Aa", "p", "BB", "orders-value"]

    ordered = in_hash_order(names, names)

    assert ordered == ["Aa", "p", "BB", "h", "orders-value"]


def test_hash_map_grows_beyond_twelve_names() -> None:
    """With 32 buckets single letters stand in the order of their codes."""
    letters = list("nmlkjihgfedcba")

    assert in_hash_order(letters, letters) == sorted(letters)


@pytest.mark.parametrize(
    ("sent", "normal"),
    [("s", "s"), (":.:s", "s"), (":.c:s", ":.c:s"), (":.c", ":.c:"), (":c:s", ":c:s")],
)
def test_subject_has_one_spelling(sent: str, normal: str) -> None:
    """The default context is never written, another always with both colons."""
    assert normalize_subject(sent) == normal


def test_name_without_a_context_takes_its_parents() -> None:
    """References and aliases stay in the context of who names them."""
    assert qualify(":.c:s", "t") == ":.c:t"
    assert qualify(":.c:s", ":.d:t") == ":.d:t"
    assert qualify("s", "t") == "t"


@pytest.mark.parametrize(
    ("subject", "prefix", "is_listed"),
    [
        ("s", "", True),
        (":.c:s", "", False),
        (":.c:s", ":*:", True),
        (":.c:s", ":*:s", True),
        (":.c:s", ":.c:t", False),
        (":.c1:s", ":.c", True),
    ],
)
def test_prefix_lists_its_context(subject: str, prefix: str, is_listed: bool) -> None:  # noqa: FBT001 - a column of the table
    """No prefix means the default context, `:*:` every one."""
    assert is_between(subject, prefix) == is_listed


def test_reference_to_a_schema_that_refers_on_is_followed(registry: InProcess) -> None:
    """Types of references of references are known, and inlined when resolved."""
    registry.register("r", _RECORD)
    first = [{"name": "n.R", "subject": "r", "version": -1}]
    registry.register(
        "a", {**_RECORD, "name": "A", "fields": [_field("r", "R")]}, references=first
    )
    second = [{"name": "n.A", "subject": "a", "version": 1}]

    answer = registry.register("b", {"type": "map", "values": "n.A"}, references=second)
    shown = registry.ask("GET", "/subjects/b/versions/1/schema?format=resolved").text

    assert answer["id"] == 3
    assert '"name":"R"' in shown


def test_context_keeps_its_own_ids(registry: InProcess) -> None:
    """The first schema of a context has id 1 there, and counting goes on after it."""
    registry.register("s", "int")

    ids = [registry.register(":.c:s", each)["id"] for each in ("long", "double")]

    assert ids == [1, 2]
    assert registry.register("t", "bytes")["id"] == 2


def test_deleted_context_does_not_give_ids_again(registry: InProcess) -> None:
    """An id that a record may carry means one schema for ever."""
    registry.register(":.c:s", "int")
    registry.ask("DELETE", "/subjects/:.c:s")
    registry.ask("DELETE", "/subjects/:.c:s?permanent=true")
    registry.ask("DELETE", "/contexts/.c")

    assert registry.ask("GET", "/contexts").json() == ["."]
    assert registry.register(":.c:s", "long")["id"] == 2


def test_refused_version_number_leaves_its_context_behind(
    registry: InProcess,
) -> None:
    """A context is created on the way to a version, not by it."""
    answer = registry.register(":.c:s", "int", version=5)

    assert answer["message"] == "Version is not one more than previous version"
    assert registry.ask("GET", "/contexts").json() == [".", ".c"]


def test_schema_that_is_none_creates_no_context(registry: InProcess) -> None:
    """It is refused before a context is thought of."""
    registry.register(":.c:s", {"type": "array", "items": "Nothing"})

    assert registry.ask("GET", "/contexts").json() == ["."]


def test_description_names_every_address(registry: InProcess) -> None:
    """The OpenAPI document and the routes are the same table."""
    described = registry.ask("GET", "/openapi.json").json()["paths"]
    served = {it.path: {each.lower() for each in it.actions} for it in ENDPOINTS}

    assert {path: set(it) - {"parameters"} for path, it in described.items()} == served


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda it: it.path)
def test_every_address_tells_its_methods(endpoint: object, registry: InProcess) -> None:
    """OPTIONS answers without touching anything."""
    path = str(getattr(endpoint, "path", "")).replace("{", "").replace("}", "")

    answer = registry.ask("OPTIONS", path)

    assert answer.status_code == 200
    assert answer.text.endswith("OPTIONS")


def _field(name: str, kind: str) -> dict[str, str]:
    return {"name": name, "type": kind}
