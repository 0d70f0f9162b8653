"""Suggest a fix only after trying it: apply, judge again, compare."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from registry.errors import InvalidSchema
from registry.gate.editing import Document, Unplaceable
from registry.gate.findings import Finding, Fix, Severity
from registry.gate.parsing import ParsedVersion, parse_candidate
from registry.gate.remedies import REMEDIES, Wound
from registry.gate.review import Review, find_matrix, judge_matrix
from registry.gate.rules.consumers import find_broken
from registry.gate.rules.process import find_no_op

_MOST_WORK = 2_000_000
"""Characters of the candidate times findings, beyond which no fix is tried."""

_NOTHING_NEW = "; then nothing new is left, so remove the file"

_Key = tuple[str, str, str]

_TRIED_COUNT = 12
"""Findings of one candidate that get a fix tried; each costs a whole judgement."""


def suggest(
    findings: Sequence[Finding], *, review: Review, candidate: ParsedVersion
) -> list[Finding]:
    """Return the findings, the gravest with the first remedy that works for it.

    A remedy works if judging the changed candidate no longer yields the finding, and
    yields no error and breaks no consumer that was not there before. If nothing new
    remains of the candidate, the fix says so.
    """
    chosen = {id(each) for each in _worth_trying(findings, candidate)}
    before = _errors(findings) | _broken(review)
    return [
        _with_fix(each, before, review, candidate) if id(each) in chosen else each
        for each in findings
    ]


def _with_fix(
    finding: Finding,
    before: set[_Key],
    review: Review,
    candidate: ParsedVersion,
) -> Finding:
    for sentence, text in _propose(finding, review, candidate):
        again = _put_in(text, review, candidate)
        if again is None:
            continue
        changed = next(each for each in again.candidates if each.version.text == text)
        after = judge_matrix(again, find_matrix(again, changed))
        errors = _errors(after) | _broken(again)
        if not _remains(finding, after) and errors <= before:
            rest = _NOTHING_NEW if _is_no_op(again, changed) else ""
            return replace(finding, fix=Fix(sentence=sentence + rest, schema=text))
    return finding


def _worth_trying(
    findings: Sequence[Finding], candidate: ParsedVersion
) -> list[Finding]:
    able = [
        each
        for each in findings
        if each.severity is not Severity.INFO and each.rule_id in REMEDIES
    ]
    if len(candidate.version.text) * len(findings) > _MOST_WORK:
        return []
    able.sort(key=lambda each: each.severity.rank)
    return able[:_TRIED_COUNT]


def _propose(
    finding: Finding, review: Review, candidate: ParsedVersion
) -> Iterator[tuple[str, str]]:
    earlier = _earlier(finding, review, candidate)
    if earlier is None or finding.steps is None or finding.old_steps is None:
        return
    for remedy in REMEDIES[finding.rule_id]:
        try:
            document = Document(candidate.version.text)
            wound = Wound(
                candidate=document,
                earlier=Document(earlier.version.text),
                path=finding.steps,
                old_path=finding.old_steps,
                direction=finding.direction,
            )
            sentence = remedy(wound)
        except (Unplaceable, KeyError, TypeError):
            continue
        yield sentence, document.text


def _earlier(
    finding: Finding, review: Review, candidate: ParsedVersion
) -> ParsedVersion | None:
    for each in review.history_of(candidate):
        if each.number in finding.versions:
            return each
    return None


def _put_in(text: str, review: Review, candidate: ParsedVersion) -> Review | None:
    """Return the review with the candidate so changed, or None if it is no schema."""
    try:
        changed = parse_candidate(replace(candidate.version, text=text))
    except InvalidSchema:
        return None
    every = (changed if each is candidate else each for each in review.candidates)
    return replace(review, candidates=tuple(every))


def _is_no_op(review: Review, changed: ParsedVersion) -> bool:
    origin = changed.version.origin
    return any(each.place.file == origin for each in find_no_op(review))


def _remains(finding: Finding, after: Sequence[Finding]) -> bool:
    return any(_key(each) == _key(finding) for each in after)


def _broken(review: Review) -> set[_Key]:
    return {("READER_BROKEN", each.path, each.message) for each in find_broken(review)}


def _errors(findings: Sequence[Finding]) -> set[_Key]:
    return {_key(each) for each in findings if each.severity is Severity.ERROR}


def _key(finding: Finding) -> _Key:
    return finding.rule_id, finding.path, str(finding.direction)
