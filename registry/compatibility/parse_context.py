"""What is known while a schema text is read: rules, names met so far, places."""

from dataclasses import dataclass, field

from registry.compatibility.avro_version import AvroVersion
from registry.compatibility.equality import are_same
from registry.compatibility.json_print import to_json_text
from registry.compatibility.json_values import (
    JsonArray,
    JsonNumber,
    JsonObject,
    JsonString,
    JsonValue,
)
from registry.compatibility.model import (
    FullName,
    NamedSchema,
    RecordSchema,
    Schema,
)
from registry.compatibility.names import NameRules, full_name, lookup_key, name_rules
from registry.compatibility.positions import Position, SourceText
from registry.errors import InvalidSchema

_PENDING_NAMESPACE = "org.apache.avro.compiler"
_PENDING_PROP = "org.apache.avro.idl.unresolved.name"
_LONG_LIMIT = 2**63


def find_pending_name(schema: Schema) -> str | None:
    """Return the name the schema stands in for, if it is only a stand-in."""
    if not isinstance(schema, RecordSchema):
        return None
    if schema.name.namespace != _PENDING_NAMESPACE:
        return None
    name = schema.props.get(_PENDING_PROP)
    return name.value if isinstance(name, JsonString) else None


@dataclass(slots=True, kw_only=True)
class ParseContext:
    """One reading of a schema and the texts it refers to.

    Attributes:
        is_new: True holds names and defaults to the rules for new schemas.
        types: Definitions by full name, also those of referenced texts.
        pending: How many names were used before they were defined.
        unfinished: Records, by identity, whose fields are still being read.
    """

    avro: AvroVersion
    is_new: bool
    source: SourceText
    rules: NameRules
    types: dict[str, NamedSchema] = field(default_factory=dict)
    pending: int = 0
    unfinished: set[int] = field(default_factory=set)

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
        reason = self.rules.find_namespace_fault(schema.name.namespace)
        if reason is not None:
            raise self.fault(reason, node)
        name = str(schema.name)
        known = self.types.setdefault(name, schema)
        if known is schema or (self.is_lenient and are_same(known, schema)):
            return known
        raise self.fault(f"Can't redefine: {name}", node)

    def find_type(self, name: str, namespace: str) -> NamedSchema | None:
        """Return the type a name means in that namespace, else in none, if any."""
        key = lookup_key(name, namespace=namespace, avro=self.avro)
        return self.types.get(key) or self.types.get(name)

    def await_type(self, name: str, namespace: str, node: JsonValue) -> RecordSchema:
        """Return a stand-in, an empty record, for a type that may be defined later."""
        key = lookup_key(name, namespace=namespace, avro=self.avro)
        stand_in = FullName(f"UnresolvedSchema_{self.pending}", _PENDING_NAMESPACE)
        self.pending += 1
        return RecordSchema(
            name=stand_in,
            doc="unresolved schema",
            props={_PENDING_PROP: JsonString(key)},
            position=self.position_of(node),
        )


def new_context(avro: AvroVersion, *, is_new: bool) -> ParseContext:
    """Return the context of a reading that has not begun."""
    return ParseContext(
        avro=avro,
        is_new=is_new,
        source=SourceText(""),
        rules=name_rules(avro, is_new=is_new),
    )


def check_reference(name: str, node: JsonValue, context: ParseContext) -> None:
    """Before 1.12, raise InvalidSchema if the name could not be that of a type."""
    if not context.is_lenient:
        context.check_name(full_name(name, namespace="").simple, node)


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
    node: JsonObject, key: str, context: ParseContext, *, missing: str
) -> str:
    """Return the member if it is a string, or raise."""
    found = node.get_text(key)
    if found is None:
        raise context.fault(f"{missing}: {to_json_text(node)}", node)
    return found


def other_props(node: JsonObject, reserved: frozenset[str]) -> dict[str, JsonValue]:
    """Return the members whose names Avro has no rule for."""
    return {name: value for name, value in node.members.items() if name not in reserved}


def container_props(
    node: JsonObject, reserved: frozenset[str], context: ParseContext
) -> dict[str, JsonValue]:
    """Return the custom properties of a record, array or map, or raise InvalidSchema.

    Since 1.12 these types are copied on the way in, and Avro's copy of an integer
    beyond a long is nothing at all. Other types and nested values are not copied.
    """
    props = other_props(node, reserved)
    for name, value in props.items():
        if context.is_lenient and _is_beyond_long(value):
            raise context.fault(f"Can't set a property to null: {name}", value)
    return props


def _is_beyond_long(value: JsonValue) -> bool:
    return (
        isinstance(value, JsonNumber)
        and isinstance(value.value, int)
        and not -_LONG_LIMIT <= value.value < _LONG_LIMIT
    )
