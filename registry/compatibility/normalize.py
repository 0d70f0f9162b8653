"""The normal form of a schema.

A registry prints the types with full names, sorted properties and sorted aliases, and
reads that text again. So the rules of reading apply once more: a type without a
namespace inside a type that has one moves into it.
"""

from collections.abc import Iterable

from registry.compatibility.depth import refuse_deep_recursion
from registry.compatibility.json_print import quote, to_json_text
from registry.compatibility.json_values import JsonValue
from registry.compatibility.logical_types import logical_props
from registry.compatibility.model import (
    ArraySchema,
    Field,
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
from registry.compatibility.ordering import code_units
from registry.compatibility.rewrite import (
    rewrite_default,
    sorted_members,
    sorted_value,
)
from registry.compatibility.schema import AvroSchema, parse_schema


def normalize(schema: AvroSchema) -> AvroSchema:
    """Return the schema in its normal form; its places are those of the new text.

    Properties and aliases are sorted, empty docs of types dropped, errors are records
    and defaults written anew by type. Docs, orders and custom properties stay.

    Raises:
        InvalidSchema: A default is not of its field's type and cannot be written.
        SchemaTooDeep: The types are nested too deeply to be followed.
    """
    return parse_schema(
        _normal_text(schema),
        references=schema.references,
        is_new=schema.is_new,
        avro=schema.avro,
    )


@refuse_deep_recursion
def _normal_text(schema: AvroSchema) -> str:
    return _Printer(schema).text(schema.root)


class _Printer:
    """Prints one schema; remembers which types it has defined."""

    def __init__(self, schema: AvroSchema) -> None:
        self._avro = schema.avro
        self._defined: set[FullName] = set(schema.known)

    def text(self, schema: Schema) -> str:
        match schema:
            case PrimitiveSchema():
                return self._primitive_text(schema)
            case ArraySchema():
                members = [("type", '"array"'), ("items", self.text(schema.items))]
                return _object([*members, *_sorted_props(schema.props)])
            case MapSchema():
                members = [("type", '"map"'), ("values", self.text(schema.values))]
                return _object([*members, *_sorted_props(schema.props)])
            case UnionSchema():
                return f"[{','.join(map(self.text, schema.branches))}]"
        return self._named_text(schema)

    def _primitive_text(self, schema: PrimitiveSchema) -> str:
        word = quote(schema.type)
        if not schema.props:
            return word
        return _object([("type", word), *self._logical_first(schema)])

    def _named_text(self, schema: NamedSchema) -> str:
        name = quote(str(schema.name))
        if schema.name in self._defined:
            return name
        self._defined.add(schema.name)
        members = [("name", name), ("type", quote(schema.type)), *self._body(schema)]
        if schema.doc:
            members.append(("doc", quote(schema.doc)))
        if schema.aliases:
            members.append(("aliases", _sorted_names(map(str, schema.aliases))))
        if isinstance(schema, FixedSchema):
            return _object([*members, *self._logical_first(schema)])
        return _object([*members, *_sorted_props(schema.props)])

    def _body(self, schema: NamedSchema) -> list[tuple[str, str]]:
        match schema:
            case FixedSchema():
                return [("size", str(schema.size))]
            case RecordSchema():
                fields = ",".join(map(self._field_text, schema.fields))
                return [("fields", f"[{fields}]")]
        symbols = ("symbols", f"[{','.join(map(quote, schema.symbols))}]")
        if schema.default is None:
            return [symbols]
        return [symbols, ("default", quote(schema.default))]

    def _field_text(self, field: Field) -> str:
        members = [
            ("name", quote(field.name)),
            ("type", self.text(field.type)),
            ("order", quote(field.order)),
        ]
        if field.doc is not None:
            members.append(("doc", quote(field.doc)))
        if field.aliases:
            members.append(("aliases", _sorted_names(field.aliases)))
        if field.default is not None:
            default = rewrite_default(field.default, field.type)
            if default is not None:
                members.append(("default", to_json_text(default)))
        return _object([*members, *_sorted_props(field.props)])

    def _logical_first(
        self, schema: PrimitiveSchema | FixedSchema
    ) -> list[tuple[str, str]]:
        """Return the properties sorted, but those of a valid logical type first."""
        first = logical_props(schema, self._avro)
        others = {
            name: value for name, value in schema.props.items() if name not in first
        }
        return [*_texts(first), *_sorted_props(others)]


def _sorted_props(props: Props) -> list[tuple[str, str]]:
    return _texts(sorted_members(props))


def _texts(members: Props) -> list[tuple[str, str]]:
    return [(name, _value_text(value)) for name, value in members.items()]


def _value_text(value: JsonValue) -> str:
    return to_json_text(sorted_value(value))


def _sorted_names(names: Iterable[str]) -> str:
    return f"[{','.join(map(quote, sorted(names, key=code_units)))}]"


def _object(members: Iterable[tuple[str, str]]) -> str:
    return f"{{{','.join(f'{quote(name)}:{text}' for name, text in members)}}}"
