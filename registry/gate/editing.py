"""Change one part of a schema text, found by its path."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from registry.gate.paths import Path, Step

Json = Any
_NAMED = ("record", "error", "enum", "fixed")


class Unplaceable(ValueError):
    """The path leads nowhere in the text."""


class Document:
    """A schema text as JSON, for one edit; comments and number forms are lost.

    Raises:
        Unplaceable: The text is no plain JSON.
    """

    def __init__(self, text: str) -> None:
        try:
            self.root: Json = json.loads(text)
        except (ValueError, RecursionError) as exc:
            raise Unplaceable("the text is no plain JSON") from exc

    def copy(self) -> "Document":
        """Return one that can be changed alone."""
        other = Document("null")
        other.root = copy.deepcopy(self.root)
        return other

    @property
    def text(self) -> str:
        """The text, two spaces a level."""
        return json.dumps(self.root, indent=2, ensure_ascii=False) + "\n"

    def field_at(self, path: Path) -> dict[str, Json]:
        """Return the innermost field of the path."""
        steps = _to_field(path.steps)
        record = self.type_at(steps[:-1])
        for each in record.get("fields", ()) if isinstance(record, dict) else ():
            if isinstance(each, dict) and each.get("name") == steps[-1].name:
                return each
        raise Unplaceable(path.names)

    def record_at(self, path: Path) -> dict[str, Json]:
        """Return the named type at the path itself."""
        found = self.type_at(path.steps)
        if isinstance(found, dict) and found.get("type") in _NAMED:
            return found
        raise Unplaceable(path.names)

    def type_at(self, steps: tuple[Step, ...]) -> Json:
        """Return the type at the end of the steps; names are followed."""
        node = self.definition_of(self.root)
        for step in steps:
            node = self.definition_of(_down(node, step))
        return node

    def definition_of(self, node: Json) -> Json:
        """Return the definition that the type names, or the type itself."""
        while isinstance(node, dict) and isinstance(node.get("type"), dict | list):
            node = node["type"]
        if isinstance(node, str):
            for each in _definitions(self.root):
                name = str(each.get("name", ""))
                if name.rpartition(".")[2] == node.rpartition(".")[2]:
                    return each
        return node


def _to_field(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    while steps and steps[-1].kind != "field":
        steps = steps[:-1]
    if not steps:
        raise Unplaceable("the root is no field")
    return steps


def _down(node: Json, step: Step) -> Json:
    try:
        match step.kind:
            case "field":
                return next(
                    each["type"] for each in node["fields"] if each["name"] == step.name
                )
            case "item":
                return node["items"]
            case "value":
                return node["values"]
            case "branch":
                return node[step.index]
    except (KeyError, IndexError, TypeError, StopIteration) as exc:
        raise Unplaceable(step.name or step.kind) from exc


def _definitions(node: Json) -> Iterator[dict[str, Json]]:
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, list):
            pending.extend(each)
        elif isinstance(each, dict):
            if each.get("type") in _NAMED:
                yield each
            pending.extend(
                each[key]
                for key in ("type", "items", "values", "fields")
                if isinstance(each.get(key), dict | list)
            )
