"""Codecs by the text of their schemas, each made once and kept."""

import json
from functools import lru_cache

from registry.codec.decoder import generate_decoder
from registry.codec.encoder import generate_encoder
from registry.codec.generated import Generated
from registry.codec.logical import Numbers
from registry.codec.resolution import Pair, Resolver, read_aliases
from registry.codec.wanted import parse_wanted
from registry.compatibility import Schema, parse_schema
from registry.compatibility.depth import refuse_deep_recursion
from registry.errors import InvalidContract

_MOST_KEPT = 256


@lru_cache(maxsize=_MOST_KEPT)
@refuse_deep_recursion
def compile_decoder(
    *,
    writer: str,
    reader: str | None = None,
    fields: tuple[str, ...] | None = None,
    numbers: Numbers = Numbers.EXACT,
) -> Generated:
    """Return `decode(body, pos)`, which reads the bytes from an offset to their end.

    It raises MalformedBody for bytes that no writer of the schema writes.

    Args:
        writer: Schema that the bytes were written with.
        reader: Schema that events have; None if it is the writer's.
        fields: Paths such as ``customer.email`` or ``items[].sku``; what no path
            names, or is below one, is stepped over and absent. None reads all.
        numbers: What decimals and times are in events.

    Raises:
        InvalidSchema: A text is not an Avro schema.
        InvalidContract: The reader has no such field, or a default of it is not a
            value of its type.
    """
    if reader is None or _is_same(reader, writer):
        reader = writer
    written = _parse(writer)
    read = written if reader is writer else _parse(reader)
    pair = Pair(written, read, parse_wanted(fields, read))
    try:
        return generate_decoder(pair, Resolver(read_aliases(reader)), numbers)
    except ValueError as exc:
        raise InvalidContract("reader schema", str(exc)) from exc


@lru_cache(maxsize=_MOST_KEPT)
@refuse_deep_recursion
def compile_encoder(
    schema: str, *, numbers: Numbers = Numbers.EXACT, prefix: bytes = b""
) -> Generated:
    """Return `encode(event)`, which gives the prefix and the event's bytes.

    It raises UnfitEvent for events that the schema does not describe.

    Args:
        schema: Schema to write with.
        numbers: What decimals and times are in events.
        prefix: Bytes that every result begins with.

    Raises:
        InvalidSchema: The text is not an Avro schema.
        InvalidContract: A default is not a value of its type, or a union cannot be
            written with scaled numbers.
    """
    try:
        return generate_encoder(_parse(schema), numbers, prefix)
    except ValueError as exc:
        raise InvalidContract("schema", str(exc)) from exc


def _parse(text: str) -> Schema:
    return parse_schema(text, is_new=False).root


def _is_same(reader: str, writer: str) -> bool:
    """Tell whether nothing is to be resolved; fastavro compares likewise."""
    try:
        return bool(json.loads(reader) == json.loads(writer))
    except ValueError:  # a comment, which Avro allows
        return reader == writer
