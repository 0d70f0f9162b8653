"""Rules about the consumers that the manifest names: who breaks."""

from collections.abc import Iterator
from pathlib import Path as FilePath

from registry.compatibility import AvroSchema, parse_schema
from registry.errors import ConfigError, InvalidSchema
from registry.gate.data_table import DATA_RULES
from registry.gate.field_paths import find_deepest, is_within
from registry.gate.findings import Severity
from registry.gate.manifest import Reader
from registry.gate.mismatches import find_mismatches
from registry.gate.parsing import ParsedVersion
from registry.gate.paths import Path
from registry.gate.references import find_names
from registry.gate.review import Review
from registry.gate.rule import Comparison, Observation
from registry.gate.rules.process import Note
from registry.plain_reasons import place_of, plain_reason


def find_broken(review: Review) -> Iterator[Note]:
    """A consumer reads what a candidate no longer has, or cannot read it rightly."""
    candidate = review.newest
    if candidate is None:
        return
    for reader in review.entry.readers:
        if reader.schema_file:
            yield from _by_schema(review, candidate, reader)
        else:
            yield from _by_fields(candidate, reader)


def reads(reader: Reader, relative_path: str) -> bool:
    """True if the reader reads the field at the path, a part of it or around it."""
    if reader.schema_file or not relative_path:
        return True
    return any(
        is_within(each, relative_path) or is_within(relative_path, each)
        for each in reader.fields
    )


def _by_fields(candidate: ParsedVersion, reader: Reader) -> Iterator[Note]:
    for each in reader.fields:
        nearest = find_deepest(candidate.root, each)
        if nearest is None or nearest[0].relative != each:
            node = candidate.root if nearest is None else nearest[1]
            text = f"{reader.name} reads {each}, which the candidate does not have"
            yield Note(
                message=text,
                place=candidate.place_of(node),
                path=f"{Path.of(candidate.root).names}.{each}",
                affected=(reader.name,),
            )


def _by_schema(
    review: Review, candidate: ParsedVersion, reader: Reader
) -> Iterator[Note]:
    schema = _read_schema(FilePath(review.folder), candidate, reader)
    for seen in _find_harm(schema, candidate):
        message = seen.message.replace("{reader}", reader.name)
        yield Note(
            message=message.replace("{writer}", "the candidate"),
            place=candidate.place_of(seen.writer),
            path=seen.reader_path.names,
            affected=(reader.name,),
            witness=seen.witness,
        )


def _find_harm(schema: AvroSchema, candidate: ParsedVersion) -> Iterator[Observation]:
    """Yield why the reader cannot read the candidate, else what it reads wrongly."""
    mismatches = list(find_mismatches(reader=schema.root, writer=candidate.root))
    if mismatches:
        yield from (each.observation for each in mismatches)
        return
    comparison = Comparison.of(reader=schema.root, writer=candidate.root)
    for rule in DATA_RULES:
        for seen in rule.find(comparison):
            if (seen.severity or rule.severity) is Severity.ERROR:
                yield seen


def _read_schema(
    folder: FilePath, candidate: ParsedVersion, reader: Reader
) -> AvroSchema:
    """Return the reader's schema; what it names and does not define, others do."""
    file = folder / reader.schema_file
    try:
        text = file.read_text(encoding="utf-8")
        own = find_names(text).defined
        others = [
            each.text
            for each in candidate.version.references
            if not own & find_names(each.text).defined
        ]
        return parse_schema(text, references=others, is_new=False)
    except InvalidSchema as exc:
        where, why = place_of(exc, str(file)), plain_reason(exc)
        reason = f"the schema of reader {reader.name} is none: {where}: {why}"
        raise ConfigError(reason) from exc
    except (OSError, UnicodeDecodeError) as exc:
        reason = f"the schema of reader {reader.name}, {file}, cannot be read: {exc}"
        raise ConfigError(reason) from exc
