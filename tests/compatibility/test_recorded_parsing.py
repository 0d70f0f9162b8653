"""Parser, canonical string, normal form and equivalence against Avro's own."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from registry.compatibility import (
    AvroVersion,
    InvalidSchema,
    are_equivalent,
    canonical_text,
    normalize,
    parse_schema,
)

FIDELITY = Path(__file__).parents[1] / "fidelity"
ROWS: list[dict[str, Any]] = json.loads(
    (FIDELITY / "avro_parse_matrix.json").read_text()
)["rows"]
PAIRS: list[dict[str, Any]] = json.loads(
    (FIDELITY / "avro_equivalence.json").read_text()
)
MODES = {
    "avro-1.11.5/isNew": (AvroVersion.V1_11, True),
    "avro-1.11.5/stored": (AvroVersion.V1_11, False),
    "avro-1.12.1/isNew": (AvroVersion.V1_12, True),
    "avro-1.12.1/stored": (AvroVersion.V1_12, False),
}


def name_of(row: dict[str, Any]) -> str:
    """Return the row's tag in characters that pytest never escapes.

    It would escape them anew each time it collects, and mutmut lets it do so twice.
    """
    tag: str = row["tag"]
    return tag.encode("ascii", "replace").decode().replace("\\", "/")


def parsed(text: str, mode: str) -> dict[str, Any]:
    """Return what becomes of the text, in the form of the recording."""
    avro, is_new = MODES[mode]
    try:
        schema = parse_schema(text, avro=avro, is_new=is_new)
    except InvalidSchema as exc:
        return {"ok": False, "error": without_place(exc.reason)}
    outcome = {"ok": True, "canonical": canonical_text(schema)}
    try:
        return outcome | {"normalized": canonical_text(normalize(schema))}
    except InvalidSchema:
        return outcome


def without_place(sentence: str) -> str:
    """Return the sentence without the place that parsers of JSON differ in."""
    return re.sub(r"line: \d+, column: \d+", "", sentence)


def recorded(row: dict[str, Any]) -> dict[str, Any]:
    """Return the recording without the name of Java's exception."""
    if row["ok"]:
        return row
    _, _, sentence = row["error"].partition(": ")
    return {"ok": False, "error": without_place(sentence)}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_text_is_accepted_printed_and_normalized_as_by_avro(
    row: dict[str, Any], mode: str
) -> None:
    """New or stored, 1.11 or 1.12: the same strings, or the same refusal."""
    assert parsed(row["schema"], mode) == recorded(row[mode])


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["change"] for pair in PAIRS])
def test_two_schemas_are_taken_for_one_where_the_registry_does(
    pair: dict[str, Any],
) -> None:
    """Equivalence and canonical strings agree, before and after normalizing."""
    one, other = parse_schema(pair["a"]), parse_schema(pair["b"])
    normal, other_normal = normalize(one), normalize(other)

    assert are_equivalent(one, other) is pair["equivalent"]
    assert are_equivalent(normal, other_normal) is pair["normEquivalent"]
    assert (one.canonical_text == other.canonical_text) is pair["sameCanonical"]
    assert (normal.canonical_text == other_normal.canonical_text) is pair[
        "sameNormCanonical"
    ]
