"""`contracts fmt`: one schema, one text, and nothing lost."""

import json
from pathlib import Path

import pytest

from registry.compatibility import InvalidSchema, canonical_text, parse_schema
from registry.formatting import format_schema
from registry.sources import read_file
from tests.contracts.conftest import Contracts, Write

SCHEMAS = Path(__file__).parents[3] / "schemas"
RECORDED = json.loads(
    (Path(__file__).parents[2] / "fidelity" / "compat_cases.json").read_text()
)["cases"]

UGLY = """
{"fields":[{"doc":"Caf\\u00e9", "default":1.10,"type":"double","name":"a",
  "unit":"m"}, {"type":["null",{"scale":2,"type":"bytes",
  "logicalType":"decimal","precision":4}],"name":"b","default":null}],
  "owner":{"b":1,"a":[]}, "name":"R","doc":"A \\"record\\".","type":"record",
  "aliases":["Q"],"namespace":"n"}
"""
PRETTY = """\
{
  "type": "record",
  "name": "R",
  "namespace": "n",
  "doc": "A \\"record\\".",
  "aliases": [
    "Q"
  ],
  "owner": {
    "b": 1,
    "a": []
  },
  "fields": [
    {
      "name": "a",
      "type": "double",
      "doc": "Café",
      "default": 1.10,
      "unit": "m"
    },
    {
      "name": "b",
      "type": [
        "null",
        {
          "type": "bytes",
          "scale": 2,
          "logicalType": "decimal",
          "precision": 4
        }
      ],
      "default": null
    }
  ]
}
"""


def is_schema(text: str) -> bool:
    """Tell whether the text parses as a stored schema."""
    try:
        parse_schema(text, is_new=False)
    except InvalidSchema:
        return False
    return True


def test_file_gets_its_form_with_docs_numbers_and_order_of_attributes_kept(
    contracts: Contracts, write: Write
) -> None:
    """Names first, what Avro has no rule for as it was, fields last."""
    file = write("ugly.avsc", UGLY)

    outcome = contracts("fmt", file)

    assert outcome.status == 0
    assert file.read_text() == PRETTY


@pytest.mark.parametrize("option", ["--check", "--dry-run"])
def test_nothing_is_written_on_request(
    contracts: Contracts, write: Write, option: str
) -> None:
    """--check refuses with 1 what --dry-run only names; neither writes."""
    file = write("ugly.avsc", UGLY)

    outcome = contracts("fmt", option, file)

    assert outcome.status == (option == "--check")
    assert f"would format {file}" in outcome.out
    assert file.read_text() == UGLY


def test_file_in_its_form_passes_the_check(contracts: Contracts, write: Write) -> None:
    """What fmt wrote, fmt --check accepts."""
    file = write("pretty.avsc", PRETTY)

    outcome = contracts("fmt", "--check", "--format", "json", file)

    assert outcome.status == 0
    assert outcome.json == {"changed": []}


def test_contracts_of_this_repository_are_in_their_form(contracts: Contracts) -> None:
    """The check passes on schemas/."""
    assert contracts("fmt", "--check", SCHEMAS).status == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"type": "int", // metres\n "x": 1}', "1:17: a comment would be lost"),
        ('{"type": "int",\n "x": 1, "x": 2}', '2:10: "x" stands twice'),
        ('{"type": "int", "x": 1, "\\u0078": 2}', '1:25: "x" stands twice'),
        ('{"type": "money"}', "1:1: Undefined schema: money"),
        ('{"type": ', "1:"),
        ("", "Cannot parse"),
    ],
)
def test_what_would_be_lost_is_refused_with_its_place(
    contracts: Contracts, write: Write, text: str, said: str
) -> None:
    """Nothing is written if any file has a comment, a repeated name or no schema."""
    good = write("a.avsc", UGLY)
    bad = write("b.avsc", text)

    outcome = contracts("fmt", good, bad)

    assert outcome.status == 1
    assert str(bad) in outcome.err
    assert said in outcome.err
    assert good.read_text() == UGLY


@pytest.mark.parametrize(
    "text", ['"//"', '["a", "a"]', '{"a": {"x": 1}, "b": {"x": 1}}']
)
def test_string_is_no_comment_and_a_value_no_name(write: Write, text: str) -> None:
    """Marks of comments inside strings, and equal names in two objects, are fine."""
    file = write("a.avsc", f'{{"type": "int", "x": {text}}}')

    assert json.loads(format_schema(read_file(file)))["x"] == json.loads(text)


def test_form_is_stable_and_stores_the_same_schema_for_every_recorded_schema(
    write: Write,
) -> None:
    """The form of the form is the form; the canonical string does not change."""
    texts = sorted(
        {case["reader"] for case in RECORDED} | {c["writer"] for c in RECORDED}
    )
    files = [
        write(f"{number}.avsc", text)
        for number, text in enumerate(filter(is_schema, texts))
    ]

    originals = [file.read_text() for file in files]
    once = [format_schema(read_file(file)) for file in files]
    again = [
        format_schema(read_file(write(file.name, text)))
        for file, text in zip(files, once, strict=True)
    ]

    assert once == again
    assert len(once) > 900
    assert [canonical_text(parse_schema(text, is_new=False)) for text in once] == [
        canonical_text(parse_schema(text, is_new=False)) for text in originals
    ]


def test_deep_schema_is_a_sentence(contracts: Contracts, write: Write) -> None:
    """Nested deeper than can be followed is refused without a traceback."""
    file = write("a.avsc", '{"type":"array","items":' * 990 + '"int"' + "}" * 990)

    outcome = contracts("fmt", file)

    assert outcome.status == 1
    assert "too deeply" in outcome.err
