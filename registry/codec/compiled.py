"""Codecs by the text of their schemas, each made once and kept."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

from registry.codec.decoder import generate_decoder
from registry.codec.encoder import generate_encoder
from registry.codec.generated import Generated
from registry.codec.logical import Numbers
from registry.codec.resolution import Pair, Resolver, read_aliases
from registry.codec.shape import is_copyable
from registry.codec.wanted import parse_wanted
from registry.compatibility import Schema, parse_schema
from registry.compatibility.depth import refuse_deep_recursion
from registry.compatibility.model import Field, RecordSchema
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
    passed_on: tuple[str, ...] = (),
) -> Generated:
    """Return `decode(body, pos)`, which reads the bytes from an offset to their end.

    It raises MalformedBody for bytes that no writer of the schema writes.

    Args:
        writer: Schema that the bytes were written with.
        reader: Schema that events have; None if it is the writer's.
        fields: Paths such as ``customer.email`` or ``items[].sku``; what no path
            names, or is below one, is stepped over and absent. None reads all.
        numbers: What decimals and times are in events.
        passed_on: Fields whose values stay bytes, as the reader's schema writes them.

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
        resolver = Resolver(read_aliases(reader))
        return generate_decoder(pair, resolver, numbers, passed_on)
    except ValueError as exc:
        raise InvalidContract("reader schema", str(exc)) from exc


@lru_cache(maxsize=_MOST_KEPT)
@refuse_deep_recursion
def compile_encoder(
    schema: str,
    *,
    numbers: Numbers = Numbers.EXACT,
    prefix: bytes = b"",
    passed_on: tuple[str, ...] = (),
) -> Generated:
    """Return `encode(event)`, which gives the prefix and the event's bytes.

    It raises UnfitEvent for events that the schema does not describe.

    Args:
        schema: Schema to write with.
        numbers: What decimals and times are in events.
        prefix: Bytes that every result begins with.
        passed_on: Fields whose values are bytes already, as this schema writes them.

    Raises:
        InvalidSchema: The text is not an Avro schema.
        InvalidContract: A default is not a value of its type, or a union cannot be
            written with scaled numbers.
    """
    try:
        return generate_encoder(_parse(schema), numbers, prefix, passed_on)
    except ValueError as exc:
        raise InvalidContract("schema", str(exc)) from exc


def find_copyable(
    names: Iterable[str], *, source: str, target: str, numbers: Numbers
) -> tuple[str, ...]:
    """Return the fields whose bytes a target takes as they are in the source.

    Args:
        names: Fields of both records that may be copied.
        source: Schema that is read.
        target: Schema that is written.
        numbers: What decimals and times are in events.

    Raises:
        InvalidSchema: A text is not an Avro schema.
    """
    read, written = _fields(source), _fields(target)
    return tuple(
        name
        for name in names
        if name in read
        and name in written
        and is_copyable(
            writer=read[name].type, reader=written[name].type, numbers=numbers
        )
    )


def _fields(text: str) -> Mapping[str, Field]:
    root = _parse(text)
    return root.field_by_name if isinstance(root, RecordSchema) else {}


def _parse(text: str) -> Schema:
    return parse_schema(text, is_new=False).root


def _is_same(reader: str, writer: str) -> bool:
    """Tell whether nothing is to be resolved; fastavro compares likewise."""
    try:
        return bool(json.loads(reader) == json.loads(writer))
    except ValueError:  # a comment, which Avro allows
        return reader == writer
