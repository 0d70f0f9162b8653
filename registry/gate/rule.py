"""What a rule is: one row of a table and one function."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from registry.compatibility.model import Field, Schema
from registry.gate.alignment import Pair, align
from registry.gate.findings import Severity, Witness
from registry.gate.paths import Path
from registry.gate.samples import Sample
from registry.gate.texts import field_text, text_of
from registry.gate.trial import Outcome, Probe, run

_Subject = TypeVar("_Subject")
_Seen = TypeVar("_Seen")
Node = Schema | Field


Memory = dict[tuple[str, ...], Outcome | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A reader and a writer, with the parts that meet.

    Attributes:
        reads_as_registry: False if the registry's algorithm refuses the two.
        between: Versions released after the writer's and before the reader's.
        memory: Outcomes of pairs that say what pairs of other comparisons said.
    """

    reader: Schema
    writer: Schema
    pairs: tuple[Pair, ...] = field(repr=False)
    reads_as_registry: bool = True
    between: tuple[Schema, ...] = field(default=(), repr=False)
    memory: Memory = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        *,
        reader: Schema,
        writer: Schema,
        reads_as_registry: bool = True,
        between: tuple[Schema, ...] = (),
        memory: Memory | None = None,
    ) -> "Comparison":
        """Align the two."""
        pairs = tuple(align(reader=reader, writer=writer)) if reads_as_registry else ()
        return cls(
            reader=reader,
            writer=writer,
            pairs=pairs,
            reads_as_registry=reads_as_registry,
            between=between,
            memory={} if memory is None else memory,
        )

    def run(self, probe: Probe) -> Outcome | None:
        """Return what becomes of the probe, or None if no record can hold it."""
        return run(probe, writer=self.writer, reader=self.reader)

    def find_changed(self, pair: Pair, values: tuple[Sample, ...]) -> Outcome | None:
        """Return the outcome of the first value that does not arrive as meant."""
        if not values:
            return None
        key = _key(pair, values)
        if key not in self.memory:
            self.memory[key] = self._find_changed(pair, values)
        return self.memory[key]

    def _find_changed(self, pair: Pair, values: tuple[Sample, ...]) -> Outcome | None:
        for value in values:
            probe = Probe(
                value=value, writer_path=pair.writer_path, reader_path=pair.reader_path
            )
            outcome = self.run(probe)
            if outcome is not None and outcome.is_changed:
                return outcome
        return None


def _key(pair: Pair, values: tuple[Sample, ...]) -> tuple[str, ...]:
    """Return what decides the outcome of a pair, as far as its own field goes."""
    reader, writer = pair.reader_field, pair.writer_field
    return (
        pair.reader_path.names,
        str(pair.writer_path.steps),
        text_of(pair.reader) if reader is None else field_text(reader),
        text_of(pair.writer) if writer is None else field_text(writer),
        repr(values),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a rule saw; the gate makes a finding of it.

    Attributes:
        message: One sentence; ``{reader}`` and ``{writer}`` stand for the sides.
        reader: Node of the reader's schema, for its position.
        writer: Node of the writer's schema, likewise.
        severity: Instead of the rule's own, or None.
    """

    message: str
    reader: Node
    writer: Node
    reader_path: Path
    writer_path: Path
    cause: str = ""
    witness: Witness | None = None
    severity: Severity | None = None


def observe(
    pair: Pair,
    message: str,
    *,
    outcome: Outcome | None = None,
    severity: Severity | None = None,
) -> Observation:
    """Return an observation about the two types of the pair."""
    return Observation(
        message=message,
        reader=pair.reader,
        writer=pair.writer,
        reader_path=pair.reader_path,
        writer_path=pair.writer_path,
        witness=outcome.witness if outcome is not None else None,
        severity=severity,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[_Subject, _Seen]):
    """One row of the table of rules.

    Attributes:
        rule_id: Stable name; lint rules start with ``LINT_``.
        severity: Of its findings, unless one says otherwise.
        says: What it reports, one sentence.
        because: Why that hurts, one or two sentences.
        remedy: What to do instead.
        find: Yields what it sees.
    """

    rule_id: str
    severity: Severity
    says: str
    because: str
    remedy: str
    find: Callable[[_Subject], Iterator[_Seen]]
