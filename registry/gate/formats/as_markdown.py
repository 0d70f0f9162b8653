"""Markdown, for a comment on a pull request."""

from registry.gate.findings import Finding, Severity
from registry.gate.report import Report, SubjectReport, Verdict

_SIGNS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.INFO: "ℹ️"}  # noqa: RUF001 - the sign for information


def render_markdown(report: Report) -> str:
    """Return a headline, a table of findings, and the order of deployment."""
    sign = "✅" if report.verdict is Verdict.ACCEPTED else "❌"
    lines = [f"## {sign} Contracts: {report.verdict}", ""]
    lines += _table([each for each in report.findings if each.matters])
    lines += [_subject(each) for each in report.subjects]
    return "\n".join(lines)


def _table(findings: list[Finding]) -> list[str]:
    if not findings:
        return ["No findings.", ""]
    head = ["| | rule | where | what | before → after |", "|---|---|---|---|---|"]
    return [*head, *(_row(each) for each in findings), ""]


def _row(finding: Finding) -> str:
    what = finding.message
    if finding.cause:
        what += f" ({finding.cause})"
    if finding.fix is not None:
        what += f" **Fix:** {finding.fix.sentence}."
    cells = [
        _SIGNS[finding.severity],
        f"`{finding.rule_id}`",
        f"`{finding.place}`",
        _escaped(what),
        _escaped(_changes(finding)),
    ]
    return f"| {' | '.join(cells)} |"


def _changes(finding: Finding) -> str:
    if finding.witness is None:
        return ""
    python, java = finding.witness.python, finding.witness.java
    if python == java:
        return f"{python.before} → {python.after}"
    return (
        f"Python: {python.before} → {python.after}; Java: {java.before} → {java.after}"
    )


def _subject(report: SubjectReport) -> str:
    new = "; ".join(
        f"version {each.version}: deploy {each.order}" for each in report.candidates
    )
    return f"* `{report.subject}` ({report.level}): {new or 'nothing new'}"


def _escaped(text: str) -> str:
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace("|", "\\|").replace("\r", " ").replace("\n", " ")
