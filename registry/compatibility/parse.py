"""From a schema text to the model."""

from collections.abc import Sequence

from registry.compatibility.json_print import to_json_text
from registry.compatibility.json_text import read_json
from registry.compatibility.json_values import (
    JsonArray,
    JsonObject,
    JsonString,
    JsonValue,
)
from registry.compatibility.model import (
    PRIMITIVES,
    ArraySchema,
    MapSchema,
    PrimitiveSchema,
    Schema,
    UnionSchema,
)
from registry.compatibility.parse_context import (
    ParseContext,
    check_reference,
    container_props,
    other_props,
    required_text,
)
from registry.compatibility.parse_named import (
    TYPE_RESERVED,
    read_enum,
    read_fixed,
    read_record,
)
from registry.compatibility.parse_pending import resolve_pending
from registry.compatibility.parse_unions import check_union
from registry.compatibility.positions import SourceText
from registry.errors import InvalidSchema

_ASCII_SPACE = "".join(map(chr, range(33)))


def read_schemas(texts: Sequence[str], context: ParseContext) -> list[Schema]:
    """Return the type each text defines; a text may use names of those before it.

    Raises:
        InvalidSchema: A text is not a schema; its place is in that text.
    """
    return [_read_schema(text, context) for text in texts]


def _read_schema(text: str, context: ParseContext) -> Schema:
    context.source = SourceText(text)
    node, end = read_json(text)
    if node is None:
        reason = "Cannot parse <null> schema"
        raise InvalidSchema(reason)
    root = resolve_pending(_read_type(node, "", context), context)
    dangling = text[end:].strip(_ASCII_SPACE)
    if dangling:
        place = context.source.position_at(end)
        reason = f"dangling content after end of schema: {dangling}"
        raise InvalidSchema(reason, line=place.line, column=place.column)
    return root


def _read_type(node: JsonValue, namespace: str, context: ParseContext) -> Schema:
    match node:
        case JsonString():
            return _read_name(node.value, node, namespace, context)
        case JsonArray():
            return _read_union(node, namespace, context)
        case JsonObject():
            return _read_definition(node, namespace, context)
    raise context.fault(f"Schema not yet supported: {to_json_text(node)}", node)


def _read_name(
    name: str, node: JsonValue, namespace: str, context: ParseContext
) -> Schema:
    if name in PRIMITIVES:
        place = context.position_of(node)
        return PrimitiveSchema(type=PRIMITIVES[name], position=place)
    check_reference(name, node, context)
    known = context.find_type(name, namespace)
    if known is not None:
        return known
    if context.is_lenient:
        return context.await_type(name, namespace, node)
    raise context.fault(f'Undefined name: "{name}"', node)


def _read_union(node: JsonArray, namespace: str, context: ParseContext) -> UnionSchema:
    branches = tuple(_read_type(each, namespace, context) for each in node.items)
    union = UnionSchema(branches=branches, position=context.position_of(node))
    check_union(union)
    return union


def _read_definition(node: JsonObject, namespace: str, context: ParseContext) -> Schema:
    word = required_text(node, "type", context, missing="No type")
    if word in PRIMITIVES:
        return PrimitiveSchema(
            type=PRIMITIVES[word],
            props=other_props(node, TYPE_RESERVED),
            position=context.position_of(node),
        )
    match word:
        case "record" | "error":
            return read_record(node, namespace, context, _read_type)
        case "enum":
            return read_enum(node, namespace, context)
        case "fixed":
            return read_fixed(node, namespace, context)
        case "array" | "map":
            return _read_container(node, word, namespace, context)
    return _read_type_word(word, node, namespace, context)


def _read_container(
    node: JsonObject, word: str, namespace: str, context: ParseContext
) -> ArraySchema | MapSchema:
    key = "items" if word == "array" else "values"
    inner = node.get(key)
    if inner is None:
        missing = f"{word.capitalize()} has no {key} type: {to_json_text(node)}"
        raise context.fault(missing, node)
    schema = _read_type(inner, namespace, context)
    props = container_props(node, TYPE_RESERVED, context)
    place = context.position_of(node)
    if word == "array":
        return ArraySchema(items=schema, props=props, position=place)
    return MapSchema(values=schema, props=props, position=place)


def _read_type_word(
    word: str, node: JsonObject, namespace: str, context: ParseContext
) -> Schema:
    """A name in the place of a type word means the type of that name."""
    check_reference(word, node, context)
    known = context.find_type(word, namespace)
    if known is not None:
        return known
    if context.is_lenient:
        return context.await_type(word, namespace, node)
    raise context.fault(f"Type not supported: {word}", node)
