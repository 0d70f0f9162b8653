"""The SARIF form against the schema that OASIS publishes for it."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft7Validator

from registry.gate.formats import RENDERERS
from registry.gate.report import Report
from registry.gate.table import ENTRIES

_SCHEMA = Path(__file__).parent / "sarif" / "sarif-schema-2.1.0.json"
VALIDATOR = Draft7Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))
JudgeCase = Callable[[str, str], Report]


def _log(report: Report) -> Any:  # noqa: ANN401 - JSON
    return json.loads(RENDERERS["sarif"](report))


@pytest.mark.parametrize("kind", ["fires", "twin"])
@pytest.mark.parametrize("rule_id", sorted(ENTRIES))
def test_log_is_what_the_published_schema_demands(
    rule_id: str, kind: str, judge_case: JudgeCase
) -> None:
    """Every rule's report is valid SARIF 2.1.0, with and without findings."""
    log = _log(judge_case(rule_id, kind))

    assert [each.message for each in VALIDATOR.iter_errors(log)] == []


def test_published_schema_refuses_what_is_no_log(judge_case: JudgeCase) -> None:
    """The validator has teeth: a result without its message is an error."""
    log = copy.deepcopy(_log(judge_case("TYPE_MISMATCH", "fires")))
    del log["runs"][0]["results"][0]["message"]

    errors = [each.message for each in VALIDATOR.iter_errors(log)]

    assert errors == ["'message' is a required property"]


def test_places_are_references_to_files(judge_case: JudgeCase) -> None:
    """Code scanning finds the file: a URI, relative or of scheme file."""
    results = _log(judge_case("TYPE_MISMATCH", "fires"))["runs"][0]["results"]

    uris = [_uri(each) for each in results]
    assert {urlsplit(uri).scheme for uri in uris} <= {"", "file"}
    assert {uri.endswith("orders-value/v2.avsc") for uri in uris} == {True}


def _uri(result: dict[str, Any]) -> str:
    (location,) = result["locations"]
    return str(location["physicalLocation"]["artifactLocation"]["uri"])
