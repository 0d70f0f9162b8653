"""The canonical string: what a registry stores and answers for a schema."""

from collections.abc import Iterable, Iterator

from registry.compatibility.json_print import quote, to_json_text
from registry.compatibility.model import (
    TYPE_WORDS,
    ArraySchema,
    EnumSchema,
    Field,
    FieldOrder,
    FixedSchema,
    FullName,
    MapSchema,
    NamedSchema,
    PrimitiveSchema,
    Props,
    RecordSchema,
    Schema,
    UnionSchema,
)


def canonical_type_text(
    schema: Schema,
    *,
    known: Iterable[FullName] = (),
    unfinished: Iterable[int] = (),
) -> str:
    """Return compact JSON; a named type is defined at its first use, then named.

    Args:
        schema: The type to print.
        known: Types that are defined elsewhere and only named here.
        unfinished: Records, by identity, that have no list of fields yet.
    """
    return _Printer(known, unfinished).text(schema, "")


class _Printer:
    """Prints one schema; remembers which types it has defined."""

    def __init__(self, known: Iterable[FullName], unfinished: Iterable[int]) -> None:
        self._defined = set(known)
        self._unfinished = set(unfinished)

    def text(self, schema: Schema, namespace: str) -> str:
        match schema:
            case PrimitiveSchema():
                word = quote(schema.type)
                return (
                    _object(_member("type", word), schema.props)
                    if schema.props
                    else word
                )
            case ArraySchema():
                items = _member("items", self.text(schema.items, namespace))
                return _object(f'"type":"array",{items}', schema.props)
            case MapSchema():
                values = _member("values", self.text(schema.values, namespace))
                return _object(f'"type":"map",{values}', schema.props)
            case UnionSchema():
                branches = [self.text(each, namespace) for each in schema.branches]
                return f"[{','.join(branches)}]"
        return self._named_text(schema, namespace)

    def _named_text(self, schema: NamedSchema, namespace: str) -> str:
        if schema.name in self._defined:
            return quote(_relative(schema.name, namespace))
        self._defined.add(schema.name)
        return f"{{{','.join(self._definition(schema, namespace))}}}"

    def _definition(self, schema: NamedSchema, namespace: str) -> Iterator[str]:
        is_error = isinstance(schema, RecordSchema) and schema.is_error
        yield _member("type", quote("error" if is_error else schema.type))
        yield _member("name", quote(schema.name.simple))
        if schema.name.namespace != namespace:
            yield _member("namespace", quote(schema.name.namespace))
        if schema.doc is not None:
            yield _member("doc", quote(schema.doc))
        yield from self._body(schema)
        yield from _prop_members(schema.props)
        if schema.aliases:
            own = schema.name.namespace
            aliases = ",".join(quote(_relative(each, own)) for each in schema.aliases)
            yield _member("aliases", f"[{aliases}]")

    def _body(self, schema: NamedSchema) -> Iterator[str]:
        match schema:
            case FixedSchema():
                yield _member("size", str(schema.size))
            case EnumSchema():
                symbols = ",".join(map(quote, schema.symbols))
                yield _member("symbols", f"[{symbols}]")
                if schema.default is not None:
                    yield _member("default", quote(schema.default))
            case RecordSchema() if id(schema) not in self._unfinished:
                namespace = schema.name.namespace
                fields = [self._field(each, namespace) for each in schema.fields]
                yield _member("fields", f"[{','.join(fields)}]")

    def _field(self, field: Field, namespace: str) -> str:
        members = [
            _member("name", quote(field.name)),
            _member("type", self.text(field.type, namespace)),
        ]
        if field.doc is not None:
            members.append(_member("doc", quote(field.doc)))
        if field.default is not None:
            members.append(_member("default", to_json_text(field.default)))
        if field.order is not FieldOrder.ASCENDING:
            members.append(_member("order", quote(field.order)))
        if field.aliases:
            aliases = ",".join(map(quote, field.aliases))
            members.append(_member("aliases", f"[{aliases}]"))
        members.extend(_prop_members(field.props))
        return f"{{{','.join(members)}}}"


def _relative(name: FullName, namespace: str) -> str:
    """Return the name as it is written there; Avro words always in full."""
    if name.namespace == namespace and name.simple not in TYPE_WORDS:
        return name.simple
    return str(name)


def _member(name: str, text: str) -> str:
    return f'"{name}":{text}'


def _prop_members(props: Props) -> Iterator[str]:
    return (f"{quote(name)}:{to_json_text(value)}" for name, value in props.items())


def _object(start: str, props: Props) -> str:
    return f"{{{','.join([start, *_prop_members(props)])}}}"
