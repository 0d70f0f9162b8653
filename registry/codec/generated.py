"""What decoders and encoders are made of alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from registry.compatibility.model import (
    EnumSchema,
    FixedSchema,
    RecordSchema,
    Schema,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A generated function, and its module as people read it."""

    function: Callable[..., Any] = field(repr=False)
    source: str


def below(path: str, name: str) -> str:
    """Return the path of a field of the record at a path."""
    return f"{path}.{name}" if path else name


def type_word(schema: Schema) -> str:
    """Return a named type's simple name, else the word of the type."""
    match schema:
        case RecordSchema() | EnumSchema() | FixedSchema():
            return schema.name.simple
    return schema.type.value


def scope_of(module: ModuleType, *names: str) -> dict[str, object]:
    """Return what generated code may name of a module."""
    return {name: getattr(module, name) for name in names}
