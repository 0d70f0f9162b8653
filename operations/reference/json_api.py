"""What the sinks answer over HTTP, from the description that they serve."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from operations.reference.tables import render_table
from sinks import analytics_service

_HEAD = """\
# JSON API

The two sinks answer on `--listen` beside [their status](status.md); the dashboard reads
the same addresses. Made by `make docs`. Money is text with four decimals, never a
float. An answer other than 200 is `{"error": "..."}`.

## analytics-service

Described by `GET /api/openapi.json` of the service itself. Every answer is one
consistent state of its database.
"""

_MAILS = """
## notification-service

### GET /api/mails

What was sent. No addresses.

| field | type | is |
| --- | --- | --- |
| `mails` | integer | letters that were sent |
| `states` | object | letters by state |
| `dead_letters` | integer | records that are no letter, and letters refused |
| `newest` | array | the newest letters, 20 at most |
| `newest[].subject` | string | its subject |
| `newest[].sent_at` | date-time | when it was sent |

Answers: 200: The figures. 503: The database does not answer.
"""

Schema = Mapping[str, Any]


def render_json_api() -> str:
    """Return the whole page."""
    path = Path(analytics_service.__file__).with_name("openapi.json")
    openapi = json.loads(path.read_text(encoding="utf-8"))
    return "".join([_HEAD, *_operations(openapi), _MAILS])


def _operations(openapi: Schema) -> Iterator[str]:
    for path, methods in openapi["paths"].items():
        operation = methods["get"]
        yield f"\n### GET {path}\n\n{operation['summary']}.\n"
        parameters = operation.get("parameters", ())
        if parameters:
            rows = [_parameter(each) for each in parameters]
            yield "\n" + render_table(("parameter", "type", "default", "is"), rows)
        yield from _answer(operation["responses"], openapi)


def _parameter(parameter: Schema) -> Sequence[str]:
    schema = parameter["schema"]
    default = str(schema.get("default", ""))
    return f"`{parameter['name']}`", _type(schema), default, parameter["description"]


def _answer(responses: Schema, openapi: Schema) -> Iterator[str]:
    content = responses["200"].get("content", {}).get("application/json", {})
    fields = list(_fields(content.get("schema", {}), openapi))
    if fields:
        yield "\n" + render_table(("field", "type", "is"), fields)
    others = [f"{code}: {each['description']}" for code, each in responses.items()]
    yield f"\nAnswers: {' '.join(others)}\n"


def _fields(
    schema: Schema, openapi: Schema, prefix: str = ""
) -> Iterator[Sequence[str]]:
    """Yield a row for each field of an object, and for those within it."""
    for name, each in _resolve(schema, openapi).get("properties", {}).items():
        found = _resolve(each, openapi)
        says = each.get("description") or found.get("description", "")
        yield f"`{prefix}{name}`", _type(found), says
        items = found.get("items", {})
        yield from _fields(items, openapi, f"{prefix}{name}[].")


def _resolve(schema: Schema, openapi: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    name = reference.rpartition("/")[2]
    return {**openapi["components"]["schemas"][name], **schema}


def _type(schema: Schema) -> str:
    if "enum" in schema:
        return " or ".join(f"`{each}`" for each in schema["enum"])
    return str(schema.get("format", schema.get("type", "")))
