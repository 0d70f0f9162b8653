r"""A reader's defaults as values, not as the JSON that a schema file holds.

Avro writes the default of bytes and fixed as a JSON string whose code points are the
bytes, and of a logical type as the default of its base type (Avro 1.12
specification, "Complex Types"). fastavro hands a missing field's default over as it
stands in the schema, so `discount` would arrive as the string ``"\x00"``. Here the
parsed reader schema gets ``Decimal("0.00")`` in its place, once, for every path.
"""

from collections.abc import Iterator
from typing import Any, cast

import fastavro
from fastavro.read import LOGICAL_READERS

from registry.errors import InvalidContract

ParsedSchema = dict[str, Any]
"""What `fastavro.parse_schema` returns: full names, logical types kept."""

_NAMED = ("record", "error", "enum", "fixed")


def parse_reader(schema: Any) -> ParsedSchema:  # noqa: ANN401 - JSON enters here
    """Parse a reader schema and turn the defaults of its fields into values.

    Raises:
        InvalidContract: The schema is not Avro, or a default does not fit its type.
    """
    try:
        parsed = cast("ParsedSchema", fastavro.parse_schema(schema))
        known = dict(_named_types(parsed))
        for record in known.values():
            for field in record.get("fields", ()):
                if "default" in field:
                    field["default"] = _to_value(field["default"], field["type"], known)
    except (fastavro.schema.SchemaParseException, ValueError, KeyError) as exc:
        name = schema.get("name", "schema") if isinstance(schema, dict) else "schema"
        raise InvalidContract(str(name), f"cannot be a reader: {exc}") from exc
    return parsed


def _named_types(schema: Any) -> Iterator[tuple[str, ParsedSchema]]:  # noqa: ANN401
    """Yield every definition of a named type below `schema`, by full name."""
    if isinstance(schema, list):
        for branch in schema:
            yield from _named_types(branch)
    elif isinstance(schema, dict):
        if schema["type"] in _NAMED:
            yield schema["name"], schema
        for field in schema.get("fields", ()):
            yield from _named_types(field["type"])
        for key in ("items", "values"):
            yield from _named_types(schema.get(key))


def _to_value(default: Any, schema: Any, known: dict[str, ParsedSchema]) -> Any:  # noqa: ANN401
    """Return the value that a decoder would give for `default` on the wire."""
    if isinstance(schema, str) and schema in known:
        schema = known[schema]
    if isinstance(schema, list):
        return _to_value(default, _matching_branch(default, schema), known)
    if isinstance(schema, str):
        return default.encode("latin-1") if schema == "bytes" else default
    return _to_complex_value(default, schema, known)


def _to_complex_value(
    default: Any,  # noqa: ANN401
    schema: ParsedSchema,
    known: dict[str, ParsedSchema],
) -> Any:  # noqa: ANN401
    match schema["type"]:
        case "record" | "error":
            return {
                field["name"]: _to_value(
                    default.get(field["name"], field.get("default")),
                    field["type"],
                    known,
                )
                for field in schema["fields"]
            }
        case "array":
            return [_to_value(each, schema["items"], known) for each in default]
        case "map":
            return {
                key: _to_value(each, schema["values"], known)
                for key, each in default.items()
            }
        case "bytes" | "fixed":
            return _to_logical(default.encode("latin-1"), schema)
        case _:
            return _to_logical(default, schema)


def _to_logical(base: Any, schema: ParsedSchema) -> Any:  # noqa: ANN401
    reader = LOGICAL_READERS.get(f"{schema['type']}-{schema.get('logicalType')}")
    return base if reader is None else reader(base, schema, None)


def _matching_branch(default: Any, branches: list[Any]) -> Any:  # noqa: ANN401
    """Return the union branch that a default belongs to.

    The first branch in Avro 1.11, any branch in 1.12: null is told apart, every
    other default belongs to the first branch that is not null.
    """
    if default is None:
        return "null"
    return next(branch for branch in branches if branch != "null")
