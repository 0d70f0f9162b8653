"""Putting definitions where their names were used before them."""

from collections.abc import Iterable

from registry.compatibility.model import (
    ArraySchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
    complete,
)
from registry.compatibility.parse_context import (
    ParseContext,
    find_pending_name,
)
from registry.compatibility.parse_defaults import check_default
from registry.compatibility.parse_unions import check_union
from registry.errors import InvalidSchema


def resolve_pending(root: Schema, context: ParseContext) -> Schema:
    """Return the root with every stand-in replaced by the type it stands for.

    Raises:
        InvalidSchema: A name is defined nowhere, or a union has a type twice.
    """
    if not context.pending:
        return root
    context.pending = 0
    return _Resolver(context).resolve(root)


class _Resolver:
    """Walks through all types once; defaults are checked again on the way out."""

    def __init__(self, context: ParseContext) -> None:
        self._context = context
        self._seen: set[int] = set()

    def resolve(self, schema: Schema) -> Schema:
        name = find_pending_name(schema)
        known = schema if name is None else self._find_definition(name, schema)
        if id(known) in self._seen:
            return known
        self._seen.add(id(known))
        match known:
            case ArraySchema():
                complete(known, items=self.resolve(known.items))
            case MapSchema():
                complete(known, values=self.resolve(known.values))
            case UnionSchema():
                self._resolve_records(reversed(known.branches))
                last_first = [self.resolve(each) for each in reversed(known.branches)]
                complete(known, branches=tuple(reversed(last_first)))
                check_union(known)
            case RecordSchema():
                self._resolve_record(known)
        return known

    def _resolve_records(self, parts: Iterable[Schema]) -> None:
        """Records that are defined here come before the names that are only used."""
        for part in parts:
            if isinstance(part, RecordSchema) and find_pending_name(part) is None:
                self.resolve(part)

    def _resolve_record(self, record: RecordSchema) -> None:
        self._context.unfinished.add(id(record))
        self._resolve_records(field.type for field in record.fields)
        for field in record.fields:
            complete(field, type=self.resolve(field.type))
        for field in record.fields:
            check_default(field, self._context)
        self._context.unfinished.discard(id(record))

    def _find_definition(self, name: str, stand_in: Schema) -> NamedSchema:
        known = self._context.types.get(name)
        if known is None:
            line, column = stand_in.position
            reason = f"Undefined schema: {name}"
            raise InvalidSchema(reason, line=line, column=column)
        return known
