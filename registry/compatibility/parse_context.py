"""What is known while a schema text is read: rules, names met so far, places."""

from dataclasses import dataclass, field
from typing import cast

from registry.compatibility.avro_version import AvroVersion
from registry.compatibility.equality import are_same
from registry.compatibility.json_print import to_json_text
from registry.compatibility.json_values import (
    JsonArray,
    JsonObject,
    JsonString,
    JsonValue,
)
from registry.compatibility.model import (
    PRIMITIVES,
    AvroType,
    FullName,
    NamedSchema,
    Schema,
)
from registry.compatibility.names import NameRules, full_name, name_rules
from registry.compatibility.positions import Position, SourceText
from registry.errors import InvalidSchema


@dataclass(frozen=True, slots=True, eq=False)
class PendingSchema:
    """A name that was used before its definition; it is replaced in the end."""

    name: FullName
    position: Position

    @property
    def type(self) -> AvroType:
        """RECORD: until it is known, it counts as a record without fields."""
        return AvroType.RECORD


def find_pending(schema: object) -> PendingSchema | None:
    """Return the schema if it is only a stand-in."""
    return schema if isinstance(schema, PendingSchema) else None


@dataclass(slots=True, kw_only=True)
class ParseContext:
    """One reading of a schema and the texts it refers to.

    Attributes:
        is_new: True holds names and defaults to the rules for new schemas.
        types: Definitions by full name, also those of referenced texts.
        pending: Names that were used before they were defined.
    """

    avro: AvroVersion
    is_new: bool
    source: SourceText
    rules: NameRules
    types: dict[str, NamedSchema] = field(default_factory=dict)
    pending: list[PendingSchema] = field(default_factory=list)

    def position_of(self, node: JsonValue) -> Position:
        """Return where the node starts in the text that is being read."""
        return self.source.position_at(node.offset)

    def fault(self, reason: str, node: JsonValue) -> InvalidSchema:
        """Return the error for a fault at that node."""
        place = self.position_of(node)
        return InvalidSchema(reason, line=place.line, column=place.column)

    def check_name(self, name: str, node: JsonValue) -> str:
        """Return the name if it is legal, else raise InvalidSchema."""
        reason = self.rules.find_fault(name)
        if reason is not None:
            raise self.fault(reason, node)
        return name

    @property
    def is_lenient(self) -> bool:
        """True if types may be used before, and defined alike more than once."""
        return self.avro is AvroVersion.V1_12

    def define(self, schema: NamedSchema, node: JsonValue) -> NamedSchema:
        """Make the type known by its name and return it, or raise InvalidSchema.

        Where the rules let a type be defined again alike, the first one is returned.
        """
        name = str(schema.name)
        if name in PRIMITIVES:
            reason = f"Schemas may not be named after primitives: {name}"
            raise self.fault(reason, node)
        known = self.types.setdefault(name, schema)
        if known is schema or (self.is_lenient and are_same(known, schema)):
            return known
        raise self.fault(f"Can't redefine: {name}", node)

    def find_type(self, name: str, namespace: str) -> NamedSchema | None:
        """Return the type a name means in that namespace, else in none, if any."""
        known = self.types.get(str(full_name(name, namespace=namespace)))
        return known or self.types.get(name)

    def await_type(self, name: str, namespace: str, node: JsonValue) -> Schema:
        """Return a stand-in for a type that may be defined later."""
        meant = full_name(name, namespace=namespace)
        pending = PendingSchema(meant, self.position_of(node))
        self.pending.append(pending)
        return cast("Schema", pending)  # replaced before the parser returns


def new_context(avro: AvroVersion, *, is_new: bool) -> ParseContext:
    """Return the context of a reading that has not begun."""
    return ParseContext(
        avro=avro,
        is_new=is_new,
        source=SourceText(""),
        rules=name_rules(avro, is_new=is_new),
    )


def read_aliases(node: JsonObject, context: ParseContext) -> tuple[str, ...]:
    """Return the aliases as written, each once, or raise InvalidSchema."""
    aliases = node.get("aliases")
    if aliases is None:
        return ()
    if not isinstance(aliases, JsonArray):
        raise context.fault(f"aliases not an array: {to_json_text(node)}", aliases)
    names: dict[str, None] = {}
    for alias in aliases.items:
        if not isinstance(alias, JsonString):
            raise context.fault(f"alias not a string: {to_json_text(alias)}", alias)
        names[alias.value] = None
    return tuple(names)


def required_text(
    node: JsonValue, key: str, context: ParseContext, *, missing: str
) -> str:
    """Return the member if the node is an object and it a string, or raise."""
    found = node.get_text(key) if isinstance(node, JsonObject) else None
    if found is None:
        raise context.fault(f"{missing}: {to_json_text(node)}", node)
    return found


def other_props(node: JsonObject, reserved: frozenset[str]) -> dict[str, JsonValue]:
    """Return the members whose names Avro has no rule for."""
    return {name: value for name, value in node.members.items() if name not in reserved}
