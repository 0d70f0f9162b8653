"""A field name that was given up and is taken up again."""

from collections.abc import Iterator
from functools import lru_cache

from registry.compatibility.model import (
    ArraySchema,
    Field,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.gate.paths import Path
from registry.gate.rule import Comparison, Observation
from registry.gate.samples import Unsampleable
from registry.gate.telling import telling
from registry.gate.trial import Probe


def find_reused(comparison: Comparison) -> Iterator[Observation]:
    """The reader has a field of the writer that versions in between did not have."""
    reader, writer = fields_of(comparison.reader), fields_of(comparison.writer)
    for name in _given_up(comparison):
        (path, field), (writer_path, former) = reader[name], writer[name]
        try:
            value = telling(former.type)
        except Unsampleable:
            continue
        outcome = comparison.run(
            Probe(value=value, writer_path=writer_path, reader_path=path)
        )
        if outcome is not None:
            text = (
                f"{path.names} was dropped after {{writer}} and is back: records of"
                " then are read as if they meant the same"
            )
            yield Observation(
                message=text,
                reader=field,
                writer=former,
                reader_path=path,
                writer_path=writer_path,
                witness=outcome.witness,
            )


@lru_cache(maxsize=4096)
def fields_of(schema: Schema) -> dict[str, tuple[Path, Field]]:
    """Return every field by its path of names below the root: ``items[].price``."""
    found: dict[str, tuple[Path, Field]] = {}
    pending: list[tuple[Schema, Path]] = [(schema, Path.of(schema))]
    seen: set[int] = set()
    while pending:
        node, path = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, RecordSchema):
            for each in node.fields:
                inner = path.field(each.index, each.name)
                found.setdefault(inner.relative, (inner, each))
        pending.extend(_inner(node, path))
    return found


def _given_up(comparison: Comparison) -> list[str]:
    """Return the fields of both sides that a version in between lacks.

    A field whose record was absent as well counts once, as that record's field.
    """
    both = fields_of(comparison.reader).keys() & fields_of(comparison.writer).keys()
    lost = {
        name for each in comparison.between for name in both - fields_of(each).keys()
    }
    return sorted(name for name in lost if _outer(name) not in lost)


def _outer(name: str) -> str:
    return name.rpartition(".")[0].removesuffix("[]").removesuffix("{}")


def _inner(node: Schema, path: Path) -> Iterator[tuple[Schema, Path]]:
    match node:
        case RecordSchema():
            for each in node.fields:
                yield each.type, path.field(each.index, each.name)
        case ArraySchema():
            yield node.items, path.item()
        case MapSchema():
            yield node.values, path.value()
        case UnionSchema():
            for index, branch in enumerate(node.branches):
                yield branch, path.branch(index)
