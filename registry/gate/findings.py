"""What the gate reports: one reason, with its place, its proof and its remedy."""

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from registry.gate.paths import Path
from registry.names import Subject


class Severity(StrEnum):
    """How much a finding weighs: an error refuses the candidate."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)


class Direction(StrEnum):
    """Who reads whom."""

    BACKWARD = "backward"
    """The candidate reads what a released version wrote."""
    FORWARD = "forward"
    """A released version reads what the candidate wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a file: line and column from 1, or 0 for the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value as its writer meant it, and as the reader gets it, in one language."""

    before: str
    after: str

    def as_json(self) -> dict[str, Any]:
        """Return the report's shape."""
        return {"before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A record really encoded with one schema and decoded with the other.

    Attributes:
        record: The record that was written, as text.
        bytes_hex: Its Avro body.
        path: Which value of it the changes are about.
        python: What fastavro, with the writer's logical types, makes of it.
        java: What Avro for Java, with the reader's logical types, makes of it.
    """

    record: str
    bytes_hex: str
    path: str
    python: Change
    java: Change

    def as_json(self) -> dict[str, Any]:
        """Return the report's shape."""
        return {
            "record": self.record,
            "bytes": self.bytes_hex,
            "path": self.path,
            "python": self.python.as_json(),
            "java": self.java.as_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A change to the candidate that the gate has tried and accepts.

    Attributes:
        sentence: What to do.
        schema: Text of the whole candidate after it.
    """

    sentence: str
    schema: str = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return the report's shape."""
        return {"sentence": self.sentence, "schema": self.schema}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One reason, found in one candidate.

    Attributes:
        path: Where, by names: ``OrderDetails.items[].discount``; "" for the whole.
        place: Where in the candidate's file.
        old_place: Where in the released version's file, if it is there too.
        message: One sentence, naming the field and what happens to it.
        versions: Released versions it concerns, ascending.
        direction: Who reads whom, or None if nobody reads.
        cause: What a union hid, or "".
        affected: Who is hurt: readers of the manifest, or everybody on a side.
        is_suppressed: True if the manifest accepts it until a day to come.
        steps: The way to it in the candidate, for fixes; not reported.
        old_steps: The way to it in the earlier version, likewise.
    """

    rule_id: str
    severity: Severity
    subject: Subject
    path: str
    place: Place
    message: str
    old_place: Place | None = None
    versions: tuple[int, ...] = ()
    direction: Direction | None = None
    cause: str = ""
    witness: Witness | None = None
    fix: Fix | None = None
    affected: tuple[str, ...] = ()
    is_suppressed: bool = False
    steps: Path | None = field(default=None, repr=False)
    old_steps: Path | None = field(default=None, repr=False)

    @property
    def matters(self) -> bool:
        """True unless it is suppressed, or only informs."""
        return not self.is_suppressed and self.severity is not Severity.INFO

    @property
    def fingerprint(self) -> str:
        """The same for the same finding in the next run, wherever lines move."""
        direction = self.direction or ""
        parts = (self.rule_id, self.subject, self.path, direction, self.message)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, Any]:
        """Return the documented shape of version 1 of the JSON report."""
        return {
            "rule_id": self.rule_id,
            "severity": str(self.severity),
            "subject": self.subject,
            "path": self.path,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "message": self.message,
            "versions": list(self.versions),
            "direction": str(self.direction) if self.direction else None,
            "cause": self.cause or None,
            "witness": self.witness.as_json() if self.witness else None,
            "fix": self.fix.as_json() if self.fix else None,
            "affected": list(self.affected),
            "fingerprint": self.fingerprint,
            "old": _place_json(self.old_place),
            "suppressed": self.is_suppressed,
        }


def merge(findings: list[Finding]) -> list[Finding]:
    """Return the findings with those that differ only in versions made one.

    Order of first appearance is kept.
    """
    merged: dict[tuple[str, ...], Finding] = {}
    for each in findings:
        key = (each.fingerprint, str(each.place), str(each.severity))
        known = merged.get(key)
        if known is None:
            merged[key] = each
            continue
        versions = tuple(sorted({*known.versions, *each.versions}))
        affected = tuple(dict.fromkeys((*known.affected, *each.affected)))
        merged[key] = replace(known, versions=versions, affected=affected)
    return list(merged.values())


def _place_json(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"file": place.file, "line": place.line, "column": place.column}
