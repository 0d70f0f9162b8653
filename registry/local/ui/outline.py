"""A schema as rows: every field with its path, type, default and words."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_RECORDS = {"record", "error"}
_MOST_ROWS = 1000
_DEEPEST = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One field.

    Attributes:
        path: Names from the root on, `items[].price`; as readers name what they read.
        type_text: Short, for people.
        default: As JSON, or "" if it has none.
        doc: What the schema says about it.
    """

    path: str
    type_text: str
    default: str
    doc: str

    @property
    def depth(self) -> int:
        """How many records it is inside of."""
        return self.path.count(".")


def outline(text: str) -> list[Row]:
    """Return the fields of a schema's records, in their order; at most 1,000."""
    rows = []
    for row in _walk(json.loads(text), "", 0):
        rows.append(row)
        if len(rows) == _MOST_ROWS:
            break
    return rows


def _walk(node: object, path: str, depth: int) -> Iterator[Row]:
    if depth > _DEEPEST:
        return
    if isinstance(node, str):
        # A type is walked where it is defined; its other uses name it.
        return
    if isinstance(node, list):
        for branch in node:
            yield from _walk(branch, path, depth + 1)
    elif isinstance(node, dict):
        yield from _walk_type(node, path, depth)


def _walk_type(node: Mapping[str, Any], path: str, depth: int) -> Iterator[Row]:
    kind = node.get("type")
    if kind in _RECORDS:
        for field in node.get("fields", ()):
            inner = f"{path}.{field['name']}" if path else field["name"]
            yield _row(field, inner)
            yield from _walk(field["type"], inner, depth + 1)
    elif kind == "array":
        yield from _walk(node["items"], f"{path}[]", depth + 1)
    elif kind == "map":
        yield from _walk(node["values"], f"{path}{{}}", depth + 1)
    elif isinstance(kind, dict | list):
        yield from _walk(kind, path, depth + 1)


def _row(field: Mapping[str, Any], path: str) -> Row:
    return Row(
        path=path,
        type_text=_describe(field["type"]),
        default=json.dumps(field["default"], ensure_ascii=False)
        if "default" in field
        else "",
        doc=str(field.get("doc") or ""),
    )


def _describe(node: object, depth: int = 0) -> str:
    if depth > _DEEPEST:
        return "…"
    if isinstance(node, list):
        return " | ".join(_describe(branch, depth + 1) for branch in node)
    if not isinstance(node, dict):
        return str(node).rpartition(".")[2]
    if "logicalType" in node:
        return _describe_logical(node)
    return _describe_type(node, depth)


def _describe_type(node: Mapping[str, Any], depth: int) -> str:
    match node.get("type"):
        case "array":
            return f"array of {_describe(node['items'], depth + 1)}"
        case "map":
            return f"map of {_describe(node['values'], depth + 1)}"
        case kind if "name" in node:
            return f"{kind} {node['name']}"
        case kind:
            return _describe(kind, depth + 1)


def _describe_logical(node: Mapping[str, Any]) -> str:
    if node["logicalType"] == "decimal":
        return f"decimal({node.get('precision')}, {node.get('scale', 0)})"
    return f"{node['logicalType']} ({node.get('type')})"
