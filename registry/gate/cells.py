"""One cell of the matrix: a candidate against one version, in one direction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from registry.compatibility import Schema, check_readable
from registry.errors import AmbiguousField, InvalidSchema
from registry.gate.data_table import DATA_RULES, DataRule
from registry.gate.findings import Direction, Finding, Severity
from registry.gate.mismatches import AMBIGUOUS
from registry.gate.parsing import ParsedVersion
from registry.gate.read_table import READ_RULES
from registry.gate.rule import Comparison, Memory, Observation

_CANDIDATE = "the candidate"
_EARLIER = "an earlier version"
_EVER = frozenset({"FIELD_NAME_REUSED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A candidate and one earlier version, one reading the other.

    Attributes:
        between: Versions after the earlier one and before the candidate.
        counts: True if the level looks at this cell.
    """

    candidate: ParsedVersion
    earlier: ParsedVersion
    direction: Direction
    is_readable: bool
    counts: bool
    between: tuple[Schema, ...] = ()

    @property
    def reader(self) -> ParsedVersion:
        """The side that decodes."""
        is_backward = self.direction is Direction.BACKWARD
        return self.candidate if is_backward else self.earlier

    @property
    def writer(self) -> ParsedVersion:
        """The side that encoded."""
        is_backward = self.direction is Direction.BACKWARD
        return self.earlier if is_backward else self.candidate


def find_cell(
    candidate: ParsedVersion,
    earlier: ParsedVersion,
    direction: Direction,
    *,
    counts: bool,
    between: Sequence[ParsedVersion] = (),
) -> Cell:
    """Ask the registry's algorithm."""
    cell = Cell(
        candidate=candidate,
        earlier=earlier,
        direction=direction,
        is_readable=True,
        counts=counts,
        between=tuple(each.root for each in between),
    )
    readable = is_readable(reader=cell.reader, writer=cell.writer)
    return replace(cell, is_readable=readable)


def is_readable(*, reader: ParsedVersion, writer: ParsedVersion) -> bool:
    """True if the registry's algorithm accepts the two."""
    try:
        return not check_readable(reader=reader.schema, writer=writer.schema)
    except (AmbiguousField, InvalidSchema):
        return False


def find_findings(cell: Cell, memory: Memory) -> Iterator[Finding]:
    """Yield what the rules see in the cell; `memory` is that of its direction."""
    rules = _rules_for(cell)
    if not rules:
        return
    comparison = Comparison.of(
        reader=cell.reader.root,
        writer=cell.writer.root,
        reads_as_registry=cell.is_readable,
        between=cell.between,
        memory=memory,
    )
    found = [
        _finding(cell, rule, seen) for rule in rules for seen in rule.find(comparison)
    ]
    if cell.counts and not cell.is_readable and not found:
        found = [_unexplained(cell)]
    yield from found


def _rules_for(cell: Cell) -> tuple[DataRule, ...]:
    """Return all rules where the level looks, else those that old data needs."""
    if cell.counts:
        return (*READ_RULES, *DATA_RULES)
    if not _is_backward(cell) or not cell.between:
        return ()
    return tuple(each for each in DATA_RULES if each.rule_id in _EVER)


def _unexplained(cell: Cell) -> Finding:
    """Return the registry's own words where ours are missing: it has the last one."""
    try:
        reasons = check_readable(reader=cell.reader.schema, writer=cell.writer.schema)
        rule_id, words = reasons[0].type.value, reasons[0].message
    except (AmbiguousField, InvalidSchema) as exc:
        rule_id, words = AMBIGUOUS, exc.reason
    return Finding(
        rule_id=rule_id,
        severity=Severity.ERROR,
        subject=cell.candidate.version.subject,
        path="",
        place=cell.candidate.place_of(cell.candidate.root),
        message=f"the registry refuses: {words}",
        versions=(cell.earlier.number,),
        direction=cell.direction,
    )


def _is_backward(cell: Cell) -> bool:
    return cell.direction is Direction.BACKWARD


def _finding(cell: Cell, rule: DataRule, seen: Observation) -> Finding:
    reader, writer = _CANDIDATE, _EARLIER
    own, other = seen.reader, seen.writer
    steps, old_steps = seen.reader_path, seen.writer_path
    path = seen.reader_path
    if not _is_backward(cell):
        reader, writer = writer, reader
        own, other = other, own
        steps, old_steps = old_steps, steps
        path = seen.writer_path if len(seen.writer_path.steps) else seen.reader_path
    message = seen.message.replace("{reader}", reader).replace("{writer}", writer)
    cause = seen.cause.replace("{reader}", reader).replace("{writer}", writer)
    return Finding(
        rule_id=str(rule.rule_id),
        severity=seen.severity or _severity(cell, rule),
        subject=cell.candidate.version.subject,
        path=path.names,
        place=cell.candidate.place_of(own),
        old_place=cell.earlier.place_of(other),
        message=message,
        versions=(cell.earlier.number,),
        direction=cell.direction,
        cause=cause,
        witness=seen.witness,
        steps=steps,
        old_steps=old_steps,
    )


def _severity(cell: Cell, rule: DataRule) -> Severity:
    return rule.severity if cell.counts else Severity.WARNING
