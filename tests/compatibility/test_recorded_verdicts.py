"""The checker against pairs that Avro's own checker has judged."""

import json
from pathlib import Path
from typing import Any

import pytest

from registry.compatibility import (
    AmbiguousField,
    AvroVersion,
    Incompatibility,
    InvalidSchema,
    check_readable,
    find_incompatibilities,
    parse_schema,
)
from registry.names import CompatibilityLevel, Version

RECORDED = json.loads(
    (Path(__file__).parents[1] / "fidelity" / "compat_cases.json").read_text()
)
CASES: list[dict[str, Any]] = RECORDED["cases"]
TAGS = sorted({case["tag"] for case in CASES})
LEVEL_CASES: list[dict[str, Any]] = RECORDED["level_cases"]
AVROS = {AvroVersion.V1_11: "avro-1.11.5", AvroVersion.V1_12: "avro-1.12.1"}


def judge(case: dict[str, Any], avro: AvroVersion) -> dict[str, Any]:
    """Return our verdict in the form of the recording."""
    try:
        reader = parse_schema(case["reader"], avro=avro)
        writer = parse_schema(case["writer"], is_new=False, avro=avro)
        reasons = check_readable(reader=reader, writer=writer)
    except InvalidSchema as exc:
        return {"readerError": f"SchemaParseException: {exc}"}
    except AmbiguousField as exc:
        return {"verdict": "EXCEPTION", "exception": f"AvroRuntimeException: {exc}"}
    if not reasons:
        return {"verdict": "COMPATIBLE"}
    return {"verdict": "INCOMPATIBLE", "incompatibilities": list(map(show, reasons))}


def show(reason: Incompatibility) -> dict[str, str]:
    """Return one reason in the form of the recording."""
    return {
        "type": reason.type,
        "location": reason.location,
        "message": reason.message,
    }


@pytest.mark.parametrize("avro", AVROS)
@pytest.mark.parametrize("tag", TAGS)
def test_verdicts_reasons_places_and_their_order_are_those_of_avro(
    tag: str, avro: AvroVersion
) -> None:
    """Every recorded pair of the tag gets the same list of reasons, or exception."""
    cases = [case for case in CASES if case["tag"] == tag]

    verdicts = {case["id"]: judge(case, avro) for case in cases}

    assert verdicts == {case["id"]: case["oracle"][AVROS[avro]] for case in cases}


@pytest.mark.parametrize("level", CompatibilityLevel)
@pytest.mark.parametrize("case", LEVEL_CASES, ids=lambda case: case["source"]["test"])
def test_messages_over_a_history_are_those_of_the_registry(
    case: dict[str, Any], level: CompatibilityLevel
) -> None:
    """At every level the registry's messages come out, word for word and in order."""
    texts = list(enumerate(case["history"], start=1))
    history = [
        (Version(number), parse_schema(text, is_new=False))
        for number, text in reversed(texts)
    ]

    messages = find_incompatibilities(parse_schema(case["new"]), history, level)

    assert messages == case["oracle_messages"][level]
