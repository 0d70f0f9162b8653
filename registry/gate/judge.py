"""Judge a folder's candidates against a baseline, subject by subject."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from registry.compatibility.depth import refuse_deep_recursion
from registry.errors import InvalidSchema
from registry.gate.cells import Cell
from registry.gate.findings import Direction, Finding, Severity, merge
from registry.gate.fixes import suggest
from registry.gate.linting import find_lint
from registry.gate.parsing import (
    ParsedVersion,
    invalid_finding,
    parse_candidate,
    parse_released,
)
from registry.gate.process_table import PROCESS_RULES, ProcessRule
from registry.gate.report import CandidateReport, Report, SubjectReport, rows_of
from registry.gate.review import Review, advise_order, find_matrix, judge_matrix
from registry.gate.rules.consumers import reads
from registry.gate.rules.process import Note
from registry.gate.suppressing import find_expired, suppress
from registry.gate.versions import Baseline, Folder, SchemaVersion
from registry.names import CompatibilityLevel, Subject

_TOGETHER = "each other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to judge.

    Attributes:
        level: Instead of the manifest's and the baseline's, or None.
        threshold: The mildest severity that refuses.
        today: The day that suppressions are held against.
    """

    level: CompatibilityLevel | None = None
    threshold: Severity = Severity.ERROR
    today: dt.date = field(default_factory=lambda: dt.datetime.now(dt.UTC).date())


def judge(
    folder: Folder,
    baselines: Sequence[Baseline],
    *,
    subjects: Sequence[Subject] = (),
    settings: Settings,
) -> Report:
    """Judge every subject, or those named, against every baseline.

    Without a baseline each subject's versions are judged against each other. The
    folder's versions carry their references already.

    Raises:
        ConfigError: A baseline's version cannot be read.
        RegistryUnavailable: No registry answers.
    """
    every: Sequence[Baseline | None] = baselines or [None]
    reports = [
        _judge_subject(folder, subject, baseline, settings)
        for baseline in every
        for subject in subjects or _subjects(folder, baseline)
    ]
    return Report(subjects=tuple(reports), threshold=settings.threshold)


def _subjects(folder: Folder, baseline: Baseline | None) -> list[Subject]:
    """Return the folder's subjects, and those that only a file baseline knows."""
    known = set(folder.versions)
    if baseline is not None and not baseline.name.startswith("registry:"):
        known |= set(baseline.get_subjects())
    return sorted(known)


def _judge_subject(
    folder: Folder, subject: Subject, baseline: Baseline | None, settings: Settings
) -> SubjectReport:
    review, broken = _open_review(folder, subject, baseline, settings)
    found = list(broken)
    candidates: list[CandidateReport] = []
    for candidate in review.candidates:
        try:
            findings, report = _judge_candidate(review, candidate)
        except InvalidSchema as exc:
            found.append(invalid_finding(candidate.version, exc))
            continue
        found += findings
        candidates.append(report)
    found += _process_findings(review)
    entry, today = review.entry, settings.today
    found = suppress(merge(found), entry.suppressions, today=today)
    found += find_expired(subject, folder.manifest, today=today)
    return SubjectReport(
        subject=subject,
        level=review.level,
        baseline=baseline.name if baseline is not None else _TOGETHER,
        candidates=tuple(candidates),
        findings=tuple(found),
    )


@refuse_deep_recursion
def _judge_candidate(
    review: Review, candidate: ParsedVersion
) -> tuple[list[Finding], CandidateReport]:
    matrix = find_matrix(review, candidate)
    findings = judge_matrix(review, matrix)
    if candidate is review.newest:
        findings += find_lint(candidate)
    findings = [_with_affected(review, each) for each in findings]
    findings = suggest(findings, review=review, candidate=candidate)
    return findings, _candidate_report(candidate, matrix, findings)


def _candidate_report(
    candidate: ParsedVersion, matrix: list[Cell], findings: list[Finding]
) -> CandidateReport:
    return CandidateReport(
        version=candidate.number,
        file=candidate.version.origin,
        order=advise_order(matrix, findings),
        matrix=rows_of(matrix),
    )


def _open_review(
    folder: Folder, subject: Subject, baseline: Baseline | None, settings: Settings
) -> tuple[Review, list[Finding]]:
    files = folder.versions.get(subject, ())
    known = baseline.find_released(subject) if baseline is not None else []
    released = [parse_released(each) for each in known]
    numbers = {each.number for each in released}
    candidates, broken = _parse_all([f for f in files if f.version not in numbers])
    entry = folder.manifest.entry(subject)
    review = Review(
        subject=subject,
        files=tuple(files),
        released=tuple(each for each in released if not each.version.is_deleted),
        deleted=tuple(each for each in released if each.version.is_deleted),
        candidates=tuple(candidates),
        baseline=baseline,
        level=settings.level or entry.level or _baseline_level(baseline, subject),
        entry=entry,
        folder=folder.name,
        manifest=folder.manifest,
    )
    return review, broken


def _baseline_level(baseline: Baseline | None, subject: Subject) -> CompatibilityLevel:
    """Return the baseline's level, else BACKWARD as registries have it."""
    found = baseline.find_level(subject) if baseline is not None else None
    return found or CompatibilityLevel.BACKWARD


def _parse_all(
    versions: Sequence[SchemaVersion],
) -> tuple[list[ParsedVersion], list[Finding]]:
    parsed: list[ParsedVersion] = []
    broken: list[Finding] = []
    for version in versions:
        try:
            parsed.append(parse_candidate(version))
        except InvalidSchema as exc:
            broken.append(invalid_finding(version, exc))
    return parsed, broken


def _process_findings(review: Review) -> Iterator[Finding]:
    for rule in PROCESS_RULES:
        for note in rule.find(review):
            yield _process_finding(review, rule, note)


def _process_finding(review: Review, rule: ProcessRule, note: Note) -> Finding:
    return Finding(
        rule_id=rule.rule_id,
        severity=rule.severity,
        subject=review.subject,
        path=note.path,
        place=note.place,
        old_place=note.old_place,
        message=note.message,
        versions=note.versions,
        witness=note.witness,
        affected=note.affected,
    )


def _with_affected(review: Review, finding: Finding) -> Finding:
    if finding.direction is None:
        return finding
    relative = finding.path.partition(".")[2]
    named = [each.name for each in review.entry.readers if reads(each, relative)]
    if finding.direction is Direction.FORWARD:
        who = [f"{name} before it is redeployed" for name in named]
        return replace(finding, affected=tuple(who or ["readers not yet redeployed"]))
    return replace(finding, affected=tuple(named or ["readers of the new version"]))
