"""Reading the definitions of records, enums and fixed types."""

from collections.abc import Callable
from typing import TypeAlias

from registry.compatibility.java_numbers import parse_java_double
from registry.compatibility.json_numbers import number
from registry.compatibility.json_print import to_json_text
from registry.compatibility.json_values import (
    JsonArray,
    JsonNumber,
    JsonObject,
    JsonString,
    JsonValue,
)
from registry.compatibility.model import (
    PRIMITIVES,
    AvroType,
    EnumSchema,
    Field,
    FieldOrder,
    FixedSchema,
    FullName,
    NamedSchema,
    RecordSchema,
    Schema,
    complete,
)
from registry.compatibility.names import full_name
from registry.compatibility.parse_context import (
    ParseContext,
    other_props,
    read_aliases,
    required_text,
)
from registry.compatibility.parse_defaults import check_default
from registry.errors import InvalidSchema

TypeReader: TypeAlias = Callable[[JsonValue, str, ParseContext], Schema]
"""Reads the type at a node inside a namespace."""

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
_FIELD_RESERVED = frozenset({"aliases", "default", "doc", "name", "order", "type"})
_ORDERS = frozenset(each.value for each in FieldOrder)
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
    if not context.is_lenient:
        context.define(record, node)
    nodes = node.get("fields")
    if not isinstance(nodes, JsonArray):
        raise context.fault(f"Record has no fields: {to_json_text(node)}", node)
    fields = tuple(
        _read_field(each, index, name.namespace, context, read_type)
        for index, each in enumerate(nodes.items)
    )
    _check_distinct(fields, record)
    complete(
        record,
        fields=fields,
        props=other_props(node, TYPE_RESERVED),
        aliases=_read_type_aliases(node, name, context),
    )
    return context.define(record, node) if context.is_lenient else record


def read_enum(node: JsonObject, namespace: str, context: ParseContext) -> NamedSchema:
    """Return the enum the node defines, known by its name, or raise."""
    name = _read_name(node, namespace, context)
    nodes = node.get("symbols")
    if not isinstance(nodes, JsonArray):
        raise context.fault(f"Enum has no symbols: {to_json_text(node)}", node)
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
        aliases=_read_type_aliases(node, name, context),
        props=other_props(node, _ENUM_RESERVED),
        position=context.position_of(node),
    )
    return context.define(enum, node)


def read_fixed(node: JsonObject, namespace: str, context: ParseContext) -> NamedSchema:
    """Return the fixed type the node defines, known by its name, or raise."""
    name = _read_name(node, namespace, context)
    fixed = FixedSchema(
        name=name,
        size=_read_size(node, context),
        doc=node.get_text("doc"),
        aliases=_read_type_aliases(node, name, context),
        props=other_props(node, TYPE_RESERVED),
        position=context.position_of(node),
    )
    return context.define(fixed, node)


def _read_name(node: JsonObject, namespace: str, context: ParseContext) -> FullName:
    text = required_text(node, "name", context, missing="No name in schema")
    own = node.get_text("namespace")
    name = full_name(text, namespace=namespace if own is None else own)
    place = node.members["name"]
    context.check_name(name.simple, place)
    reason = context.rules.find_namespace_fault(name.namespace)
    if reason is not None:
        raise context.fault(reason, node.members.get("namespace", place))
    return name


def _read_type_aliases(
    node: JsonObject, name: FullName, context: ParseContext
) -> tuple[FullName, ...]:
    aliases = tuple(
        full_name(alias, namespace=name.namespace)
        for alias in read_aliases(node, context)
    )
    for alias in aliases:
        reason = context.rules.find_alias_fault(alias.simple)
        if reason is not None:
            raise context.fault(reason, node.members["aliases"])
    return aliases


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


def _read_size(node: JsonObject, context: ParseContext) -> int:
    size = node.get("size")
    if not isinstance(size, JsonNumber) or not isinstance(size.value, int):
        raise context.fault(f"Invalid or no size: {to_json_text(node)}", node)
    if not -_INT_MAX - 1 <= size.value <= _INT_MAX:
        raise context.fault(f"Invalid or no size: {to_json_text(node)}", size)
    if size.value < 0:
        raise context.fault(f"Malformed data. Length is negative: {size.value}", size)
    if size.value > _MAX_FIXED_SIZE:
        limit = (
            f"Cannot read arrays longer than {_MAX_FIXED_SIZE} bytes in Java library"
        )
        raise context.fault(limit, size)
    return size.value


def _read_field(
    node: JsonValue,
    index: int,
    namespace: str,
    context: ParseContext,
    read_type: TypeReader,
) -> Field:
    name = required_text(node, "name", context, missing="No field name")
    if not isinstance(node, JsonObject):
        raise context.fault(f"No field name: {to_json_text(node)}", node)
    type_node = node.get("type")
    if type_node is None:
        raise context.fault(f"No field type: {to_json_text(node)}", node)
    _check_field_type_known(name, type_node, namespace, context)
    schema = read_type(type_node, namespace, context)
    field = Field(
        name=name,
        index=index,
        type=schema,
        doc=node.get_text("doc"),
        order=_read_order(node, context),
        default=_read_default(node, schema, context),
        aliases=read_aliases(node, context),
        props=other_props(node, _FIELD_RESERVED),
        position=context.position_of(node),
    )
    context.check_name(name, node.members["name"])
    check_default(field, context)
    return field


def _check_field_type_known(
    name: str, node: JsonValue, namespace: str, context: ParseContext
) -> None:
    """Since 1.12 a name may be defined later; before, the field says it is not."""
    if context.is_lenient or not isinstance(node, JsonString):
        return
    if node.value in PRIMITIVES:
        return
    if context.find_type(node.value, namespace) is None:
        raise context.fault(
            f'"{node.value}" is not a defined name. The type of the "{name}" field must'
            ' be a defined name or a {"type": ...} expression.',
            node,
        )


def _read_order(node: JsonObject, context: ParseContext) -> FieldOrder:
    order = node.get("order")
    if order is None:
        return FieldOrder.ASCENDING
    if not isinstance(order, JsonString):
        raise context.fault(
            'Cannot invoke "String.toUpperCase(java.util.Locale)" because the return'
            ' value of "com.fasterxml.jackson.databind.JsonNode.textValue()" is null',
            order,
        )
    if order.value.lower() not in _ORDERS:
        shown = order.value.upper()
        reason = f"No enum constant org.apache.avro.Schema.Field.Order.{shown}"
        raise context.fault(reason, order)
    return FieldOrder(order.value.lower())


def _read_default(
    node: JsonObject, schema: Schema, context: ParseContext
) -> JsonValue | None:
    """Return the default; a text on a float or double counts as the number in it."""
    default = node.get("default")
    if not isinstance(default, JsonString):
        return default
    if schema.type not in {AvroType.FLOAT, AvroType.DOUBLE}:
        return default
    parsed = parse_java_double(default.value)
    if parsed is None:
        shown = f'For input string: "{default.value}"'
        raise context.fault(shown if default.value else "empty String", default)
    return number(parsed)


def _check_distinct(fields: tuple[Field, ...], record: RecordSchema) -> None:
    seen: dict[str, Field] = {}
    for field in fields:
        earlier = seen.setdefault(field.name, field)
        if earlier is not field:
            reason = (
                f"Duplicate field {field.name} in record {record.name}:"
                f" {field} and {earlier}."
            )
            line, column = field.position
            raise InvalidSchema(reason, line=line, column=column)
