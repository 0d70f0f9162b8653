"""Reading the fields of records."""

from collections.abc import Callable
from typing import TypeAlias

from registry.compatibility.java_numbers import parse_java_double
from registry.compatibility.json_numbers import number
from registry.compatibility.json_print import to_json_text
from registry.compatibility.json_values import JsonObject, JsonString, JsonValue
from registry.compatibility.model import (
    PRIMITIVES,
    AvroType,
    Field,
    FieldOrder,
    RecordSchema,
    Schema,
    complete,
)
from registry.compatibility.parse_context import (
    ParseContext,
    check_reference,
    other_props,
    read_aliases,
    required_text,
)
from registry.compatibility.parse_defaults import check_default
from registry.errors import InvalidSchema

TypeReader: TypeAlias = Callable[[JsonValue, str, ParseContext], Schema]
"""Reads the type at a node inside a namespace."""

_FIELD_RESERVED = frozenset({"aliases", "default", "doc", "name", "order", "type"})


def read_field(
    node: JsonValue,
    index: int,
    namespace: str,
    context: ParseContext,
    read_type: TypeReader,
) -> Field:
    """Return the field the node defines, the index-th of its record, or raise."""
    if not isinstance(node, JsonObject):
        raise context.fault(f"No field name: {to_json_text(node)}", node)
    name = required_text(node, "name", context, missing="No field name")
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
        props=other_props(node, _FIELD_RESERVED),
        position=context.position_of(node),
    )
    context.check_name(name, node.members["name"])
    check_default(field, context)
    complete(field, aliases=read_aliases(node, context))
    return field


def _check_field_type_known(
    name: str, node: JsonValue, namespace: str, context: ParseContext
) -> None:
    """Since 1.12 a name may be defined later; before, the field says it is not."""
    if context.is_lenient or not isinstance(node, JsonString):
        return
    if node.value in PRIMITIVES:
        return
    check_reference(node.value, node, context)
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
    constant = order.value.upper()
    if constant not in FieldOrder.__members__:
        reason = f"No enum constant org.apache.avro.Schema.Field.Order.{constant}"
        raise context.fault(reason, order)
    return FieldOrder[constant]


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


def check_distinct(fields: tuple[Field, ...], record: RecordSchema) -> None:
    """Raise InvalidSchema if two of the fields have one name."""
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
