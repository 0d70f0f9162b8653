"""Suppressions of the manifest: findings that an owner accepts until a day."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from registry.gate.findings import Finding, Place, Severity
from registry.gate.manifest import Manifest, Suppression
from registry.names import Subject

EXPIRED = "SUPPRESSION_EXPIRED"


def suppress(
    findings: Iterable[Finding], suppressions: Sequence[Suppression], *, today: dt.date
) -> list[Finding]:
    """Return the findings, marked where a suppression that has not expired fits."""
    live = [each for each in suppressions if today <= each.expires]
    return [
        replace(each, is_suppressed=True)
        if any(_fits(suppression, each) for suppression in live)
        else each
        for each in findings
    ]


def find_expired(
    subject: Subject, manifest: Manifest, *, today: dt.date
) -> list[Finding]:
    """Return one error for every suppression whose day has passed."""
    return [
        Finding(
            rule_id=EXPIRED,
            severity=Severity.ERROR,
            subject=subject,
            path=each.path,
            place=_place(subject, manifest, number),
            message=(
                f"the suppression of {each.rule} by {each.owner} expired on"
                f" {each.expires.isoformat()}: {each.reason}"
            ),
        )
        for number, each in enumerate(manifest.entry(subject).suppressions)
        if today > each.expires
    ]


def _place(subject: Subject, manifest: Manifest, number: int) -> Place:
    line = manifest.line_of(subject, "expires", occurrence=number)
    return Place(file=manifest.name, line=line, column=min(line, 1))


def _fits(suppression: Suppression, finding: Finding) -> bool:
    if suppression.rule != finding.rule_id:
        return False
    path = suppression.path
    return not path or finding.path == path or finding.path.partition(".")[2] == path
