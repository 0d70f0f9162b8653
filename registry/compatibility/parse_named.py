"""Reading the definitions of records, enums and fixed types."""

from registry.compatibility.json_print import to_json_text
from registry.compatibility.json_values import (
    JsonArray,
    JsonNumber,
    JsonObject,
    JsonString,
)
from registry.compatibility.model import (
    PRIMITIVES,
    EnumSchema,
    FixedSchema,
    FullName,
    NamedSchema,
    RecordSchema,
    complete,
)
from registry.compatibility.names import full_name
from registry.compatibility.parse_context import (
    ParseContext,
    container_props,
    other_props,
    read_aliases,
    required_text,
)
from registry.compatibility.parse_fields import TypeReader, check_distinct, read_field

TYPE_RESERVED = frozenset(
    {
        "aliases",
        "doc",
        "fields",
        "items",
        "name",
        "namespace",
        "size",
        "symbols",
        "type",
        "values",
    }
)
"""Members of a type that are never custom properties."""

_ENUM_RESERVED = TYPE_RESERVED | {"default"}
_MAX_FIXED_SIZE = 2**31 - 9
_INT_MAX = 2**31 - 1


def read_record(
    node: JsonObject, namespace: str, context: ParseContext, read_type: TypeReader
) -> NamedSchema:
    """Return the record the node defines, known by its name, or raise."""
    name = _read_name(node, namespace, context)
    record = RecordSchema(
        name=name,
        is_error=node.get_text("type") == "error",
        doc=node.get_text("doc"),
        position=context.position_of(node),
    )
    _check_not_primitive(name, node, context)
    if not context.is_lenient:
        context.define(record, node)
    nodes = node.get("fields")
    if not isinstance(nodes, JsonArray):
        raise context.fault(f"Record has no fields: {to_json_text(node)}", node)
    context.unfinished.add(id(record))
    fields = tuple(
        read_field(each, index, name.namespace, context, read_type)
        for index, each in enumerate(nodes.items)
    )
    check_distinct(fields, record)
    props = container_props(node, TYPE_RESERVED, context)
    complete(record, fields=fields, props=props)
    context.unfinished.discard(id(record))
    return _finish(record, node, context)


def read_enum(node: JsonObject, namespace: str, context: ParseContext) -> NamedSchema:
    """Return the enum the node defines, known by its name, or raise."""
    name = _read_name(node, namespace, context)
    nodes = node.get("symbols")
    if not isinstance(nodes, JsonArray):
        raise context.fault(f"Enum has no symbols: {to_json_text(node)}", node)
    _check_not_primitive(name, node, context)
    symbols = _read_symbols(nodes, context)
    default = node.get_text("default")
    if default is not None and default not in symbols:
        shown = ", ".join(symbols)
        reason = f"The Enum Default: {default} is not in the enum symbol set: [{shown}]"
        raise context.fault(reason, node.members["default"])
    enum = EnumSchema(
        name=name,
        symbols=symbols,
        default=default,
        doc=node.get_text("doc"),
        props=other_props(node, _ENUM_RESERVED),
        position=context.position_of(node),
    )
    return _finish(enum, node, context)


def read_fixed(node: JsonObject, namespace: str, context: ParseContext) -> NamedSchema:
    """Return the fixed type the node defines, known by its name, or raise."""
    name = _read_name(node, namespace, context)
    fixed = FixedSchema(
        name=name,
        size=_read_size(node, name, context),
        doc=node.get_text("doc"),
        props=other_props(node, TYPE_RESERVED),
        position=context.position_of(node),
    )
    return _finish(fixed, node, context)


def _read_name(node: JsonObject, namespace: str, context: ParseContext) -> FullName:
    text = required_text(node, "name", context, missing="No name in schema")
    own = node.get_text("namespace")
    name = full_name(text, namespace=namespace if own is None else own)
    place = node.members["name"]
    context.check_name(name.simple, place)
    return name


def _check_not_primitive(
    name: FullName, node: JsonObject, context: ParseContext
) -> None:
    if str(name) in PRIMITIVES:
        reason = f"Schemas may not be named after primitives: {name}"
        raise context.fault(reason, node.members["name"])


def _finish(
    schema: NamedSchema, node: JsonObject, context: ParseContext
) -> NamedSchema:
    """Add the aliases and make the type known, unless a record already is."""
    if context.is_lenient:
        complete(schema, aliases=_read_type_aliases(node, schema.name, context))
        return context.define(schema, node)
    if not isinstance(schema, RecordSchema):
        context.define(schema, node)
    complete(schema, aliases=_read_type_aliases(node, schema.name, context))
    return schema


def _read_type_aliases(
    node: JsonObject, name: FullName, context: ParseContext
) -> tuple[FullName, ...]:
    aliases = dict.fromkeys(
        full_name(alias, namespace=name.namespace)
        for alias in read_aliases(node, context)
    )
    for alias in aliases:
        reason = context.rules.find_alias_fault(alias.simple)
        if reason is not None:
            raise context.fault(reason, node.members["aliases"])
    return tuple(aliases)


def _read_symbols(nodes: JsonArray, context: ParseContext) -> tuple[str, ...]:
    symbols: dict[str, None] = {}
    for node in nodes.items:
        if not isinstance(node, JsonString):
            raise context.fault("Null name", node)
        context.check_name(node.value, node)
        if node.value in symbols:
            raise context.fault(f"Duplicate enum symbol: {node.value}", node)
        symbols[node.value] = None
    return tuple(symbols)


def _read_size(node: JsonObject, name: FullName, context: ParseContext) -> int:
    size = node.get("size")
    if not isinstance(size, JsonNumber) or not isinstance(size.value, int):
        raise context.fault(f"Invalid or no size: {to_json_text(node)}", node)
    if not -_INT_MAX - 1 <= size.value <= _INT_MAX:
        raise context.fault(f"Invalid or no size: {to_json_text(node)}", size)
    _check_not_primitive(name, node, context)
    if size.value < 0:
        raise context.fault(f"Malformed data. Length is negative: {size.value}", size)
    if size.value > _MAX_FIXED_SIZE:
        limit = (
            f"Cannot read arrays longer than {_MAX_FIXED_SIZE} bytes in Java library"
        )
        raise context.fault(limit, size)
    return size.value
