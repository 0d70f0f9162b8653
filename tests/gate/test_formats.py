"""The forms of the report, read back by what reads them."""

import json
import re
from collections.abc import Callable

import click
import pytest
from junitparser import JUnitXml, TestSuite

from registry.gate.findings import Finding, Place, Severity
from registry.gate.formats import RENDERERS
from registry.gate.report import Report, SubjectReport
from registry.names import CompatibilityLevel, Subject

_SUBJECT = Subject("orders-value")
_COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


@pytest.fixture
def report(judge_case: Callable[[str, str], Report]) -> Report:
    """Give a report with errors, warnings and information."""
    return judge_case("LOGICAL_TYPE_CHANGED", "fires")


def _report_with(message: str, *, is_suppressed: bool = False) -> Report:
    finding = Finding(
        rule_id="TYPE_MISMATCH",
        severity=Severity.ERROR,
        subject=_SUBJECT,
        path="Order.a",
        place=Place(file="schemas/a,b:c/v1.avsc", line=3, column=5),
        message=message,
        is_suppressed=is_suppressed,
    )
    subject = SubjectReport(
        subject=_SUBJECT,
        level=CompatibilityLevel.FULL,
        baseline="dir:x",
        findings=(finding,),
    )
    return Report(subjects=(subject,))


def test_text_fits_a_terminal_of_80_columns(report: Report) -> None:
    """Only a long file name may stand out."""
    lines = click.unstyle(RENDERERS["text"](report)).splitlines()

    assert [line for line in lines if len(line) > 80 and ".avsc:" not in line] == []


def test_text_shows_before_and_after_in_both_languages(report: Report) -> None:
    """Where Java and Python differ, both are shown."""
    text = click.unstyle(RENDERERS["text"](report))

    assert "python: 2024-01-01T07:00:00+00:00 -> 2024-01-01T07:00:00+00:00" in text
    assert "java: 2024-01-01T07:00:00Z -> 1970-01-20T17:21:32.400Z" in text


def test_junit_counts_what_it_lists(report: Report) -> None:
    """A library for JUnit finds suites, cases and failures, and counts as we do."""
    (suite,) = suites = _parse_junit(report)
    counted = (suites.tests, suites.failures, suites.errors)

    suites.update_statistics()  # type: ignore[no-untyped-call]  # not typed there

    assert counted == (len(suite), len(report.findings) - _passed(suite), 0)
    assert counted == (suites.tests, suites.failures, suites.errors)


def test_junit_failure_says_which_rule_and_where(report: Report) -> None:
    """Type, message and text are those of the gravest finding."""
    (suite,) = _parse_junit(report)

    (failure,) = next(case for case in suite if not case.is_passed).result
    (finding, *_) = report.findings
    assert (failure.type, failure.message) == (finding.rule_id, finding.message)
    assert str(finding.place) in failure.text


def test_junit_is_xml_whatever_a_message_holds() -> None:
    """Control characters and markup do not break the document."""
    (suite,) = _parse_junit(_report_with("a\x00b <c> & \ud800"))

    (case,) = suite
    assert [each.message for each in case.result] == ["a?b <c> & ?"]


def test_junit_of_nothing_found_is_a_suite_that_passed(
    judge_case: Callable[[str, str], Report],
) -> None:
    """A view of test results shows the subject, not an empty page."""
    (suite,) = _parse_junit(judge_case("VERSION_SKIPPED", "twin"))

    assert [case.is_passed for case in suite] == [True] * suite.tests


def test_github_command_is_escaped() -> None:
    """Line breaks, percent signs, colons and commas end no command early."""
    first = RENDERERS["github"](_report_with("50%\nof it")).splitlines()[0]

    match = _COMMAND.fullmatch(first)
    assert match is not None
    assert match[2] == (
        "file=schemas/a%2Cb%3Ac/v1.avsc,title=TYPE_MISMATCH,line=3,col=5"
    )
    assert match[3] == "50%25%0Aof it"


def test_github_leaves_information_out(report: Report) -> None:
    """GitHub shows ten annotations a step: errors must not be pushed out."""
    commands = [
        line for line in RENDERERS["github"](report).splitlines() if ":" in line
    ]

    assert not [each for each in commands if each.startswith("::notice")]


def test_sarif_results_point_to_rules_and_lines(report: Report) -> None:
    """Each result names a rule of the run by its index, and a line from 1."""
    log = json.loads(RENDERERS["sarif"](report))

    (run,) = log["runs"]
    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert log["version"] == "2.1.0"
    assert {rules[each["ruleIndex"]] == each["ruleId"] for each in run["results"]} == {
        True
    }
    assert min(_start_lines(run["results"])) >= 1


def test_sarif_marks_what_is_suppressed() -> None:
    """Code scanning shows it as dismissed."""
    log = json.loads(RENDERERS["sarif"](_report_with("x", is_suppressed=True)))

    (result,) = log["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "external", "status": "accepted"}]


def test_markdown_rows_have_the_columns_of_their_head() -> None:
    """A bar or a line break in a message does not break the table."""
    text = RENDERERS["markdown"](_report_with("a | b\nc <d>"))

    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert "&lt;d&gt;" in text


def test_fingerprint_stays_when_lines_move() -> None:
    """The same finding further down is the same finding."""
    (one,) = _report_with("m").findings
    (other,) = _report_with("m").findings

    assert one.fingerprint == other.fingerprint
    assert re.fullmatch("[0-9a-f]{16}", one.fingerprint)


def _start_lines(
    results: list[dict[str, list[dict[str, dict[str, dict[str, int]]]]]],
) -> list[int]:
    places = [each["locations"][0]["physicalLocation"] for each in results]
    return [each["region"]["startLine"] for each in places if "region" in each]


def _parse_junit(report: Report) -> JUnitXml:
    return JUnitXml.fromstring(RENDERERS["junit"](report).encode())


def _passed(suite: TestSuite) -> int:
    return sum(case.is_passed for case in suite)
