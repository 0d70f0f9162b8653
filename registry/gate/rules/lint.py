"""Rules about one schema alone: what makes later changes hard, or says too little."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from registry.compatibility.json_values import JsonNull, JsonNumber
from registry.compatibility.model import (
    ArraySchema,
    AvroType,
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
from registry.gate.logical import bases_of, declared_name, logical_type
from registry.gate.paths import Path, type_name
from registry.gate.rule import Observation

_FIELD_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_TYPE_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_BIG_PRECISION = 38


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One type or field of a schema, and where it is."""

    node: Schema | Field
    path: Path


@dataclass(frozen=True, slots=True)
class Parts:
    """All parts of one schema, each once, outer ones first."""

    items: tuple[Part, ...] = field(repr=False)

    @classmethod
    def of(cls, schema: Schema) -> "Parts":
        """Walk the schema."""
        return cls(tuple(_walk(schema, Path.of(schema), set())))

    def nodes(self, *kinds: type) -> Iterator[Part]:
        """Yield the parts of those kinds."""
        yield from (each for each in self.items if isinstance(each.node, kinds))


def find_undocumented(parts: Parts) -> Iterator[Observation]:
    """A field or a named type has no doc."""
    for part in parts.nodes(RecordSchema, EnumSchema, FixedSchema, Field):
        doc = getattr(part.node, "doc", None)
        if not (doc or "").strip():
            what = part.path.names
            if isinstance(part.node, NamedSchema):
                what = f"the type {type_name(part.node)}"
            yield _about(part, f"{what} has no doc")


def find_field_names(parts: Parts) -> Iterator[Observation]:
    """A field is not named in lower_case."""
    for part in parts.nodes(Field):
        if isinstance(part.node, Field) and not _FIELD_NAME.fullmatch(part.node.name):
            yield _about(part, f"{part.path.names} is not named in lower_case")


def find_type_names(parts: Parts) -> Iterator[Observation]:
    """A named type is not named in CapitalWords."""
    for part in parts.nodes(RecordSchema, EnumSchema, FixedSchema):
        name = type_name(part.node) if isinstance(part.node, NamedSchema) else ""
        if not _TYPE_NAME.fullmatch(name):
            yield _about(part, f"the type {name} is not named in CapitalWords")


def find_symbols(parts: Parts) -> Iterator[Observation]:
    """An enum's symbol is not in UPPER_CASE."""
    for part in parts.nodes(EnumSchema):
        symbols = part.node.symbols if isinstance(part.node, EnumSchema) else ()
        odd = [each for each in symbols if not _SYMBOL.fullmatch(each)]
        if odd:
            listed = ", ".join(odd)
            yield _about(
                part, f"symbols of {part.path.names} not in UPPER_CASE: {listed}"
            )


def find_nullable(parts: Parts) -> Iterator[Observation]:
    """A field may be null and has no default null."""
    for part in parts.nodes(Field):
        if not isinstance(part.node, Field) or not _is_nullable(part.node.type):
            continue
        if part.node.default is None:
            yield _about(part, f"{part.path.names} may be null but has no default null")
        elif not isinstance(part.node.default, JsonNull):
            yield _about(
                part, f"{part.path.names} may be null; its default is not null"
            )


def find_enum_defaults(parts: Parts) -> Iterator[Observation]:
    """An enum has no default for symbols to come."""
    for part in parts.nodes(EnumSchema):
        if isinstance(part.node, EnumSchema) and part.node.default is None:
            text = f"the enum at {part.path.names} has no default for symbols to come"
            yield _about(part, text)


def find_decimals(parts: Parts) -> Iterator[Observation]:
    """A decimal's precision or scale is malformed, or beyond databases."""
    for part in parts.nodes(PrimitiveSchema, FixedSchema):
        if not isinstance(part.node, PrimitiveSchema | FixedSchema):
            continue
        if declared_name(part.node) != "decimal":
            continue
        logical = logical_type(part.node)
        if logical is None and str(part.node.type) in bases_of("decimal"):
            bounds = _bounds(part.node)
            text = (
                f"{part.path.names} is no decimal: {bounds}; Avro ignores it silently"
            )
            yield _about(part, text)
        elif logical is not None and logical.precision > _BIG_PRECISION:
            text = f"{part.path.names} has more digits than databases hold (38)"
            yield _about(part, text)


def find_misplaced(parts: Parts) -> Iterator[Observation]:
    """A logicalType stands where Avro ignores it."""
    for part in parts.items:
        name = _misplaced_name(part.node)
        if name:
            known = " or ".join(bases_of(name)) or "no type Avro knows"
            text = (
                f'"logicalType": "{name}" at {part.path.names} is ignored: it belongs'
                f" inside the type, on {known}"
            )
            yield _about(part, text)


def find_java_string(parts: Parts) -> Iterator[Observation]:
    """A Java code generator's property is in the contract."""
    for part in parts.items:
        props = getattr(part.node, "props", {})
        leaked = [key for key in props if key.startswith(("avro.java.", "java-"))]
        if leaked:
            text = (
                f"{leaked[0]} at {part.path.names} is Java's business, not a contract's"
            )
            yield _about(part, text)


def find_namespace(parts: Parts) -> Iterator[Observation]:
    """A named type has no namespace."""
    for part in parts.nodes(RecordSchema, EnumSchema, FixedSchema):
        node = part.node
        if isinstance(node, NamedSchema) and not node.name.namespace:
            yield _about(part, f"the type {node.name} has no namespace")


def _about(part: Part, message: str) -> Observation:
    return Observation(
        message=message,
        reader=part.node,
        writer=part.node,
        reader_path=part.path,
        writer_path=part.path,
    )


def _is_nullable(schema: Schema) -> bool:
    return isinstance(schema, UnionSchema) and any(
        each.type is AvroType.NULL for each in schema.branches
    )


def _bounds(schema: PrimitiveSchema | FixedSchema) -> str:
    shown = {
        key: value.text if isinstance(value, JsonNumber) else "malformed"
        for key, value in schema.props.items()
        if key in {"precision", "scale"}
    }
    precision, scale = shown.get("precision", "missing"), shown.get("scale", "0")
    return f"precision {precision}, scale {scale}"


def _misplaced_name(node: Schema | Field) -> str:
    """Return the logical type that is not in force here, decimals' bounds aside."""
    name = getattr(node, "props", {}).get("logicalType")
    text = getattr(name, "value", "")
    if not isinstance(text, str) or not text:
        return ""
    if isinstance(node, PrimitiveSchema | FixedSchema):
        if str(node.type) in bases_of(text) or not bases_of(text):
            return ""
        return text
    return text if bases_of(text) else ""


def _walk(schema: Schema, path: Path, seen: set[int]) -> Iterator[Part]:
    if id(schema) in seen:
        return
    seen.add(id(schema))
    yield Part(node=schema, path=path)
    match schema:
        case RecordSchema():
            for each in schema.fields:
                inner = path.field(each.index, each.name)
                yield Part(node=each, path=inner)
                yield from _walk(each.type, inner, seen)
        case ArraySchema():
            yield from _walk(schema.items, path.item(), seen)
        case MapSchema():
            yield from _walk(schema.values, path.value(), seen)
        case UnionSchema():
            for index, branch in enumerate(schema.branches):
                yield from _walk(branch, path.branch(index), seen)
