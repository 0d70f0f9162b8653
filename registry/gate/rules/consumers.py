"""Rules about the consumers that the manifest names: who breaks."""

from collections.abc import Iterator
from pathlib import Path as FilePath

from registry.compatibility import parse_schema
from registry.errors import ConfigError, InvalidSchema
from registry.gate.manifest import Reader
from registry.gate.mismatches import find_mismatches
from registry.gate.parsing import ParsedVersion
from registry.gate.review import Review
from registry.gate.rules.process import Note
from registry.gate.rules.reuse import fields_of


def find_broken(review: Review) -> Iterator[Note]:
    """A consumer reads what a candidate no longer has, or cannot read it at all."""
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
        _is_within(each, relative_path) or _is_within(relative_path, each)
        for each in reader.fields
    )


def _is_within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}[", f"{outer}{{"))


def _by_fields(candidate: ParsedVersion, reader: Reader) -> Iterator[Note]:
    for each in reader.fields:
        if each not in fields_of(candidate.root):
            text = f"{reader.name} reads {each}, which the candidate does not have"
            yield Note(message=text, place=candidate.place_of(candidate.root))


def _by_schema(
    review: Review, candidate: ParsedVersion, reader: Reader
) -> Iterator[Note]:
    file = FilePath(review.folder) / reader.schema_file
    try:
        text = file.read_text(encoding="utf-8")
        schema = parse_schema(
            text, references=candidate.version.reference_texts, is_new=False
        )
    except (OSError, UnicodeDecodeError, InvalidSchema) as exc:
        reason = f"the schema of reader {reader.name}, {file}, cannot be read: {exc}"
        raise ConfigError(reason) from exc
    for each in find_mismatches(reader=schema.root, writer=candidate.root):
        seen = each.observation
        message = seen.message.replace("{reader}", reader.name)
        yield Note(
            message=message.replace("{writer}", "the candidate"),
            place=candidate.place_of(seen.writer),
        )
