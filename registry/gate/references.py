"""Which schemas a schema text names without defining, and where to find them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from registry.compatibility.json_text import read_json
from registry.compatibility.json_values import (
    JsonArray,
    JsonObject,
    JsonString,
    JsonValue,
)
from registry.errors import InvalidSchema
from registry.gate.folders import read_folder
from registry.gate.versions import Folder, SchemaVersion

_NAMED = frozenset({"record", "error", "enum", "fixed"})
_WORDS = (
    frozenset(
        [
            "null",
            "boolean",
            "int",
            "long",
            "float",
            "double",
            "bytes",
            "string",
            "array",
            "map",
            "union",
        ]
    )
    | _NAMED
)


@dataclass(frozen=True, slots=True)
class NamesInText:
    """Full names of the types that a schema text defines and uses."""

    defined: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    @property
    def missing(self) -> set[str]:
        """Names that the text uses and does not define."""
        return self.used - self.defined


@lru_cache(maxsize=1024)
def find_names(text: str) -> NamesInText:
    """Return the names in the text; none if it is not JSON."""
    names = NamesInText()
    try:
        value, _ = read_json(text)
    except InvalidSchema:
        return names
    pending: list[tuple[JsonValue | None, str]] = [(value, "")]
    while pending:
        node, namespace = pending.pop()
        pending.extend(_visit(node, namespace, names))
    return names


def load_folder(path: Path) -> Folder:
    """Return the folder's versions, each with the versions that it names.

    Raises:
        InvalidContract: A file is misnamed or not UTF-8, or the manifest is malformed.
    """
    folder = read_folder(path)
    library = Library().with_folder(folder)
    versions = {
        subject: tuple(resolve(each, library) for each in each_subject)
        for subject, each_subject in folder.versions.items()
    }
    return replace(folder, versions=versions)


@dataclass(frozen=True, slots=True)
class Library:
    """Versions by the full names that they define."""

    by_name: Mapping[str, SchemaVersion] = field(default_factory=dict)

    @classmethod
    def of_working_tree(cls, path: Path) -> "Library":
        """Return the newest versions of the folder's subjects."""
        return cls().with_folder(read_folder(path)) if path.is_dir() else cls()

    def get(self, name: str) -> SchemaVersion | None:
        """Return the version that defines the name, in no namespace if need be."""
        return self.by_name.get(name) or self.by_name.get(name.rpartition(".")[2])

    def with_folder(self, folder: Folder) -> "Library":
        """Return a library that also knows the folder; what it knows stays first."""
        added = {
            name: versions[-1]
            for versions in folder.versions.values()
            for name in find_names(versions[-1].text).defined
        }
        return Library({**added, **self.by_name})


def find_referenced(version: SchemaVersion, library: Library) -> list[SchemaVersion]:
    """Return the versions that it needs, each after those that it needs itself.

    Names that nobody defines are left out: parsing will name them. Subjects that name
    each other in a circle are each visited once.
    """
    found: dict[tuple[str, int], SchemaVersion] = {}
    visiting = {_key(version)}

    def visit(text: str) -> None:
        for name in sorted(find_names(text).missing):
            target = library.get(name)
            if target is None or _key(target) in visiting:
                continue
            visiting.add(_key(target))
            visit(target.text)
            found[_key(target)] = target

    visit(version.text)
    return list(found.values())


def resolve(version: SchemaVersion, library: Library) -> SchemaVersion:
    """Return the version with the references that `find_referenced` finds."""
    return version.with_references(tuple(find_referenced(version, library)))


def _key(version: SchemaVersion) -> tuple[str, int]:
    return version.subject, version.version


def _visit(
    node: JsonValue | None, namespace: str, names: NamesInText
) -> Iterator[tuple[JsonValue | None, str]]:
    match node:
        case JsonString(value):
            if value not in _WORDS:
                names.used.add(_full(value, namespace))
        case JsonArray(items):
            yield from ((item, namespace) for item in items)
        case JsonObject():
            yield from _visit_object(node, namespace, names)


def _visit_object(
    node: JsonObject, namespace: str, names: NamesInText
) -> Iterator[tuple[JsonValue | None, str]]:
    kind = node.get("type")
    if isinstance(kind, JsonString) and kind.value in _NAMED:
        inner = _define(node, namespace, names)
        fields = node.get("fields")
        for each in fields.items if isinstance(fields, JsonArray) else ():
            if isinstance(each, JsonObject):
                yield each.get("type"), inner
        return
    yield kind, namespace
    yield node.get("items"), namespace
    yield node.get("values"), namespace


def _define(node: JsonObject, namespace: str, names: NamesInText) -> str:
    """Note the type's name and return the namespace inside it."""
    name = node.get_text("name") or ""
    declared = node.get_text("namespace")
    own = namespace if declared is None else declared
    full = _full(name, own)
    names.defined.add(full)
    return full.rpartition(".")[0]


def _full(name: str, namespace: str) -> str:
    if "." in name or not namespace:
        return name.removeprefix(".")
    return f"{namespace}.{name}"
