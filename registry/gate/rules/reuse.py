"""A field name that was given up and is taken up again."""

from collections.abc import Iterator

from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.gate.paths import Path, Step
from registry.gate.rule import Comparison, Observation
from registry.gate.samples import Unsampleable
from registry.gate.telling import telling
from registry.gate.trial import Probe


def find_reused(comparison: Comparison) -> Iterator[Observation]:
    """The reader has a field of the writer that versions in between did not have."""
    for pair in comparison.pairs:
        reader, writer = pair.reader_field, pair.writer_field
        if not pair.is_field or reader is None or writer is None:
            continue
        if reader.name != writer.name or not _was_given_up(
            comparison, pair.reader_path
        ):
            continue
        try:
            value = telling(pair.writer)
        except Unsampleable:
            continue
        outcome = comparison.run(
            Probe(
                value=value,
                writer_path=pair.writer_path,
                reader_path=pair.reader_path,
            )
        )
        if outcome is not None:
            text = (
                f"{pair.reader_path.names} was dropped after {{writer}} and is back:"
                " records of then are read as if they meant the same"
            )
            yield Observation(
                message=text,
                reader=reader,
                writer=writer,
                reader_path=pair.reader_path,
                writer_path=pair.writer_path,
                witness=outcome.witness,
            )


def has_field(schema: Schema, path: Path) -> bool:
    """True if the path of field names leads somewhere in the schema."""
    return _descend(schema, [step for step in path.steps if step.name])


def _was_given_up(comparison: Comparison, path: Path) -> bool:
    parent = path.parent
    return any(
        not has_field(each, path) and (not parent.steps or has_field(each, parent))
        for each in comparison.between
    )


def _descend(schema: Schema, steps: list[Step]) -> bool:
    inner = _inner_record(schema)
    if not steps:
        return True
    if inner is None or steps[0].name not in inner.field_by_name:
        return False
    return _descend(inner.field_by_name[steps[0].name].type, steps[1:])


def _inner_record(schema: Schema) -> RecordSchema | None:
    """Return the record within arrays, maps and nullable unions."""
    match schema:
        case RecordSchema():
            return schema
        case ArraySchema():
            return _inner_record(schema.items)
        case MapSchema():
            return _inner_record(schema.values)
        case UnionSchema():
            for branch in schema.branches:
                if branch.type is not AvroType.NULL:
                    found = _inner_record(branch)
                    if found is not None:
                        return found
    return None
