"""Which part of the writer's data each part of the reader's schema receives.

The walk follows resolution as readers do it: fields by name or alias, unions branch by
branch. Parts that cannot be read are left out; the registry's rules report those.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from registry.compatibility.model import (
    ArraySchema,
    Field,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.gate.java_branches import find_branch, is_promotable
from registry.gate.paths import Path
from registry.gate.texts import says_the_same


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One part of the reader's schema, and the writer's part that it receives.

    Attributes:
        reader_field: The reader's field around it, or None at the root.
        writer_field: Likewise; the innermost field.
        reader_union: The union whose branch `reader` is, or None.
        writer_union: Likewise.
    """

    reader: Schema
    writer: Schema
    reader_path: Path
    writer_path: Path
    reader_field: Field | None = None
    writer_field: Field | None = None
    reader_union: UnionSchema | None = None
    writer_union: UnionSchema | None = None

    @property
    def is_field(self) -> bool:
        """True if the two are the types of fields, not parts of such types."""
        return (
            bool(self.reader_path.steps) and self.reader_path.steps[-1].kind == "field"
        )


def align(*, reader: Schema, writer: Schema) -> list[Pair]:
    """Return the pairs of parts, outer ones first; a recursive pair once.

    Fields that say the same on both sides are left out with all that is in them.
    """
    root = Pair(
        reader=reader,
        writer=writer,
        reader_path=Path.of(reader),
        writer_path=Path.of(writer),
    )
    return list(_Walk().visit(root))


def find_source(field: Field, writer: RecordSchema) -> Field | None:
    """Return the writer field that the reader field reads: by name, else by alias."""
    for name in (field.name, *field.aliases):
        source = writer.field_by_name.get(name)
        if source is not None:
            return source
    return None


class _Walk:
    def __init__(self) -> None:
        self._seen: set[tuple[int, int]] = set()

    def visit(self, pair: Pair) -> Iterator[Pair]:
        key = (id(pair.reader), id(pair.writer))
        if key in self._seen:
            return
        self._seen.add(key)
        if isinstance(pair.writer, UnionSchema):
            yield pair
            yield from self._writer_branches(pair, pair.writer)
        elif isinstance(pair.reader, UnionSchema):
            yield from self._reader_branch(pair, pair.reader)
        else:
            yield from self._same(pair)

    def _writer_branches(self, pair: Pair, union: UnionSchema) -> Iterator[Pair]:
        for index, branch in enumerate(union.branches):
            yield from self.visit(
                Pair(
                    reader=pair.reader,
                    writer=branch,
                    reader_path=pair.reader_path,
                    writer_path=pair.writer_path.branch(index),
                    reader_field=pair.reader_field,
                    writer_field=pair.writer_field,
                    writer_union=union,
                )
            )

    def _reader_branch(self, pair: Pair, union: UnionSchema) -> Iterator[Pair]:
        index = find_checked_branch(pair.writer, union)
        if index is None:
            return
        yield from self.visit(
            Pair(
                reader=union.branches[index],
                writer=pair.writer,
                reader_path=pair.reader_path.branch(index),
                writer_path=pair.writer_path,
                reader_field=pair.reader_field,
                writer_field=pair.writer_field,
                reader_union=union,
                writer_union=pair.writer_union,
            )
        )

    def _same(self, pair: Pair) -> Iterator[Pair]:
        match pair.reader, pair.writer:
            case RecordSchema() as reader, RecordSchema() as writer:
                yield pair
                yield from self._fields(pair, reader, writer)
            case ArraySchema() as reader, ArraySchema() as writer:
                yield pair
                items = (reader.items, writer.items)
                paths = (pair.reader_path.item(), pair.writer_path.item())
                yield from self.visit(_inner(pair, items, paths))
            case MapSchema() as reader, MapSchema() as writer:
                yield pair
                values = (reader.values, writer.values)
                paths = (pair.reader_path.value(), pair.writer_path.value())
                yield from self.visit(_inner(pair, values, paths))
            case reader, writer:
                if reader.type is writer.type or is_promotable(
                    writer.type, reader.type
                ):
                    yield pair

    def _fields(
        self, pair: Pair, reader: RecordSchema, writer: RecordSchema
    ) -> Iterator[Pair]:
        for each in reader.fields:
            source = find_source(each, writer)
            if source is None or says_the_same(each, source):
                continue
            yield from self.visit(
                Pair(
                    reader=each.type,
                    writer=source.type,
                    reader_path=pair.reader_path.field(each.index, each.name),
                    writer_path=pair.writer_path.field(source.index, source.name),
                    reader_field=each,
                    writer_field=source,
                )
            )


def find_checked_branch(writer: Schema, reader: UnionSchema) -> int | None:
    """Return the branch that reads the writer: Java's choice, else by simple name."""
    index = find_branch(writer, reader)
    if index is not None:
        return index
    for number, branch in enumerate(reader.branches):
        if branch.type is writer.type and _may_match(writer, branch):
            return number
    return None


def _may_match(writer: Schema, branch: Schema) -> bool:
    if isinstance(writer, NamedSchema) and isinstance(branch, NamedSchema):
        same = writer.name.simple == branch.name.simple
        return same or writer.name in branch.aliases
    return True


def _inner(
    pair: Pair, schemas: tuple[Schema, Schema], paths: tuple[Path, Path]
) -> Pair:
    reader, writer = schemas
    reader_path, writer_path = paths
    return Pair(
        reader=reader,
        writer=writer,
        reader_path=reader_path,
        writer_path=writer_path,
        reader_field=pair.reader_field,
        writer_field=pair.writer_field,
    )
