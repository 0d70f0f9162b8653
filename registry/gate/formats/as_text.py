"""Text for people, 80 columns wide; the terminal decides about colours."""

import textwrap
from collections.abc import Iterator

import click

from registry.gate.findings import Finding, Severity, Witness
from registry.gate.parsing import INVALID
from registry.gate.report import Report, SubjectReport, Verdict

_WIDTH = 80
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_LONGEST_VALUE = 160


def render_text(report: Report) -> str:
    """Return the findings, then a line a subject, then the verdict."""
    shown = [each for each in report.findings if each.severity is not Severity.INFO]
    blocks = ["\n".join(_finding(each)) for each in shown]
    subjects = "\n".join(_subject(each) for each in report.subjects)
    return "\n\n".join([*blocks, *([subjects] if subjects else []), _verdict(report)])


def render_findings(findings: list[Finding]) -> str:
    """Return the findings alone, all severities."""
    return "\n\n".join("\n".join(_finding(each)) for each in findings)


def fold(text: str) -> str:
    """Return the text folded at 80 columns."""
    return "\n".join(_wrapped("", text, indent=0))


def _finding(finding: Finding) -> Iterator[str]:
    label = click.style(str(finding.severity), fg=_COLOURS[finding.severity], bold=True)
    suppressed = " (suppressed)" if finding.is_suppressed else ""
    yield f"{finding.place}"
    yield f"  {label} {finding.rule_id}{suppressed}"
    yield from _wrapped("", finding.message)
    if finding.cause:
        yield from _wrapped("because: ", finding.cause)
    if finding.versions:
        yield from _wrapped("versions: ", _versions(finding))
    if finding.old_place is not None and finding.old_place.line:
        yield f"    released: {finding.old_place}"
    if finding.witness is not None:
        yield from _witness(finding.witness)
    if finding.affected:
        yield from _wrapped("affects: ", ", ".join(finding.affected))
    if finding.fix is not None:
        yield from _wrapped(
            "fix: ", f"{finding.fix.sentence} (tried: the finding is gone then)"
        )


def _versions(finding: Finding) -> str:
    listed = ", ".join(map(str, finding.versions))
    return f"{listed} ({finding.direction})" if finding.direction else listed


def _witness(witness: Witness) -> Iterator[str]:
    yield from _wrapped("record: ", _cut(witness.record))
    python, java = witness.python, witness.java
    if python == java:
        yield from _wrapped("reads: ", f"{_cut(python.before)} -> {_cut(python.after)}")
        return
    yield from _wrapped("python: ", f"{_cut(python.before)} -> {_cut(python.after)}")
    yield from _wrapped("java: ", f"{_cut(java.before)} -> {_cut(java.after)}")


def _cut(text: str) -> str:
    if len(text) <= _LONGEST_VALUE:
        return text
    return f"{text[: _LONGEST_VALUE - 3]}..."


def _subject(report: SubjectReport) -> str:
    head = f"{report.subject} against {report.baseline} at {report.level}"
    if not report.candidates:
        rules = {each.rule_id for each in report.findings}
        state = "nothing that can be read" if INVALID in rules else "nothing new"
        return "\n".join(_wrapped("", f"{head}: {state}", indent=0))
    new = "; ".join(
        f"version {each.version}, deploy {each.order}"
        if each.matrix
        else f"version {each.version}, the first"
        for each in report.candidates
    )
    return "\n".join(_wrapped("", f"{head}: {new}", indent=0))


def _verdict(report: Report) -> str:
    counts = dict.fromkeys(Severity, 0)
    for each in report.findings:
        if not each.is_suppressed:
            counts[each.severity] += 1
    listed = ", ".join(
        f"{count} {severity}{'s' if count != 1 and severity != 'info' else ''}"
        for severity, count in counts.items()
        if count
    )
    colour = "green" if report.verdict is Verdict.ACCEPTED else "red"
    word = click.style(str(report.verdict), fg=colour, bold=True)
    return f"{word}: {listed or 'no findings'}"


def _wrapped(label: str, text: str, *, indent: int = 4) -> list[str]:
    return textwrap.wrap(
        label + text,
        width=_WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_on_hyphens=False,
    )
