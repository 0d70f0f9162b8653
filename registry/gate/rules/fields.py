"""Rules about fields: renamed, added, given another default."""

from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from registry.compatibility.json_print import to_json_text
from registry.compatibility.model import Field, FullName, RecordSchema
from registry.gate.alignment import Pair, find_source
from registry.gate.defaults import is_neutral
from registry.gate.paths import Path
from registry.gate.rule import Comparison, Observation
from registry.gate.samples import Unsampleable, smallest
from registry.gate.telling import telling
from registry.gate.texts import text_of
from registry.gate.trial import Outcome, Probe, run_two_readers


def find_renamed(comparison: Comparison) -> Iterator[Observation]:
    """A field vanishes and another of its type appears, with nothing but a default."""
    for pair, reader, writer in records(comparison):
        for gained, lost in match_renames(reader, writer):
            outcome = _run_rename(comparison, pair, gained, lost)
            if outcome is None or not outcome.is_changed:
                continue
            path = pair.reader_path.field(gained.index, gained.name)
            text = (
                f"{{reader}} reads {path.names}, which {{writer}} calls {lost.name} if"
                " it was renamed; without an alias every value becomes the default"
            )
            yield _about(pair, gained, text, outcome, writer=lost)


def find_invented(comparison: Comparison) -> Iterator[Observation]:
    """A missing field is read as a value that is not "nothing"."""
    for pair, reader, writer in records(comparison):
        renamed = {gained.name for gained, _ in match_renames(reader, writer)}
        for each in reader.fields:
            if each.default is None or each.name in renamed:
                continue
            if find_source(each, writer) or is_neutral(each.type, each.default):
                continue
            outcome = _run_missing(comparison, pair, each)
            if outcome is not None:
                shown = to_json_text(each.default)
                path = pair.reader_path.field(each.index, each.name)
                text = (
                    f"{{writer}} has no {path.names}; {{reader}} reads {shown}, a value"
                    " that nobody wrote"
                )
                yield _about(pair, each, text, outcome)


def find_default_changed(comparison: Comparison) -> Iterator[Observation]:
    """Both have the field, and records without it read as different values."""
    for pair, reader, writer in records(comparison):
        for each in reader.fields:
            source = find_source(each, writer)
            if source is None or _has_same_default(each, source):
                continue
            outcome = _run_two_defaults(each, source)
            if outcome is not None and outcome.is_changed:
                before, after = _default_text(source), _default_text(each)
                path = pair.reader_path.field(each.index, each.name)
                text = (
                    f"a record without {path.names} reads as {before} with {{writer}}"
                    f" and as {after} with {{reader}}"
                )
                yield _about(pair, each, text, outcome, writer=source)


def records(
    comparison: Comparison,
) -> Iterator[tuple[Pair, RecordSchema, RecordSchema]]:
    """Yield the pairs of records."""
    for pair in comparison.pairs:
        match pair.reader, pair.writer:
            case RecordSchema() as reader, RecordSchema() as writer:
                yield pair, reader, writer


def match_renames(
    reader: RecordSchema, writer: RecordSchema
) -> list[tuple[Field, Field]]:
    """Return fields that only the reader has, each with its likely former self.

    Likely is a field of the same type that only the writer has; of several, the one
    of the most similar name.
    """
    read = {find_source(each, writer) for each in reader.fields}
    lost = [each for each in writer.fields if each not in read]
    matches: list[tuple[Field, Field]] = []
    for each in reader.fields:
        if each.default is None or find_source(each, writer) is not None:
            continue
        alike = [old for old in lost if text_of(old.type) == text_of(each.type)]
        if alike:
            former = _most_similar(alike, each.name)
            lost.remove(former)
            matches.append((each, former))
    return matches


def _has_same_default(reader: Field, writer: Field) -> bool:
    """True if nothing needs to be tried: no two defaults, or one and the same."""
    if reader.default is None or writer.default is None:
        return True
    return reader.default == writer.default and reader.type.type is writer.type.type


def _default_text(field: Field) -> str:
    return to_json_text(field.default) if field.default is not None else "nothing"


def _most_similar(fields: list[Field], name: str) -> Field:
    return max(fields, key=lambda each: SequenceMatcher(a=each.name, b=name).ratio())


def _run_rename(
    comparison: Comparison, pair: Pair, gained: Field, lost: Field
) -> Outcome | None:
    try:
        value = telling(lost.type)
    except Unsampleable:
        return None
    probe = Probe(
        value=value,
        writer_path=pair.writer_path.field(lost.index, lost.name),
        reader_path=pair.reader_path.field(gained.index, gained.name),
    )
    return comparison.run(probe)


def _run_missing(comparison: Comparison, pair: Pair, field: Field) -> Outcome | None:
    try:
        value = smallest(pair.writer)
    except Unsampleable:
        return None
    path = pair.reader_path.field(field.index, field.name)
    probe = Probe(
        value=value,
        writer_path=pair.writer_path,
        reader_path=path,
        meant_path=pair.writer_path.field(-1, field.name),
    )
    return comparison.run(probe)


def _run_two_defaults(reader: Field, writer: Field) -> Outcome | None:
    """Read a record that has neither with the one default and with the other."""
    name = FullName("Older")
    return run_two_readers(
        [],
        writer=RecordSchema(name=name),
        before=RecordSchema(name=name, fields=(replace(writer, name=reader.name),)),
        after=RecordSchema(name=name, fields=(reader,)),
        path=Path(name.simple).field(0, reader.name),
    )


def _about(
    pair: Pair,
    field: Field,
    message: str,
    outcome: Outcome,
    *,
    writer: Field | None = None,
) -> Observation:
    return Observation(
        message=message,
        reader=field,
        writer=writer or pair.writer,
        reader_path=pair.reader_path.field(field.index, field.name),
        writer_path=pair.writer_path.field(writer.index, writer.name)
        if writer
        else pair.writer_path,
        witness=outcome.witness,
    )
