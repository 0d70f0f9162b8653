"""The form in which schema files are kept: one schema, one text.

Two spaces a level, one member a line, attributes in one order: what names the type
first, what Avro has no rule for next, as it was written, and what is long last. Docs,
defaults and numbers stay as they are, and so does what a registry stores.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from registry.compatibility import JsonValue, canonical_text
from registry.compatibility.json_text import read_json
from registry.compatibility.json_values import (
    JsonArray,
    JsonBoolean,
    JsonNull,
    JsonNumber,
    JsonObject,
    JsonString,
)
from registry.errors import InvalidContract
from registry.gate.versions import SchemaVersion
from registry.json_tokens import find_comments, find_repeated_names
from registry.sources import parse_version

_TYPE_HEAD = ("type", "name", "namespace", "doc", "aliases", "size")
_TYPE_TAIL = ("items", "values", "symbols", "default", "fields")
_FIELD_HEAD = ("name", "type", "doc", "default", "order", "aliases")
_INNER = ("items", "values", "type")
_NUMBER = re.compile(r"[-+.0-9eE]+")
_INVISIBLE = re.compile("[\x7f-\x9f\xad\u2028\u2029\ufeff\ud800-\udfff]")
_INDENT = "  "


def format_schema(version: SchemaVersion) -> str:
    """Return the version's text in its form, ending with a line break.

    Doing it again changes nothing; the schema that a registry stores is the same.

    Raises:
        InvalidContract: The text is no schema, or holds what would be lost: a comment,
            or a name that stands twice in one object.
    """
    before = parse_version(version)
    _refuse_losses(version)
    value, _ = read_json(version.text)
    try:
        formatted = _Printer(version.text).text(value) + "\n"
    except RecursionError as exc:
        reason = "its types are nested too deeply to be printed"
        raise InvalidContract(version.origin, reason) from exc
    if formatted == version.text:
        return formatted
    after = parse_version(replace(version, text=formatted))
    if canonical_text(after) != canonical_text(before):
        raise InvalidContract(version.origin, "its form would be another schema")
    return formatted


def _refuse_losses(version: SchemaVersion) -> None:
    for place in find_comments(version.text):
        where = f"{version.origin}:{place.line}:{place.column}"
        raise InvalidContract(where, "a comment would be lost; say it in a doc")
    for each in find_repeated_names(version.text):
        where = f"{version.origin}:{each.position.line}:{each.position.column}"
        reason = f'"{each.name}" stands twice in one object; only the last counts'
        raise InvalidContract(where, reason)


class _Printer:
    """Prints the values of one text."""

    def __init__(self, source: str) -> None:
        self._source = source

    def text(self, value: JsonValue | None) -> str:
        match value:
            case JsonObject() | JsonArray() | JsonString():
                return self._type(value, "")
        return "null"  # no schema; parsing has said so before

    def _type(self, value: JsonValue, indent: str) -> str:
        match value:
            case JsonObject():
                return self._definition(value, indent)
            case JsonArray(items):
                inner = indent + _INDENT
                return _array([self._type(each, inner) for each in items], indent)
        return self._plain(value, indent)

    def _definition(self, value: JsonObject, indent: str) -> str:
        inner = indent + _INDENT
        members = [
            (name, self._attribute(name, member, inner))
            for name, member in _ordered(value, _TYPE_HEAD, _TYPE_TAIL)
        ]
        return _object(members, indent)

    def _attribute(self, name: str, member: JsonValue, indent: str) -> str:
        if name == "fields" and isinstance(member, JsonArray):
            inner = indent + _INDENT
            return _array([self._field(each, inner) for each in member.items], indent)
        if name in _INNER:
            return self._type(member, indent)
        return self._plain(member, indent)

    def _field(self, value: JsonValue, indent: str) -> str:
        if not isinstance(value, JsonObject):
            return self._plain(value, indent)
        inner = indent + _INDENT
        members = [
            (
                name,
                self._type(member, inner)
                if name == "type"
                else self._plain(member, inner),
            )
            for name, member in _ordered(value, _FIELD_HEAD, ())
        ]
        return _object(members, indent)

    def _plain(self, value: JsonValue, indent: str) -> str:
        inner = indent + _INDENT
        match value:
            case JsonObject():
                members = [
                    (name, self._plain(member, inner))
                    for name, member in value.members.items()
                ]
                return _object(members, indent)
            case JsonArray(items):
                return _array([self._plain(each, inner) for each in items], indent)
        return self._scalar(value)

    def _scalar(self, value: JsonValue) -> str:
        match value:
            case JsonString(text):
                return _quoted(text)
            case JsonNumber():
                match = _NUMBER.match(self._source, value.offset)
                return match[0] if match else value.text
            case JsonBoolean(is_true):
                return "true" if is_true else "false"
            case JsonNull():
                return "null"
        raise TypeError(value)


def _ordered(
    value: JsonObject, head: Iterable[str], tail: Iterable[str]
) -> Iterator[tuple[str, JsonValue]]:
    """Yield the members: the head's, the others as they were written, the tail's."""
    known = {*head, *tail}
    others = [name for name in value.members if name not in known]
    for name in (*head, *others, *tail):
        if name in value.members:
            yield name, value.members[name]


def _object(members: list[tuple[str, str]], indent: str) -> str:
    lines = [f"{_quoted(name)}: {text}" for name, text in members]
    return _block("{", lines, "}", indent)


def _array(items: list[str], indent: str) -> str:
    return _block("[", items, "]", indent)


def _block(opening: str, lines: list[str], closing: str, indent: str) -> str:
    if not lines:
        return opening + closing
    body = ",\n".join(f"{indent}{_INDENT}{line}" for line in lines)
    return f"{opening}\n{body}\n{indent}{closing}"


def _quoted(text: str) -> str:
    return _INVISIBLE.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
