"""What fastavro makes of schemas, events and bytes, as the codecs are compared to."""

import io
import json
from decimal import DecimalException
from typing import Any

import fastavro
from fastavro.read import SchemaResolutionError

from registry.codec import Numbers, compile_decoder, compile_encoder
from registry.errors import MalformedBody, UnfitEvent

REFUSALS = (
    ArithmeticError,
    AttributeError,
    DecimalException,
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    SchemaResolutionError,
    StopIteration,
    TypeError,
    ValueError,
)
REFUSED = object()
"""Stands for a refusal where a value or bytes would be."""


def write(schema: object, event: object) -> bytes:
    """Return the bytes that fastavro writes."""
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, schema, event)  # type: ignore[arg-type] # JSON
    return buffer.getvalue()


def try_write(schema: object, event: object) -> object:
    """Return the bytes that fastavro writes, or REFUSED."""
    try:
        return write(schema, event)
    except REFUSALS:
        return REFUSED


def try_read(body: bytes, writer: object, reader: object = None) -> object:
    """Return what fastavro reads up to the end of the bytes, or REFUSED."""
    buffer = io.BytesIO(body)
    try:
        value: object = fastavro.schemaless_reader(buffer, writer, reader)  # type: ignore[arg-type] # JSON
    except REFUSALS:
        return REFUSED
    return value if buffer.tell() == len(body) else REFUSED


def decode(
    body: bytes,
    writer: object,
    reader: object = None,
    *,
    fields: tuple[str, ...] | None = None,
    numbers: Numbers = Numbers.EXACT,
) -> Any:  # noqa: ANN401 - an event
    """Return what the generated decoder reads."""
    codec = compile_decoder(
        writer=json.dumps(writer),
        reader=None if reader is None else json.dumps(reader),
        fields=fields,
        numbers=numbers,
    )
    return codec.function(body, 0)


def try_decode(body: bytes, writer: object, reader: object = None) -> object:
    """Return what the generated decoder reads, or REFUSED."""
    try:
        return decode(body, writer, reader)
    except MalformedBody:
        return REFUSED


def encode(event: object, schema: object, *, numbers: Numbers = Numbers.EXACT) -> bytes:
    """Return what the generated encoder writes."""
    codec = compile_encoder(json.dumps(schema), numbers=numbers)
    written: bytes = codec.function(event)
    return written


def try_encode(event: object, schema: object) -> object:
    """Return what the generated encoder writes, or REFUSED."""
    try:
        return encode(event, schema)
    except UnfitEvent:
        return REFUSED
