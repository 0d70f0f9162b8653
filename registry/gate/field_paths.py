"""Fields of a schema by their path of names, as the manifest writes it."""

from collections import deque
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


@lru_cache(maxsize=4096)
def fields_of(schema: Schema) -> dict[str, tuple[Path, Field]]:
    """Return every field by its path of names below the root: ``items[].price``.

    A type that is used in several places is visited in the first of them alone, since
    it may use itself; `find_deepest` knows all places.
    """
    found: dict[str, tuple[Path, Field]] = {}
    pending: deque[tuple[Schema, Path]] = deque([(schema, Path.of(schema))])
    seen: set[int] = set()
    while pending:
        node, path = pending.popleft()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, RecordSchema):
            for each in node.fields:
                inner = path.field(each.index, each.name)
                found.setdefault(inner.relative, (inner, each))
        pending.extend(_inner(node, path))
    return found


def find_deepest(schema: Schema, relative: str) -> tuple[Path, Field] | None:
    """Return the field at the path, or the last one on the way that there is."""
    found: tuple[Path, Field] | None = None
    pending = [(schema, Path.of(schema))]
    while pending:
        node, path = pending.pop()
        if isinstance(node, RecordSchema):
            for each in node.fields:
                inner = path.field(each.index, each.name)
                if is_within(relative, inner.relative):
                    found = inner, each
        pending.extend(
            (each, inner)
            for each, inner in _inner(node, path)
            if is_within(relative, inner.relative)
        )
    return found


def has_field(schema: Schema, relative: str) -> bool:
    """True if the schema has a field at the path."""
    found = find_deepest(schema, relative)
    return found is not None and found[0].relative == relative


def is_within(inner: str, outer: str) -> bool:
    """True if the path is the other one or leads on from it; all lead on from ""."""
    ways_on = (f"{outer}.", f"{outer}[", f"{outer}{{")
    return not outer or inner == outer or inner.startswith(ways_on)


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
