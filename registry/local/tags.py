"""Tags that are written into a schema's text, on its records and fields."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

TAGS = "confluent:tags"

_RECORDS = {"record", "error"}
_Node = dict[str, Any]
_Visit = Callable[[tuple[str, str], _Node], None]


def edit_tags(text: str, add: Sequence[_Node], remove: Sequence[_Node]) -> str:
    """Return the text with tags added and removed.

    Args:
        text: JSON of a schema.
        add: In wire form: what carries the tags, by type and path, and the tags.
        remove: Likewise.
    """
    root = json.loads(text)
    added, removed = _by_entity(add), _by_entity(remove)

    def edit(entity: tuple[str, str], node: _Node) -> None:
        tags = [*node.get(TAGS, ()), *added.get(entity, ())]
        kept = [
            tag for tag in dict.fromkeys(tags) if tag not in removed.get(entity, ())
        ]
        if kept:
            node[TAGS] = kept
        else:
            node.pop(TAGS, None)

    _walk(root, "", edit)
    return json.dumps(root, ensure_ascii=False)


def find_tags(text: str, wanted: Sequence[str]) -> list[_Node]:
    """Return, in wire form, what carries one of the tags; `*` means any."""
    found: list[_Node] = []

    def collect(entity: tuple[str, str], node: _Node) -> None:
        tags = node.get(TAGS) or []
        if tags and ("*" in wanted or set(tags) & set(wanted)):
            kind, path = entity
            place = {"entityType": kind, "entityPath": path}
            found.append({"schemaEntity": place, "tags": tags})

    _walk(json.loads(text), "", collect)
    return found


def _by_entity(tags: Sequence[_Node]) -> Mapping[tuple[str, str], list[str]]:
    edits: dict[tuple[str, str], list[str]] = {}
    for each in tags:
        place = each.get("schemaEntity") or {}
        key = (
            str(place.get("entityType")).lower(),
            str(place.get("entityPath")).lstrip("."),
        )
        edits.setdefault(key, []).extend(each.get("tags") or ())
    return edits


def _walk(node: object, scope: str, visit: _Visit) -> None:
    if isinstance(node, list):
        for branch in node:
            _walk(branch, scope, visit)
    elif isinstance(node, dict) and node.get("type") in _RECORDS:
        _walk_record(node, scope, visit)
    elif isinstance(node, dict):
        for key in ("items", "values", "type"):
            _walk(node.get(key), scope, visit)


def _walk_record(node: _Node, scope: str, visit: _Visit) -> None:
    path = f"{scope}{node['name']}"
    visit(("sr_record", path), node)
    for field in node["fields"]:
        field_path = f"{path}.{field['name']}"
        visit(("sr_field", field_path), field)
        _walk(field["type"], f"{field_path}.", visit)
