"""Types and defaults as people write them: ``decimal(3,2) = 0.00``."""

import json
import re
from typing import Any

from registry.errors import ConfigError
from registry.gate.evolution.logical_values import LOGICAL_BASES, encode_logical

Json = Any

_PRIMITIVES = frozenset(
    {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
)
_DECIMAL = re.compile(r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)")
_CONTAINER = re.compile(r"(array|map)<(.+)>")
_FORMS = (
    "int, long, string, ..., decimal(9,2), timestamp-millis, date, uuid, array<string>,"
    " map<long>, a named type, any of them with ? for nullable, or JSON"
)


def read_type(words: str) -> Json:
    """Return the type's JSON.

    Raises:
        ConfigError: The words name no type.
    """
    words = words.strip()
    if words.startswith(("{", "[", '"')):
        return _json(words, "type")
    if words.endswith("?"):
        return ["null", read_type(words[:-1])]
    decimal = _DECIMAL.fullmatch(words)
    if decimal:
        precision, scale = int(decimal[1]), int(decimal[2])
        return {
            "type": "bytes",
            "logicalType": "decimal",
            "precision": precision,
            "scale": scale,
        }
    container = _CONTAINER.fullmatch(words)
    if container:
        key = "items" if container[1] == "array" else "values"
        return {"type": container[1], key: read_type(container[2])}
    return _simple(words)


def read_default(words: str, schema: Json) -> Json:
    """Return the default's JSON as Avro writes it for the type.

    Raises:
        ConfigError: The words are no value of the type.
    """
    words = words.strip()
    if isinstance(schema, list):
        return _union_default(words, schema)
    if isinstance(schema, dict) and "logicalType" in schema:
        return encode_logical(words, schema)
    kind = schema.get("type") if isinstance(schema, dict) else schema
    if kind in {"bytes", "fixed", "string", "enum"}:
        return _text(words)
    return _json(words, f"default of type {kind}")


def _simple(words: str) -> Json:
    if words in _PRIMITIVES:
        return words
    if words in LOGICAL_BASES:
        return {"type": LOGICAL_BASES[words], "logicalType": words}
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", words):
        return words
    raise ConfigError(f"{words!r} is no type", hint=f"write one of: {_FORMS}")


def _union_default(words: str, branches: list[Json]) -> Json:
    if words == "null" and "null" in branches:
        return None
    for branch in branches:
        if branch != "null":
            return read_default(words, branch)
    raise ConfigError(f"{words!r} is of no branch of the union")


def _text(words: str) -> str:
    if words.startswith('"'):
        found = _json(words, "text")
        if isinstance(found, str):
            return found
    return words


def _json(words: str, what: str) -> Json:
    try:
        return json.loads(words)
    except ValueError as exc:
        raise ConfigError(f"{words!r} is no {what}: {exc}") from exc
