"""Recorded pairs of schemas: what fastavro reads, or refuses, we read or refuse."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro
import pytest
from fastavro.schema import SchemaParseException
from fastavro.utils import generate_many

from tests.codec.reference import REFUSED, try_decode, try_read, write

FIDELITY = Path(__file__).parents[1] / "fidelity"
CORRUPTIONS = json.loads((FIDELITY / "silent_corruption.json").read_text())["rows"]
PAIRS = json.loads((FIDELITY / "compat_cases.json").read_text())
# A missing field of a default is its own default, which fastavro leaves out.
BETTER = {"c1598"}


@pytest.mark.parametrize("row", CORRUPTIONS, ids=lambda row: row["category"])
def test_recorded_bytes_are_read_as_recorded(row: dict[str, Any]) -> None:
    """The values that consumers got are the values that they get."""
    found = try_decode(bytes.fromhex(row["bytes_hex"]), row["old"], row["new"])

    was_refused = row["new_reader_sees"].startswith("EXC")
    assert found is REFUSED if was_refused else repr(found) == row["new_reader_sees"]


def test_recorded_pairs_are_resolved_as_fastavro_resolves_them() -> None:
    """Of all pairs of a reader and a writer, none gives another value."""
    different = {
        name
        for name, body, writer, reader in written_pairs()
        if (found := try_decode(body, writer, reader)) is not REFUSED
        and repr(found) != repr(try_read(body, writer, reader))
    }

    assert different == BETTER


def written_pairs() -> Iterator[tuple[str, bytes, object, object]]:
    """Yield a body for each pair that fastavro can write one for."""
    for row in PAIRS if isinstance(PAIRS, list) else PAIRS["cases"]:
        writer, reader = json.loads(row["writer"]), json.loads(row["reader"])
        try:
            fastavro.parse_schema(json.loads(row["reader"]))
            (event,) = generate_many(json.loads(row["writer"]), 1)
            body = write(json.loads(row["writer"]), event)
        except (SchemaParseException, ValueError, RecursionError):
            continue
        yield row["id"], body, writer, reader
