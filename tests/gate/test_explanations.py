"""Our explanation of a refusal against the engine's verdict, on recorded pairs."""

import json
from pathlib import Path
from typing import Any

import pytest

from registry.compatibility import (
    AmbiguousField,
    AvroSchema,
    InvalidSchema,
    check_readable,
    parse_schema,
)
from registry.gate.mismatches import AMBIGUOUS, find_mismatches

_RECORDED = Path(__file__).parents[1] / "fidelity" / "compat_cases.json"
_CASES = json.loads(_RECORDED.read_text(encoding="utf-8"))["cases"]
_ENUM_DEFAULT = {"READER_FIELD_MISSING_DEFAULT_VALUE"}


def _parsed(case: dict[str, Any]) -> tuple[AvroSchema, AvroSchema] | None:
    try:
        reader = parse_schema(case["reader"])
        return reader, parse_schema(case["writer"], is_new=False)
    except InvalidSchema:
        return None


def _kinds(reader: AvroSchema, writer: AvroSchema) -> set[str]:
    try:
        return {str(each.type) for each in check_readable(reader=reader, writer=writer)}
    except AmbiguousField:
        return {AMBIGUOUS}


_PAIRS = [
    pytest.param(*pair, id=case["id"])
    for case in _CASES
    if (pair := _parsed(case)) is not None
]
_GROUPS = [_PAIRS[start : start + 100] for start in range(0, len(_PAIRS), 100)]


@pytest.mark.parametrize("group", _GROUPS, ids=lambda group: group[0].id)
def test_refusal_is_explained_by_a_rule_of_its_kind(group: list[Any]) -> None:
    """Both agree on whether, and every kind that Avro names is among the reasons.

    Avro calls a missing field of an enum with a default a type mismatch; we call it
    a missing field.
    """
    assert {each.id: _unexplained(*each.values) for each in group} == {
        each.id: set() for each in group
    }


def _unexplained(reader: AvroSchema, writer: AvroSchema) -> set[str]:
    kinds = _kinds(reader, writer)
    found = find_mismatches(reader=reader.root, writer=writer.root)
    explained = {str(each.rule_id) for each in found}
    if not kinds or not explained:
        return kinds ^ explained
    if AMBIGUOUS in kinds:
        return kinds - explained
    return (
        kinds - explained - ({"TYPE_MISMATCH"} if explained & _ENUM_DEFAULT else set())
    )
