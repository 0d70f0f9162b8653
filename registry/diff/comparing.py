"""A walk through two schemas at once, which meets every difference."""

from collections.abc import Iterator, Mapping

from registry.compatibility import AvroSchema
from registry.compatibility.depth import refuse_deep_recursion
from registry.compatibility.model import (
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    NamedSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.diff.changes import (
    Change,
    ChangeKind,
    compare_docs,
    compare_lists,
    compare_orders,
    compare_props,
    compare_texts,
    show_default,
)
from registry.diff.type_names import name_type
from registry.gate.paths import Path, type_name


@refuse_deep_recursion
def find_changes(*, before: AvroSchema, after: AvroSchema) -> list[Change]:
    """Return every difference, outer parts first, in the order of `after`.

    Fields are matched by name, then by alias; branches of unions by type; a type that
    is used in several places is compared once.

    Raises:
        SchemaTooDeep: The types are nested too deeply to be followed.
    """
    return list(_Comparison().compare(before.root, after.root, Path.of(after.root)))


class _Comparison:
    """One walk; remembers the pairs of types it has met."""

    def __init__(self) -> None:
        self._seen: set[tuple[int, int]] = set()

    def compare(self, before: Schema, after: Schema, path: Path) -> Iterator[Change]:
        pair = (id(before), id(after))
        if pair in self._seen:
            return
        self._seen.add(pair)
        match before, after:
            case RecordSchema(), RecordSchema():
                yield from _names(before, after, path.names)
                yield from self._records(before, after, path)
            case ArraySchema(), ArraySchema():
                yield from compare_props(before.props, after.props, path.names)
                yield from self.compare(before.items, after.items, path.item())
            case MapSchema(), MapSchema():
                yield from compare_props(before.props, after.props, path.names)
                yield from self.compare(before.values, after.values, path.value())
            case (UnionSchema(), _) | (_, UnionSchema()):
                yield from self._unions(before, after, path)
            case _:
                yield from _leaves(before, after, path.names)

    def _records(
        self, before: RecordSchema, after: RecordSchema, path: Path
    ) -> Iterator[Change]:
        sources = _find_sources(before, after)
        for field in after.fields:
            here = path.field(field.index, field.name)
            if field.name in sources:
                yield from self._fields(sources[field.name], field, here)
            else:
                shown = (
                    f"{name_type(field.type)}, default {show_default(field.default)}"
                )
                yield Change(kind=ChangeKind.FIELD_ADDED, path=here.names, after=shown)
        kept = {source.name for source in sources.values()}
        for field in before.fields:
            if field.name not in kept:
                here = path.field(field.index, field.name)
                shown = name_type(field.type)
                yield Change(
                    kind=ChangeKind.FIELD_REMOVED, path=here.names, before=shown
                )
        yield from _order_of_fields(before, sources, path.names)

    def _fields(self, before: Field, after: Field, path: Path) -> Iterator[Change]:
        here = path.names
        names = (before.name, after.name)
        yield from compare_texts(ChangeKind.FIELD_RENAMED, *names, here)
        yield from self.compare(before.type, after.type, path)
        defaults = (show_default(before.default), show_default(after.default))
        yield from compare_texts(ChangeKind.DEFAULT, *defaults, here)
        orders = (str(before.order), str(after.order))
        yield from compare_texts(ChangeKind.SORT_ORDER, *orders, here)
        yield from compare_lists(
            ChangeKind.ALIASES, before.aliases, after.aliases, here
        )
        yield from compare_props(before.props, after.props, here)
        yield from compare_docs(before.doc, after.doc, here)

    def _unions(self, before: Schema, after: Schema, path: Path) -> Iterator[Change]:
        was, is_now = _branches(before), _branches(after)
        if isinstance(before, UnionSchema) and isinstance(after, UnionSchema):
            yield from _branch_changes(was, is_now, path.names)
        else:
            names = (name_type(before), name_type(after))
            yield from compare_texts(ChangeKind.TYPE, *names, path.names)
        for index, (key, branch) in enumerate(is_now.items()):
            if key in was:
                yield from self.compare(was[key], branch, path.branch(index))


def _branches(schema: Schema) -> dict[str, Schema]:
    branches = schema.branches if isinstance(schema, UnionSchema) else (schema,)
    return {type_name(branch): branch for branch in branches}


def _branch_changes(
    before: Mapping[str, Schema], after: Mapping[str, Schema], path: str
) -> Iterator[Change]:
    for key in [each for each in after if each not in before]:
        shown = name_type(after[key])
        yield Change(kind=ChangeKind.BRANCH_ADDED, path=path, after=shown)
    for key in [each for each in before if each not in after]:
        shown = name_type(before[key])
        yield Change(kind=ChangeKind.BRANCH_REMOVED, path=path, before=shown)
    yield from compare_orders(
        ChangeKind.BRANCHES_REORDERED, list(before), list(after), path
    )


def _find_sources(before: RecordSchema, after: RecordSchema) -> dict[str, Field]:
    """Return, by the names of `after`, the fields that its fields were."""
    by_name = {
        field.name: before.field_by_name[field.name]
        for field in after.fields
        if field.name in before.field_by_name
    }
    free = {field.name: field for field in before.fields if field.name not in by_name}
    for field in after.fields:
        for alias in () if field.name in by_name else field.aliases:
            if alias in free:
                by_name[field.name] = free.pop(alias)
                break
    return {
        each.name: by_name[each.name] for each in after.fields if each.name in by_name
    }


def _order_of_fields(
    before: RecordSchema, sources: Mapping[str, Field], path: str
) -> Iterator[Change]:
    name_after = {source.name: name for name, source in sources.items()}
    was = [name_after[each.name] for each in before.fields if each.name in name_after]
    return compare_orders(ChangeKind.FIELDS_REORDERED, was, list(sources), path)


def _leaves(before: Schema, after: Schema, path: str) -> Iterator[Change]:
    match before, after:
        case EnumSchema(), EnumSchema():
            yield from _names(before, after, path)
            yield from _symbols(before, after, path)
        case FixedSchema(), FixedSchema():
            yield from _names(before, after, path)
            sizes = (str(before.size), str(after.size))
            yield from compare_texts(ChangeKind.SIZE, *sizes, path)
        case PrimitiveSchema(), PrimitiveSchema() if before.type is after.type:
            yield from compare_props(before.props, after.props, path)
        case _:
            names = (name_type(before), name_type(after))
            yield from compare_texts(ChangeKind.TYPE, *names, path)


def _names(before: NamedSchema, after: NamedSchema, path: str) -> Iterator[Change]:
    names = (str(before.name), str(after.name))
    yield from compare_texts(ChangeKind.NAME, *names, path)
    aliases = (list(map(str, before.aliases)), list(map(str, after.aliases)))
    yield from compare_lists(ChangeKind.ALIASES, *aliases, path)
    yield from compare_props(before.props, after.props, path)
    yield from compare_docs(before.doc, after.doc, path)


def _symbols(before: EnumSchema, after: EnumSchema, path: str) -> Iterator[Change]:
    added = ", ".join(each for each in after.symbols if each not in before.symbols)
    removed = ", ".join(each for each in before.symbols if each not in after.symbols)
    if added:
        yield Change(kind=ChangeKind.SYMBOLS_ADDED, path=path, after=added)
    if removed:
        yield Change(kind=ChangeKind.SYMBOLS_REMOVED, path=path, before=removed)
    kind = ChangeKind.SYMBOLS_REORDERED
    yield from compare_orders(kind, before.symbols, after.symbols, path)
    defaults = (before.default or "none", after.default or "none")
    yield from compare_texts(ChangeKind.DEFAULT, *defaults, path)
