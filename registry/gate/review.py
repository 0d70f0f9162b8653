"""All that is known about one subject when its candidates are judged."""

from dataclasses import dataclass, field, replace

from registry.gate.cells import Cell, find_cell, find_findings
from registry.gate.findings import Direction, Finding, Severity, merge
from registry.gate.manifest import Manifest, SubjectEntry
from registry.gate.parsing import ParsedVersion
from registry.gate.rule import Memory
from registry.gate.versions import Baseline, SchemaVersion
from registry.names import CompatibilityLevel, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One subject: its files, what is released, and what is proposed.

    Attributes:
        files: Version files of the folder, ascending.
        released: Released versions that are live, ascending.
        deleted: Released versions that a registry hides, ascending.
        candidates: Files not released yet that are schemas, ascending.
        baseline: Where `released` comes from, or None.
        level: The level that candidates are judged at.
        entry: What the manifest says.
        folder: Path of the folder, for files that the manifest names.
        manifest: The manifest, for the places of what it says.
    """

    subject: Subject
    files: tuple[SchemaVersion, ...] = field(repr=False)
    released: tuple[ParsedVersion, ...] = field(repr=False)
    deleted: tuple[ParsedVersion, ...] = field(repr=False)
    candidates: tuple[ParsedVersion, ...] = field(repr=False)
    baseline: Baseline | None = field(repr=False)
    level: CompatibilityLevel
    entry: SubjectEntry = field(repr=False)
    folder: str = ""
    manifest: Manifest = field(default_factory=Manifest, repr=False)

    @property
    def is_unsettled(self) -> bool:
        """True if there is something to judge."""
        return bool(self.candidates)

    @property
    def newest(self) -> ParsedVersion | None:
        """The last candidate, which everybody will read with; None if there is none."""
        return self.candidates[-1] if self.candidates else None

    def history_of(self, candidate: ParsedVersion) -> list[ParsedVersion]:
        """Return the live versions before the candidate, newest first."""
        earlier = {each.number: each for each in self.released}
        for each in self.candidates:
            if each.number < candidate.number:
                earlier.setdefault(each.number, each)
        return [earlier[number] for number in sorted(earlier, reverse=True)]


def find_matrix(review: Review, candidate: ParsedVersion) -> list[Cell]:
    """Return every cell of the candidate, newest version first, backward first."""
    history = review.history_of(candidate)
    level = review.level
    return [
        find_cell(
            candidate,
            earlier,
            direction,
            counts=_counts(level, direction, is_newest=index == 0),
            between=history[:index],
        )
        for index, earlier in enumerate(history)
        for direction in (Direction.BACKWARD, Direction.FORWARD)
    ]


def judge_matrix(review: Review, matrix: list[Cell]) -> list[Finding]:
    """Return what the rules find in the cells; NONE never refuses."""
    memories: dict[Direction, Memory] = {each: {} for each in Direction}
    found = [
        finding
        for cell in matrix
        for finding in find_findings(cell, memories[cell.direction])
    ]
    if review.level is CompatibilityLevel.NONE:
        found = [_at_most_warning(each) for each in found]
    return merge(found)


def advise_order(matrix: list[Cell], findings: list[Finding]) -> str:
    """Return which side to deploy first."""
    if not matrix:
        return "any order"
    newest = matrix[0].earlier
    backward, forward = (
        _reads(matrix, newest, direction)
        for direction in (Direction.BACKWARD, Direction.FORWARD)
    )
    if backward and forward:
        hurt = any(each.direction is Direction.FORWARD for each in findings)
        return "readers first" if hurt else "any order"
    if backward:
        return "readers first"
    return "writers first" if forward else "neither side: use a new topic"


def _reads(matrix: list[Cell], earlier: ParsedVersion, direction: Direction) -> bool:
    return all(
        cell.is_readable
        for cell in matrix
        if cell.earlier is earlier and cell.direction is direction
    )


def _counts(
    level: CompatibilityLevel, direction: Direction, *, is_newest: bool
) -> bool:
    if level is CompatibilityLevel.NONE:
        return is_newest and direction is Direction.BACKWARD
    if not is_newest and not level.is_transitive:
        return False
    if direction is Direction.BACKWARD:
        return level.candidate_must_read
    return level.candidate_must_be_readable


def _at_most_warning(finding: Finding) -> Finding:
    if finding.severity is Severity.ERROR:
        return replace(finding, severity=Severity.WARNING)
    return finding
