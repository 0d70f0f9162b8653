"""Prove what happens to data: write with one schema, read with the other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from registry.compatibility.model import Schema
from registry.gate.findings import Change, Witness
from registry.gate.java import read_as_java
from registry.gate.java_values import JavaFailure
from registry.gate.paths import Path
from registry.gate.python import PythonFailure, read_as_python
from registry.gate.samples import Sample, Unsampleable, encode, sample_with
from registry.gate.shown import shown
from registry.gate.texts import text_of


@dataclass(frozen=True, slots=True)
class Raised:
    """The place of a value that a language could not read."""

    words: str

    def __str__(self) -> str:
        return f"raises {self.words}"


@dataclass(frozen=True, slots=True)
class Absent:
    """The place of a value that the reader's record does not have."""

    def __str__(self) -> str:
        return "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A value put at one place of the writer's record.

    Attributes:
        value: As a sample of the type at `writer_path`.
        writer_path: Where it is put.
        reader_path: Where it is looked at as the reader gets it.
        meant_path: Where it is looked at as its writer meant it, if not at
            `writer_path`.
    """

    value: Sample
    writer_path: Path
    reader_path: Path
    meant_path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One record read twice in each language: by its writer's schema and the other's.

    Attributes:
        python_before: The value that the writer meant, as Python reads it.
        python_after: The value at the reader's place; may be `Raised` or `Absent`.
        aftermath: What happened when the value was used, or "".
    """

    record: str
    body: bytes
    path: str
    python_before: object
    python_after: object
    java_before: object
    java_after: object
    aftermath: str = ""

    @property
    def is_changed(self) -> bool:
        """True if in either language the reader gets another value, or none."""
        return not (
            is_same(self.python_before, self.python_after)
            and is_same(self.java_before, self.java_after)
        )

    @property
    def witness(self) -> Witness:
        """The outcome as the report shows it."""
        return Witness(
            record=self.record,
            bytes_hex=self.body.hex(),
            path=self.path,
            python=self._change(self.python_before, self.python_after),
            java=self._change(self.java_before, self.java_after),
        )

    def then(self, aftermath: str) -> "Outcome":
        """Return the same outcome with what happened to the value afterwards."""
        return replace(self, aftermath=aftermath)

    def compared_with(self, other: "Outcome") -> "Outcome":
        """Return how this reader differs from another one over the same record."""
        return replace(
            self, python_before=other.python_after, java_before=other.java_after
        )

    def _change(self, before: object, after: object) -> Change:
        tail = f", {self.aftermath}" if self.aftermath else ""
        return Change(before=shown(before), after=shown(after) + tail)


def run(probe: Probe, *, writer: Schema, reader: Schema) -> Outcome | None:
    """Return what becomes of the probe, or None if no record can hold it."""
    try:
        sample = sample_with(writer, probe.writer_path.steps, probe.value)
        body = encode(writer, sample)
    except Unsampleable:
        return None
    before = _python(body, writer, writer)
    java_before = _java(sample, writer, writer)
    meant_at = (probe.meant_path or probe.writer_path).in_data
    got_at = probe.reader_path.in_data
    return Outcome(
        record=shown(before),
        body=body,
        path=probe.reader_path.names,
        python_before=_at(before, meant_at),
        python_after=_at(_python(body, writer, reader), got_at),
        java_before=_at(java_before, meant_at),
        java_after=_at(_java(sample, writer, reader), got_at),
    )


def run_two_readers(
    sample: Sample, *, writer: Schema, before: Schema, after: Schema, path: Path
) -> Outcome | None:
    """Return how two readers differ over one record, or None if none can be made.

    `path` names the place that both are looked at; their reading is the value before
    and the value after.
    """
    try:
        body = encode(writer, sample)
    except Unsampleable:
        return None
    keys = path.in_data
    return Outcome(
        record=shown(_python(body, writer, writer)),
        body=body,
        path=path.names,
        python_before=_at(_python(body, writer, before), keys),
        python_after=_at(_python(body, writer, after), keys),
        java_before=_at(_java(sample, writer, before), keys),
        java_after=_at(_java(sample, writer, after), keys),
    )


def is_same(before: object, after: object) -> bool:
    """True if a program could not tell the two apart, but for int and float."""
    match before, after:
        case (bool(), _) | (_, bool()):
            return before is after
        case ((int() | float()), (int() | float())):
            return before == after or (math.isnan(before) and math.isnan(after))
        case dict(), dict():
            return before.keys() == after.keys() and all(
                is_same(value, after[key]) for key, value in before.items()
            )
        case list(), list():
            return len(before) == len(after) and all(map(is_same, before, after))
        case Raised(), Raised():
            return True
    return type(before) is type(after) and before == after


def _python(body: bytes, writer: Schema, reader: Schema) -> object:
    try:
        return read_as_python(body, writer=text_of(writer), reader=text_of(reader))
    except PythonFailure as exc:
        return Raised(str(exc))


def _java(sample: Sample, writer: Schema, reader: Schema) -> object:
    try:
        return read_as_java(sample, writer=writer, reader=reader)
    except JavaFailure as exc:
        return Raised(str(exc))
    except Unsampleable as exc:
        return Raised(f"AvroTypeException: {exc}")


def _at(value: object, keys: Sequence[str | int]) -> object:
    for key in keys:
        if isinstance(value, Raised):
            return value
        value = _child(value, key)
    return value


def _child(value: object, key: str | int) -> object:
    if isinstance(value, dict) and key in value:
        return value[key]
    if isinstance(value, list) and isinstance(key, int) and value:
        return value[key]
    return Absent()
