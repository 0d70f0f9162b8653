"""Schema versions with their schemas, and the places of their parts."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from registry.compatibility import (
    ArraySchema,
    AvroSchema,
    Field,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
    parse_schema,
)
from registry.errors import ConfigError, InvalidSchema
from registry.gate.findings import Finding, Place, Severity
from registry.gate.references import find_names
from registry.gate.versions import SchemaVersion
from registry.plain_reasons import place_of, plain_reason

INVALID = "SCHEMA_INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedVersion:
    """A version and its schema.

    Attributes:
        foreign: Parts that another file defines, by identity, and that file.
    """

    version: SchemaVersion
    schema: AvroSchema = field(repr=False)
    foreign: dict[int, str] = field(default_factory=dict, repr=False)

    @property
    def number(self) -> int:
        """The version's number."""
        return self.version.version

    @property
    def root(self) -> Schema:
        """The type that the schema defines."""
        return self.schema.root

    def place_of(self, node: Schema | Field) -> Place:
        """Return where the part is written."""
        file = self.foreign.get(id(node), self.version.origin)
        return Place(file=file, line=node.position.line, column=node.position.column)


def parse_candidate(version: SchemaVersion) -> ParsedVersion:
    """Parse by the rules for new schemas.

    Raises:
        InvalidSchema: It is no schema, with the place in its own text.
    """
    schema = parse_schema(version.text, references=version.reference_texts)
    return _parsed(version, schema)


def parse_stored(version: SchemaVersion) -> ParsedVersion:
    """Parse by the rules for stored schemas.

    Raises:
        InvalidSchema: It is no schema, with the place in its own text.
    """
    schema = parse_schema(
        version.text, references=version.reference_texts, is_new=False
    )
    return _parsed(version, schema)


def parse_released(version: SchemaVersion) -> ParsedVersion:
    """Parse what has been released, without which no verdict is possible.

    Raises:
        ConfigError: It is no schema.
    """
    try:
        return parse_stored(version)
    except InvalidSchema as exc:
        where, why = place_of(exc, version.origin), plain_reason(exc)
        reason = f"the released version {where} cannot be read: {why}"
        raise ConfigError(reason) from exc


def invalid_finding(version: SchemaVersion, error: InvalidSchema) -> Finding:
    """Return the finding about a version that is no schema."""
    return Finding(
        rule_id=INVALID,
        severity=Severity.ERROR,
        subject=version.subject,
        path="",
        place=Place(
            file=version.origin, line=error.line or 1, column=error.column or 1
        ),
        message=(
            f"version {version.version} is not an Avro schema: {plain_reason(error)}"
        ),
    )


def _parsed(version: SchemaVersion, schema: AvroSchema) -> ParsedVersion:
    files = {
        name: each.origin
        for each in version.references
        for name in find_names(each.text).defined
    }
    foreign: dict[int, str] = {}
    if files:
        _mark(schema.root, "", files, foreign)
    return ParsedVersion(version=version, schema=schema, foreign=foreign)


def _mark(
    schema: Schema, file: str, files: dict[str, str], foreign: dict[int, str]
) -> None:
    pending: list[tuple[Schema | Field, str]] = [(schema, file)]
    seen: set[int] = set()
    while pending:
        node, around = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        own = files.get(str(node.name), "") if isinstance(node, NamedSchema) else around
        if own:
            foreign[id(node)] = own
        pending.extend((each, own) for each in _inner(node))


def _inner(node: Schema | Field) -> Iterator[Schema | Field]:
    match node:
        case Field():
            yield node.type
        case RecordSchema():
            yield from node.fields
        case ArraySchema():
            yield node.items
        case MapSchema():
            yield node.values
        case UnionSchema():
            yield from node.branches
