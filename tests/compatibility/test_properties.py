"""What holds for all schemas."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.compatibility import (
    AmbiguousField,
    AvroSchema,
    are_equivalent,
    check_readable,
    find_incompatibilities,
    normalize,
    parse_schema,
)
from registry.names import CompatibilityLevel, Version

PRIMITIVES = st.sampled_from(
    ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
)
NAMES = st.sampled_from("abcde")
CHECK = "registry.compatibility.check"


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    arrays = st.builds(lambda items: {"type": "array", "items": items}, inner)
    maps = st.builds(lambda values: {"type": "map", "values": values}, inner)
    nullable = st.builds(lambda branch: ["null", branch], inner.filter(_may_join))
    return arrays | maps | nullable


def _may_join(branch: object) -> bool:
    return branch != "null" and not isinstance(branch, list)


TYPES = st.recursive(PRIMITIVES, _containers, max_leaves=4)
FIELDS = st.fixed_dictionaries(
    {"type": TYPES}, optional={"aliases": st.lists(NAMES, max_size=2), "doc": NAMES}
)


@st.composite
def schemas(draw: st.DrawFn) -> AvroSchema:
    """Draw a record with a few fields, some with a default of null."""
    fields = [
        {"name": name} | draw(FIELDS) | _default(draw)
        for name in draw(st.lists(NAMES, unique=True, max_size=4))
    ]
    record = {"type": "record", "name": draw(st.sampled_from("RS")), "fields": fields}
    return parse_schema(json.dumps(record), is_new=False)


def _default(draw: st.DrawFn) -> dict[str, object]:
    return {"default": None} if draw(st.booleans()) else {}


def is_accepted(
    candidate: AvroSchema, released: AvroSchema, level: CompatibilityLevel
) -> bool:
    """Return whether the candidate may follow the one released version."""
    return not find_incompatibilities(candidate, [(Version(1), released)], level)


def find_reasons(reader: AvroSchema, writer: AvroSchema) -> object:
    """Return the checker's reasons, or the one for which it gives up."""
    try:
        return check_readable(reader=reader, writer=writer)
    except AmbiguousField as exc:
        return exc.reason


@settings(max_examples=60, deadline=None)
@given(candidate=schemas(), released=schemas())
def test_full_is_both_directions(candidate: AvroSchema, released: AvroSchema) -> None:
    """FULL accepts exactly what BACKWARD and FORWARD both accept."""
    directions = [
        is_accepted(candidate, released, CompatibilityLevel.BACKWARD),
        is_accepted(candidate, released, CompatibilityLevel.FORWARD),
    ]

    assert is_accepted(candidate, released, CompatibilityLevel.FULL) is all(directions)


@settings(max_examples=60, deadline=None)
@given(candidate=schemas(), released=schemas())
def test_forward_is_backward_the_other_way_round(
    candidate: AvroSchema, released: AvroSchema
) -> None:
    """Who reads and who writes is all that differs."""
    forward = is_accepted(candidate, released, CompatibilityLevel.FORWARD)

    assert forward is is_accepted(released, candidate, CompatibilityLevel.BACKWARD)


@settings(max_examples=100, deadline=None)
@given(reader=schemas(), writer=schemas())
def test_fields_that_are_not_looked_into_change_no_reason(
    reader: AvroSchema, writer: AvroSchema
) -> None:
    """The reasons, their places and order are those of a full comparison."""
    short = find_reasons(reader, writer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{CHECK}._is_plainly_equal", lambda *_fields: False)
        assert short == find_reasons(reader, writer)


@settings(max_examples=60, deadline=None)
@given(schema=schemas())
def test_the_canonical_string_parses_to_the_same_schema(schema: AvroSchema) -> None:
    """It is a fixed point, and a registry takes both for one."""
    again = parse_schema(schema.canonical_text, is_new=False)

    assert again.canonical_text == schema.canonical_text
    assert are_equivalent(again, schema)


@settings(max_examples=60, deadline=None)
@given(schema=schemas())
def test_the_normal_form_is_its_own_normal_form(schema: AvroSchema) -> None:
    """Normalizing twice changes nothing more."""
    normal = normalize(schema)

    assert normalize(normal).canonical_text == normal.canonical_text


@settings(max_examples=60, deadline=None)
@given(schema=schemas())
def test_a_schema_without_aliases_reads_itself(schema: AvroSchema) -> None:
    """Aliases apart, which can make a field ambiguous, nothing stands in the way."""
    content = json.loads(schema.canonical_text)
    fields = [
        {key: value for key, value in field.items() if key != "aliases"}
        for field in content["fields"]
    ]
    plain = parse_schema(json.dumps(content | {"fields": fields}), is_new=False)

    assert check_readable(reader=plain, writer=plain) == []
