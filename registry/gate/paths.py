"""Where a part of a schema is: by names for people, by steps for data."""

from dataclasses import dataclass
from typing import Literal

from registry.compatibility.model import EnumSchema, FixedSchema, RecordSchema, Schema

StepKind = Literal["field", "item", "value", "branch"]
MAP_KEY = "key"


@dataclass(frozen=True, slots=True)
class Step:
    """One step down: field or branch by index, array item, map value.

    Attributes:
        name: The field's name, else "".
    """

    kind: StepKind
    index: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """The way from a schema's root to one of its parts."""

    root: str
    steps: tuple[Step, ...] = ()

    @classmethod
    def of(cls, schema: Schema) -> "Path":
        """Return the path of the root itself."""
        return cls(type_name(schema))

    def field(self, index: int, name: str) -> "Path":
        """Return the path of one field of the record here."""
        return self._down(Step("field", index, name))

    def item(self) -> "Path":
        """Return the path of the items of the array here."""
        return self._down(Step("item"))

    def value(self) -> "Path":
        """Return the path of the values of the map here."""
        return self._down(Step("value"))

    def branch(self, index: int) -> "Path":
        """Return the path of one branch of the union here."""
        return self._down(Step("branch", index))

    @property
    def parent(self) -> "Path":
        """The path one step up."""
        return Path(self.root, self.steps[:-1])

    @property
    def names(self) -> str:
        """For people: ``OrderDetails.items[].discount``; branches do not show."""
        return self.root + "".join(_shown(step) for step in self.steps)

    @property
    def relative(self) -> str:
        """The same without the root's name, as the manifest writes it."""
        return "".join(_shown(step) for step in self.steps).removeprefix(".")

    @property
    def in_data(self) -> tuple[str | int, ...]:
        """Keys that lead to the value in a decoded record, where unions vanish."""
        return tuple(_data_key(step) for step in self.steps if step.kind != "branch")

    def _down(self, step: Step) -> "Path":
        return Path(self.root, (*self.steps, step))


def type_name(schema: Schema) -> str:
    """Return a named type's simple name, else the word of the type."""
    if isinstance(schema, RecordSchema | EnumSchema | FixedSchema):
        return schema.name.simple
    return str(schema.type)


def _shown(step: Step) -> str:
    match step.kind:
        case "field":
            return f".{step.name}"
        case "item":
            return "[]"
        case "value":
            return "{}"
        case _:
            return ""


def _data_key(step: Step) -> str | int:
    match step.kind:
        case "field":
            return step.name
        case "item":
            return 0
        case _:
            return MAP_KEY
