"""JUnit XML: a suite a subject, a case a finding; refusing ones are failures."""

import re
from xml.etree import ElementTree as ET

from registry.gate.findings import Finding
from registry.gate.report import Report, SubjectReport

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(report: Report) -> str:
    """Return the document."""
    suites = ET.Element("testsuites", name="contracts")
    for each in report.subjects:
        suites.append(_suite(report, each))
    for key in ("tests", "failures"):
        suites.set(key, str(sum(int(each.get(key, "0")) for each in suites)))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True)


def _suite(report: Report, subject: SubjectReport) -> ET.Element:
    failing = [each for each in subject.findings if report.refuses(each)]
    suite = ET.Element(
        "testsuite",
        name=_clean(f"{subject.subject} against {subject.baseline}"),
        tests=str(max(len(subject.findings), 1)),
        failures=str(len(failing)),
        errors="0",
        skipped="0",
    )
    if not subject.findings:
        ET.SubElement(suite, "testcase", name="accepted", classname=subject.subject)
    for each in subject.findings:
        suite.append(_case(each, is_failure=each in failing))
    return suite


def _case(finding: Finding, *, is_failure: bool) -> ET.Element:
    case = ET.Element(
        "testcase",
        name=_clean(f"{finding.rule_id} {finding.path}".strip()),
        classname=_clean(finding.subject),
        file=_clean(finding.place.file),
        line=str(finding.place.line),
    )
    if is_failure:
        failure = ET.SubElement(
            case, "failure", message=_clean(finding.message), type=finding.rule_id
        )
        failure.text = _clean(f"{finding.place}\n{finding.message}\n{finding.cause}")
    else:
        ET.SubElement(case, "system-out").text = _clean(
            f"{finding.severity}: {finding.place}: {finding.message}"
        )
    return case


def _clean(text: str) -> str:
    return _NOT_XML.sub("?", text)
