"""The fast reader of JSON against the careful one, which a comment calls for."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.compatibility.json_text import MAX_NESTING, read_json
from registry.compatibility.json_values import JsonArray, JsonObject, JsonValue
from registry.errors import InvalidSchema

_COMMENT = "/**/"
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
)
_LAYOUTS = st.sampled_from([None, 0, 2, "\t"])
_NOISE = st.sampled_from([*list('{}[],:"\\ \n0-.eE1tn/\x01'), "true", '"a":', ",,"])


@given(value=st.lists(_VALUES), indent=_LAYOUTS, is_ascii=st.booleans())
def test_values_and_places_are_the_same(
    value: list[object], indent: int | str | None, *, is_ascii: bool
) -> None:
    """Whichever reader takes the text, value, places and end are those."""
    text = json.dumps(value, indent=indent, ensure_ascii=is_ascii)

    fast, end = read_json(text)
    careful, careful_end = read_json(_COMMENT + text)

    assert fast == careful
    assert _offsets(fast) == [each - len(_COMMENT) for each in _offsets(careful)]
    assert end == careful_end - len(_COMMENT)


@given(value=_VALUES, at=st.integers(0, 200), noise=_NOISE, cut=st.integers(0, 2))
def test_mistakes_are_seen_by_both(
    value: object, at: int, noise: str, cut: int
) -> None:
    """The fast reader takes nothing that the careful one refuses, or otherwise."""
    text = json.dumps({"a": [value]}, ensure_ascii=False)
    damaged = text[:at] + noise + text[at + cut :]

    assert _reading(damaged) == _reading(_COMMENT + damaged)


@pytest.mark.parametrize("depth", [MAX_NESTING, MAX_NESTING + 1])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_nesting_ends_at_one_depth_for_both(depth: int, brackets: str) -> None:
    """The limit holds for empty objects and arrays too."""
    text = "[" * (depth - 1) + brackets + "]" * (depth - 1)

    assert _is_read(text) is _is_read(_COMMENT + text) is (depth <= MAX_NESTING)


def _reading(text: str) -> object:
    try:
        return read_json(text)[0]
    except InvalidSchema:
        return "refused"


def _is_read(text: str) -> bool:
    return not isinstance(_reading(text), str)


def _offsets(value: JsonValue | None) -> list[int]:
    return [each.offset for each in _walk(value)]


def _walk(value: JsonValue | None) -> Iterator[JsonValue]:
    pending = [] if value is None else [value]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, JsonArray):
            pending.extend(node.items)
        if isinstance(node, JsonObject):
            pending.extend(node.members.values())
