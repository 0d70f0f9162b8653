"""Workflow commands that GitHub shows as annotations on the changed lines."""

from registry.gate.findings import Finding, Severity
from registry.gate.report import Report

_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}


def render_github(report: Report) -> str:
    """Return one command a finding that matters, and the verdict as a last line.

    GitHub shows ten annotations a step: information would push errors out.
    """
    lines = [_command(each) for each in report.findings if each.matters]
    return "\n".join([*lines, f"contracts: {report.verdict}"])


def _command(finding: Finding) -> str:
    properties = {"file": finding.place.file, "title": finding.rule_id}
    if finding.place.line:
        properties["line"] = str(finding.place.line)
        properties["col"] = str(finding.place.column)
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(_message(finding))}"


def _message(finding: Finding) -> str:
    parts = [finding.message]
    if finding.cause:
        parts.append(f"Because: {finding.cause}")
    if finding.witness is not None:
        python, java = finding.witness.python, finding.witness.java
        parts.append(f"Python: {python.before} -> {python.after}")
        parts.append(f"Java: {java.before} -> {java.after}")
    if finding.fix is not None:
        parts.append(f"Fix: {finding.fix.sentence}")
    return "\n".join(parts)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
