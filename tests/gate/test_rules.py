"""Each rule fires on its case, at its place, and not on the case's safe twin."""

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.gate.findings import Finding
from registry.gate.report import Report
from registry.gate.table import ENTRIES

CASES = Path(__file__).parents[1] / "compatibility" / "cases"
RULE_IDS = sorted(each.name for each in CASES.iterdir())
FIXED = [
    each
    for each in RULE_IDS
    if tomllib.loads((CASES / each / "expect.toml").read_text())["fix"]
]
_DOCUMENTED = (
    "rule_id severity subject path file line column message versions direction",
    "cause witness fix affected fingerprint old suppressed",
)
_NO_OP = {"ROLLBACK_IS_NO_OP"}
JudgeCase = Callable[[str, str], Report]
JudgePath = Callable[[Path, Path], Report]


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    """A new rule is one row, one function and one folder; nothing is left over."""
    assert sorted(ENTRIES) == RULE_IDS


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_rule_fires_once_on_its_case_at_the_right_place(
    rule_id: str, judge_case: JudgeCase
) -> None:
    """expect.toml says what the finding is: where, how grave, which way, with what."""
    expected = tomllib.loads((CASES / rule_id / "expect.toml").read_text())

    found = _of_rule(judge_case(rule_id, "fires"), rule_id)

    assert [_shape(each, CASES / rule_id / "fires") for each in found] == [expected]


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_rule_is_silent_on_the_safe_twin(rule_id: str, judge_case: JudgeCase) -> None:
    """The nearest change that does no harm is not reported."""
    assert _of_rule(judge_case(rule_id, "twin"), rule_id) == []


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_finding_and_json_agree(rule_id: str, judge_case: JudgeCase) -> None:
    """The JSON shape has every documented key, and nothing else but two extras."""
    report = judge_case(rule_id, "fires")

    keys = {frozenset(each) for each in report.as_json()["findings"]}
    assert keys == {frozenset(" ".join(_DOCUMENTED).split())}


@pytest.mark.parametrize("rule_id", FIXED)
def test_fix_does_what_it_says(
    rule_id: str, judge_case: JudgeCase, judge_path: JudgePath, tmp_path: Path
) -> None:
    """Put into the file it solves the finding, and tells if nothing new is left."""
    (finding,) = _of_rule(judge_case(rule_id, "fires"), rule_id)
    assert finding.fix is not None
    shutil.copytree(CASES / rule_id / "fires", tmp_path, dirs_exist_ok=True)
    file = Path(finding.place.file).relative_to(CASES / rule_id / "fires")
    (tmp_path / file).write_text(finding.fix.schema)

    after = judge_path(tmp_path, CASES / rule_id)

    errors = {each.rule_id for each in after.findings if after.refuses(each)}
    assert _of_rule(after, rule_id) == []
    assert errors == (_NO_OP if "nothing new" in finding.fix.sentence else set())


def _of_rule(report: Report, rule_id: str) -> list[Finding]:
    return [each for each in report.findings if each.rule_id == rule_id]


def _shape(finding: Finding, folder: Path) -> dict[str, Any]:
    return {
        "severity": str(finding.severity),
        "path": finding.path,
        "file": Path(finding.place.file).relative_to(folder).as_posix(),
        "line": finding.place.line,
        "column": finding.place.column,
        "direction": str(finding.direction or ""),
        "versions": list(finding.versions),
        "message": finding.message,
        "has_witness": finding.witness is not None,
        "fix": finding.fix.sentence if finding.fix else "",
    }
