"""`contracts compat`: verdicts on pairs, one by one and thousands a second."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.conftest import Contracts, Write

RECORDED = json.loads(
    (Path(__file__).parents[2] / "fidelity" / "compat_cases.json").read_text()
)["cases"]
ORACLES = {"7.9": "avro-1.11.5", "8.x": "avro-1.12.1"}
SLOWEST_PAIRS_PER_S = 1000


def as_lines(*pairs: object) -> bytes:
    """Return the pairs as JSON Lines."""
    return "".join(f"{json.dumps(pair)}\n" for pair in pairs).encode()


def pair(reader: object, writer: object, pair_id: object = 1) -> dict[str, object]:
    """Return a pair of schemas in the form of --batch."""
    return {"id": pair_id, "reader": json.dumps(reader), "writer": json.dumps(writer)}


def expected(case: dict[str, Any], oracle: str) -> dict[str, Any]:
    """Return the answer that the recording of a case asks for."""
    told = case["oracle"][oracle]
    answer = {
        "id": case["id"],
        "compatible": told["verdict"] == "COMPATIBLE",
        "incompatibilities": told.get("incompatibilities", []),
    }
    exception = {"exception": told["exception"]} if "exception" in told else {}
    return {**answer, **exception}


@pytest.mark.parametrize("emulate", ORACLES)
def test_batch_answers_every_recorded_pair_in_order_and_fast(
    contracts: Contracts, emulate: str
) -> None:
    """Verdict, type, place, message and order are Avro's, at a thousand a second."""
    oracle = ORACLES[emulate]
    judged = [case for case in RECORDED if "verdict" in case["oracle"][oracle]]
    sent = as_lines(
        *({key: case[key] for key in ("id", "reader", "writer")} for case in judged)
    )

    started = time.process_time()
    outcome = contracts("compat", "--batch", "--emulate", emulate, stdin=sent)
    took_s = time.process_time() - started

    answers = [json.loads(line) for line in outcome.out.splitlines()]
    assert outcome.status == 0
    assert answers == [expected(case, oracle) for case in judged]
    assert len(judged) / took_s > SLOWEST_PAIRS_PER_S


@pytest.mark.parametrize(
    ("line", "pair_id", "said"),
    [
        (b"{", None, "line 1 is not JSON"),
        (b"[]", None, "line 1 is not a JSON object"),
        (b"\xff\xfe{}", None, "line 1 is not JSON"),
        (b"[" * 100_000, None, "line 1 is not JSON"),
        (b'{"id": 7, "reader": "\\"int\\""}', 7, "writer must be a string"),
        (b'{"id": "x", "reader": {}, "writer": 3}', "x", "reader must be a string"),
    ],
)
def test_line_that_is_no_pair_is_answered_and_the_rest_too(
    contracts: Contracts, line: bytes, pair_id: object, said: str
) -> None:
    """No line ends the run: what is wrong with it stands in its answer."""
    outcome = contracts(
        "compat", "--batch", stdin=line + b"\n\n" + as_lines(pair("int", "int", 2))
    )

    first, second = map(json.loads, outcome.out.splitlines())
    assert outcome.status == 0
    assert first["id"] == pair_id
    assert said in first["error"]
    assert second == {"id": 2, "compatible": True, "incompatibilities": []}


@pytest.mark.parametrize(
    ("reader", "writer", "said"),
    [
        ("nonsense", "int", "reader:1:1: Undefined schema: nonsense"),
        ("int", {"type": "record"}, "writer:1:1: No name in schema"),
        ("int", "\ud800", "writer:"),
    ],
)
def test_text_that_is_no_schema_is_answered_with_its_place(
    contracts: Contracts, reader: object, writer: object, said: str
) -> None:
    """The answer has an error that names the schema, line and column, no verdict."""
    outcome = contracts("compat", "--batch", stdin=as_lines(pair(reader, writer)))

    answer = outcome.json
    assert outcome.status == 0
    assert answer.keys() == {"id", "error"}
    assert said in answer["error"]


