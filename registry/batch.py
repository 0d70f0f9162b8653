"""Judge reader/writer pairs, thousands a second: JSON Lines in, JSON Lines out."""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from registry.compatibility import (
    AmbiguousField,
    AvroSchema,
    AvroVersion,
    InvalidSchema,
    check_readable,
    parse_schema,
)

_KEPT_SCHEMAS = 4096
_LONGEST_KEPT = 100_000
_JAVA_NAME = "AvroRuntimeException"


def answer_lines(lines: Iterable[bytes], *, avro: AvroVersion) -> Iterator[str]:
    """Yield one line of JSON for every line that is not blank, in their order.

    A line that cannot be judged is answered with what is wrong with it; nothing that a
    line holds ends the run.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield json.dumps(_answer(line, number, avro))


def judge(*, reader: AvroSchema, writer: AvroSchema) -> dict[str, Any]:
    """Return the verdict on one pair.

    Raises:
        SchemaTooDeep: The types are nested too deeply to be followed.
    """
    try:
        reasons = check_readable(reader=reader, writer=writer)
    except AmbiguousField as exc:
        return {
            "compatible": False,
            "incompatibilities": [],
            "exception": f"{_JAVA_NAME}: {exc.reason}",
        }
    shown = [
        {"type": str(each.type), "location": each.location, "message": each.message}
        for each in reasons
    ]
    return {"compatible": not reasons, "incompatibilities": shown}


def describe(error: InvalidSchema, source: str) -> str:
    """Return what is wrong with a schema text, and where: `source:line:column`."""
    where = f"{source}:{error.line}:{error.column}" if error.line else source
    return f"{where}: {error.reason}"


def _answer(line: bytes, number: int, avro: AvroVersion) -> dict[str, Any]:
    try:
        pair = json.loads(line)
    except (ValueError, RecursionError) as exc:
        return {"id": None, "error": f"line {number} is not JSON: {exc}"}
    if not isinstance(pair, dict):
        return {"id": None, "error": f"line {number} is not a JSON object"}
    answer = {"id": pair.get("id")}
    for role in ("reader", "writer"):
        if not isinstance(pair.get(role), str):
            reason = f"line {number}: {role} must be a string that holds a schema"
            return {**answer, "error": reason}
    return {**answer, **_judge_texts(pair["reader"], pair["writer"], avro)}


def _judge_texts(reader: str, writer: str, avro: AvroVersion) -> dict[str, Any]:
    parsed: list[AvroSchema] = []
    for role, text in (("reader", reader), ("writer", writer)):
        try:
            parsed.append(_parse(text, is_new=role == "reader", avro=avro))
        except InvalidSchema as exc:
            return {"error": describe(exc, role)}
    try:
        return judge(reader=parsed[0], writer=parsed[1])
    except InvalidSchema as exc:
        return {"error": exc.reason}


def _parse(text: str, *, is_new: bool, avro: AvroVersion) -> AvroSchema:
    """Parse the text, or remember it; long ones would fill the memory."""
    parse = _parse_once if len(text) <= _LONGEST_KEPT else parse_schema
    return parse(text, is_new=is_new, avro=avro)


_parse_once = lru_cache(maxsize=_KEPT_SCHEMAS)(parse_schema)
