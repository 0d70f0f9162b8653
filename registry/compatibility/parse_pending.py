"""Putting definitions where their names were used before them."""

from registry.compatibility.model import (
    ArraySchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
    complete,
)
from registry.compatibility.parse_context import ParseContext, PendingSchema
from registry.compatibility.parse_unions import check_union
from registry.errors import InvalidSchema


def resolve_pending(root: Schema, context: ParseContext) -> Schema:
    """Return the root with every stand-in replaced by the type it stands for.

    Raises:
        InvalidSchema: A name is defined nowhere, or a union has a type twice.
    """
    if not context.pending:
        return root
    resolver = _Resolver(
        {id(each): _find_definition(each, context) for each in context.pending}
    )
    context.pending.clear()
    return resolver.resolve(root)


def _find_definition(pending: PendingSchema, context: ParseContext) -> NamedSchema:
    known = context.types.get(str(pending.name))
    if known is None:
        line, column = pending.position
        reason = f"Undefined schema: {pending.name}"
        raise InvalidSchema(reason, line=line, column=column)
    return known


class _Resolver:
    def __init__(self, definitions: dict[int, NamedSchema]) -> None:
        self._definitions = definitions
        self._seen: set[int] = set()

    def resolve(self, schema: Schema) -> Schema:
        known = self._definitions.get(id(schema), schema)
        if id(known) in self._seen:
            return known
        self._seen.add(id(known))
        match known:
            case ArraySchema():
                complete(known, items=self.resolve(known.items))
            case MapSchema():
                complete(known, values=self.resolve(known.values))
            case UnionSchema():
                branches = tuple(self.resolve(each) for each in known.branches)
                complete(known, branches=branches)
                check_union(known)
            case RecordSchema():
                for field in known.fields:
                    complete(field, type=self.resolve(field.type))
        return known
