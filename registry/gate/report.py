"""The gate's answer: its verdict, and every finding."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from registry.gate.cells import Cell
from registry.gate.findings import Direction, Finding, Severity
from registry.names import CompatibilityLevel, Subject

FORMAT_VERSION = 1


class Verdict(StrEnum):
    """May the candidates become the next versions?"""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How a candidate gets on with one earlier version, each way."""

    version: int
    is_backward: bool
    is_forward: bool
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateReport:
    """One candidate: where it stands, and which side to deploy first."""

    version: int
    file: str
    order: str
    matrix: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectReport:
    """One subject against one baseline."""

    subject: Subject
    level: CompatibilityLevel
    baseline: str
    candidates: tuple[CandidateReport, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All subjects.

    Attributes:
        threshold: The mildest severity that refuses.
    """

    subjects: tuple[SubjectReport, ...]
    threshold: Severity = Severity.ERROR

    @property
    def findings(self) -> list[Finding]:
        """All findings, the gravest first, then by place."""
        every = [each for subject in self.subjects for each in subject.findings]
        return sorted(every, key=_order)

    @property
    def verdict(self) -> Verdict:
        """Refused if any finding that is not suppressed is grave enough."""
        refusing = any(self.refuses(each) for each in self.findings)
        return Verdict.REFUSED if refusing else Verdict.ACCEPTED

    def refuses(self, finding: Finding) -> bool:
        """True if this finding alone makes the verdict a refusal."""
        grave = finding.severity.rank <= self.threshold.rank
        return grave and not finding.is_suppressed

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape, version 1."""
        return {
            "version": FORMAT_VERSION,
            "verdict": str(self.verdict),
            "findings": [each.as_json() for each in self.findings],
            "subjects": [_subject_json(each) for each in self.subjects],
        }


def rows_of(matrix: Sequence[Cell]) -> tuple[Row, ...]:
    """Return the matrix, one row an earlier version, newest first."""
    rows: dict[int, Row] = {}
    for cell in matrix:
        known = rows.get(cell.earlier.number)
        backward = cell.direction is Direction.BACKWARD
        rows[cell.earlier.number] = Row(
            version=cell.earlier.number,
            is_backward=cell.is_readable
            if backward or known is None
            else known.is_backward,
            is_forward=cell.is_readable
            if not backward or known is None
            else known.is_forward,
            counts=cell.counts or (known is not None and known.counts),
        )
    return tuple(rows.values())


def undecided_json(reason: str) -> dict[str, Any]:
    """Return the JSON report of a run that could not decide."""
    return {
        "version": FORMAT_VERSION,
        "verdict": str(Verdict.UNDECIDED),
        "findings": [],
        "subjects": [],
        "reason": reason,
    }


def _order(finding: Finding) -> tuple[int, str, str, int, int, str]:
    place = finding.place
    where = (finding.subject, place.file, place.line, place.column)
    return (finding.severity.rank, *where, finding.rule_id)


def _subject_json(report: SubjectReport) -> dict[str, Any]:
    return {
        "subject": report.subject,
        "level": str(report.level),
        "baseline": report.baseline,
        "candidates": [
            {
                "version": each.version,
                "file": each.file,
                "order": each.order,
                "matrix": [
                    {
                        "version": row.version,
                        "backward": row.is_backward,
                        "forward": row.is_forward,
                        "counts": row.counts,
                    }
                    for row in each.matrix
                ],
            }
            for each in report.candidates
        ],
    }
