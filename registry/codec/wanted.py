"""Which parts of an event a reader asks for, by the paths of `contracts.toml`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from registry.compatibility.model import (
    ArraySchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.errors import InvalidContract

ITEMS = "[]"
VALUES = "{}"
_PATH = re.compile(r"\w+(\[\]|\{\})*(\.\w+(\[\]|\{\})*)*")
_STEP = re.compile(r"\w+|\[\]|\{\}")

_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Steps from here to what is asked for; an empty path asks for everything."""

    paths: frozenset[_Path]

    def find(self, step: str) -> "Wanted | None":
        """Return what is asked for one step down, or None if nothing is."""
        if () in self.paths:
            return self
        below = frozenset(path[1:] for path in self.paths if path[0] == step)
        return Wanted(below) if below else None


EVERYTHING = Wanted(frozenset({()}))


def parse_wanted(fields: Iterable[str] | None, reader: Schema) -> Wanted:
    """Return what the paths ask for; None asks for everything.

    Raises:
        InvalidContract: A path is malformed, or the reader schema has no such part.
    """
    if fields is None:
        return EVERYTHING
    return Wanted(frozenset(_parse_path(each, reader) for each in fields))


def _parse_path(text: str, reader: Schema) -> _Path:
    if not _PATH.fullmatch(text):
        reason = "a path of fields is written like customer.email or items[].sku"
        raise InvalidContract(f"field {text!r}", reason)
    path = tuple(_STEP.findall(text))
    parts = [reader]
    for step in path:
        parts = [below for part in parts for below in _step(part, step)]
        if not parts:
            raise InvalidContract(f"field {text!r}", f"the schema has no {step} there")
    return path


def _step(schema: Schema, step: str) -> list[Schema]:
    """Return the types one step down; more than one if branches of a union have it."""
    match schema:
        case UnionSchema():
            return [below for each in schema.branches for below in _step(each, step)]
        case RecordSchema() if step in schema.field_by_name:
            return [schema.field_by_name[step].type]
        case ArraySchema() if step == ITEMS:
            return [schema.items]
        case MapSchema() if step == VALUES:
            return [schema.values]
    return []
