"""The changes that `contracts evolve` makes to a schema text."""

import re
from dataclasses import dataclass
from typing import Any, Protocol

from registry.errors import ConfigError
from registry.gate.editing import Document, Unplaceable
from registry.gate.evolution.type_words import read_default, read_type
from registry.gate.paths import Path, Step

_ADDITION = re.compile(
    r"(?P<path>[^:]+):(?P<type>[^=]+?)(?:=(?P<default>.*))?", re.DOTALL
)
_HINT = "write it as 'name: type = default', such as 'discount: decimal(3,2) = 0.00'"


class Edit(Protocol):
    """One change to a schema."""

    def apply(self, document: Document) -> str:
        """Change the document and return what was done.

        Raises:
            ConfigError: The schema has no such place.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AddField:
    """Append a field to the record at `parent`.

    Attributes:
        parent: Path of names of the record, or "" for the root.
        default: Words of the default, or None for a field without one.
    """

    parent: str
    name: str
    type_words: str
    default: str | None
    doc: str

    @classmethod
    def parse(cls, words: str, *, doc: str) -> "AddField":
        """Read ``path.name: type = default``."""
        match = _ADDITION.fullmatch(words.strip())
        if match is None:
            raise ConfigError(f"{words!r} is no field", hint=_HINT)
        parent, _, name = match["path"].strip().rpartition(".")
        return cls(
            parent=parent,
            name=name,
            type_words=match["type"],
            default=match["default"],
            doc=doc,
        )

    def apply(self, document: Document) -> str:
        """Append the field."""
        record = record_at(document, self.parent)
        if any(each["name"] == self.name for each in record["fields"]):
            raise ConfigError(f"there is a field {self.name} already")
        schema = read_type(self.type_words)
        added: dict[str, Any] = {"name": self.name, "type": schema, "doc": self.doc}
        if self.default is not None:
            added["default"] = read_default(self.default, _named(document, schema))
        if isinstance(schema, list) and added.get("default") is not None:
            added["type"] = [each for each in schema if each != "null"] + ["null"]
        record["fields"].append(added)
        return f"added the field {_joined(self.parent, self.name)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSymbol:
    """Append a symbol to the enum of a field."""

    path: str
    symbol: str

    def apply(self, document: Document) -> str:
        """Append the symbol."""
        found = document.type_at(_steps(document, self.path))
        for each in found if isinstance(found, list) else [found]:
            named = _named(document, each)
            if isinstance(named, dict) and named.get("type") == "enum":
                if self.symbol in named["symbols"]:
                    raise ConfigError(f"{self.path} has the symbol {self.symbol}")
                named["symbols"].append(self.symbol)
                return f"added the symbol {self.symbol} to {self.path}"
        raise ConfigError(f"{self.path} is no enum")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameField:
    """Give a field another name, and its old one as an alias."""

    path: str
    new_name: str

    def apply(self, document: Document) -> str:
        """Rename the field."""
        field = field_at(document, self.path)
        old_name = field["name"]
        field["name"] = self.new_name
        field["aliases"] = [*field.get("aliases", []), old_name]
        return f"renamed {self.path} to {self.new_name}, with {old_name} as its alias"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecate:
    """Say in a field's doc that it is deprecated."""

    path: str
    since: str

    def apply(self, document: Document) -> str:
        """Add the sentence."""
        field = field_at(document, self.path)
        note = f"Deprecated since {self.since}."
        field["doc"] = f"{note} {field.get('doc', '')}".strip()
        return f"deprecated {self.path} since {self.since}"


def field_at(document: Document, path: str) -> dict[str, Any]:
    """Return the field at the path of names.

    Raises:
        ConfigError: There is none.
    """
    try:
        return document.field_at(Path("", _steps(document, path)))
    except Unplaceable:
        raise ConfigError(f"the schema has no field {path}") from None


def record_at(document: Document, path: str) -> dict[str, Any]:
    """Return the record at the path of names; arrays and unions are looked through.

    Raises:
        ConfigError: There is none.
    """
    found = document.type_at(_steps(document, path) if path else ())
    record = _record_within(document, found)
    if record is None:
        raise ConfigError(f"the schema has no record {path or 'at its root'}")
    return record


def _record_within(document: Document, schema: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON
    for each in schema if isinstance(schema, list) else [schema]:
        node = _named(document, each)
        if isinstance(node, dict) and "fields" in node:
            return node
        if isinstance(node, dict) and ("items" in node or "values" in node):
            inner = node.get("items", node.get("values"))
            return _record_within(document, inner)
    return None


def _steps(document: Document, path: str) -> tuple[Step, ...]:
    """Return the steps to the field, through arrays, maps and unions on the way."""
    steps: tuple[Step, ...] = ()
    for name in re.sub(r"\[\]|\{\}", "", path).split("."):
        steps = _to_record(document, steps)
        steps = (*steps, Step("field", 0, name))
        try:
            document.type_at(steps)
        except Unplaceable:
            raise ConfigError(f"the schema has no field {path}") from None
    return steps


def _to_record(document: Document, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    node = document.type_at(steps)
    if isinstance(node, list):
        for index, each in enumerate(node):
            if each != "null":
                return _to_record(document, (*steps, Step("branch", index)))
    if isinstance(node, dict) and "items" in node:
        return _to_record(document, (*steps, Step("item")))
    if isinstance(node, dict) and "values" in node:
        return _to_record(document, (*steps, Step("value")))
    return steps


def _named(document: Document, schema: Any) -> Any:  # noqa: ANN401 - JSON of a schema
    return document.definition_of(schema)


def _joined(parent: str, name: str) -> str:
    return f"{parent}.{name}" if parent else name