def test_reader_is_held_to_be_new_and_writer_to_be_stored(
    contracts: Contracts,
) -> None:
    """An invalid default is refused in a reader; a writer may have been let in."""
    field = {"name": "a", "type": "int", "default": "one"}
    schema = {"type": "record", "name": "R", "fields": [field]}
    empty = {"type": "record", "name": "R", "fields": []}

    outcome = contracts(
        "compat", "--batch", stdin=as_lines(pair(schema, empty), pair(empty, schema))
    )

    refused, judged = map(json.loads, outcome.out.splitlines())
    assert "reader:" in refused["error"]
    assert judged["compatible"] is True


@pytest.mark.parametrize("depth", [900, 5000])
def test_deep_schema_is_answered(contracts: Contracts, depth: int) -> None:
    """However deep the types are nested, the line gets an answer."""
    text = '{"type":"array","items":' * depth + '"int"' + "}" * depth
    sent = json.dumps({"id": 1, "reader": text, "writer": text}).encode()

    outcome = contracts("compat", "--batch", stdin=sent)

    assert outcome.status == 0
    assert outcome.json["id"] == 1


@pytest.mark.parametrize(
    ("reader", "writer", "status"),
    [('"long"', '"int"', 0), ('"int"', '"long"', 1), ('"nonsense"', '"int"', 1)],
)
def test_exit_status_is_the_verdict(
    contracts: Contracts, write: Write, reader: str, writer: str, status: int
) -> None:
    """0: can be read; 1: cannot, or one of the two is no schema."""
    outcome = contracts(
        "compat",
        "--reader",
        write("reader.avsc", reader),
        "--writer",
        write("writer.avsc", writer),
    )

    assert outcome.status == status


def test_schema_that_does_not_parse_is_named_with_its_place(
    contracts: Contracts, write: Write
) -> None:
    """The sentence starts with file:line:column."""
    reader = write("reader.avsc", '{"type": "array",\n "items": "money"}')
    writer = write("writer.avsc", '"int"')

    outcome = contracts("compat", "--reader", reader, "--writer", writer)

    assert f"{reader}:2:11: Undefined schema: money" in outcome.err


def test_reasons_are_told_in_both_formats(contracts: Contracts, write: Write) -> None:
    """Text tells type, place and message; JSON has the shape of --batch."""
    files = (
        "--reader",
        write("reader.avsc", '"int"'),
        "--writer",
        write("writer.avsc", '"long"'),
    )
    message = "reader type: INT not compatible with writer type: LONG"

    text = contracts("compat", *files)
    machine = contracts("compat", *files, "--format", "json")

    assert text.out == f"not compatible\n  TYPE_MISMATCH at /: {message}\n"
    reason = {"type": "TYPE_MISMATCH", "location": "/", "message": message}
    assert machine.json == {"compatible": False, "incompatibilities": [reason]}


def test_version_file_finds_its_references_in_its_folder(
    contracts: Contracts, write: Write
) -> None:
    """A type that another subject of the folder defines is known."""
    money = {"type": "fixed", "name": "Money", "size": 8}
    write("folder/money-value/v1.avsc", money)
    order = write("folder/order-value/v1.avsc", {"type": "array", "items": "Money"})

    outcome = contracts("compat", "--reader", order, "--writer", order)

    assert outcome.status == 0


@pytest.mark.parametrize(
    "arguments", [[], ["--batch", "--reader", "{file}"], ["--reader", "{file}"]]
)
def test_half_a_pair_is_wrong_usage(
    contracts: Contracts, write: Write, arguments: list[str]
) -> None:
    """Both files, or --batch alone."""
    file = str(write("reader.avsc", '"int"'))

    outcome = contracts("compat", *(each.format(file=file) for each in arguments))

    assert outcome.status == 2
