"""Read Avro bytes as a Python consumer does: with fastavro, the writer's logical types.

What fastavro returns is what a witness shows; nothing is assumed.
"""

import io
import json
from decimal import DecimalException
from functools import lru_cache
from typing import Any

import fastavro
from fastavro.read import SchemaResolutionError
from fastavro.schema import SchemaParseException

Value = object

_FAILURES = (
    ArithmeticError,
    AttributeError,
    DecimalException,
    EOFError,
    LookupError,
    RecursionError,
    SchemaParseException,
    SchemaResolutionError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What fastavro raises: it has no error class of its own."""


class PythonFailure(ValueError):
    """fastavro raises here, with these words."""


def read_as_python(body: bytes, *, writer: str, reader: str) -> Value:
    """Return what fastavro decodes; `writer` and `reader` are resolved schema texts.

    Raises:
        PythonFailure: It raises.
    """
    try:
        reader_schema = None if reader == writer else _parse(reader)
        stream = io.BytesIO(body)
        return fastavro.schemaless_reader(stream, _parse(writer), reader_schema)
    except _FAILURES as exc:
        raise PythonFailure(_words(exc)) from exc


def write_as_python(value: Any, *, writer: str) -> None:  # noqa: ANN401 - decoded data
    """Encode a decoded value with fastavro.

    Raises:
        PythonFailure: It raises.
    """
    try:
        fastavro.schemaless_writer(io.BytesIO(), _parse(writer), value)
    except _FAILURES as exc:
        raise PythonFailure(_words(exc)) from exc


@lru_cache(maxsize=1024)
def _parse(text: str) -> Any:  # noqa: ANN401 - fastavro's own schema form
    return fastavro.parse_schema(json.loads(text))


def _words(error: Exception) -> str:
    first = str(error).splitlines()[0] if str(error) else ""
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
