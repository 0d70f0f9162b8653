"""`contracts diff`: what changes, whatever the texts look like."""

from pathlib import Path
from typing import Any

import pytest

from registry.compatibility import parse_schema
from registry.diff import find_changes
from tests.contracts.conftest import Contracts, Write

SCHEMAS = Path(__file__).parents[3] / "schemas"
DECIMAL = '{"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": %d}'


def record(*fields: str, head: str = "") -> str:
    """Return a record with those fields as JSON."""
    return f'{{"type": "record", "name": "R", {head} "fields": [{", ".join(fields)}]}}'


def field(name: str, kind: str = '"int"', more: str = "") -> str:
    """Return a field as JSON."""
    return f'{{"name": "{name}", "type": {kind}{more}}}'


def enum(*symbols: str, more: str = "") -> str:
    """Return an enum as JSON."""
    shown = ", ".join(f'"{symbol}"' for symbol in symbols)
    return f'{{"type": "enum", "name": "E", "symbols": [{shown}]{more}}}'


CHANGES = {
    "field added": (
        record(),
        record(field("a", more=', "default": 1')),
        ["R.a: field added: int, default 1"],
    ),
    "field removed": (record(field("a")), record(), ["R.a: field removed: int"]),
    "field renamed": (
        record(field("a")),
        record(field("b", more=', "aliases": ["a"]')),
        ["R.b: field renamed: a -> b", "R.b: aliases: a"],
    ),
    "renamed without alias": (
        record(field("a")),
        record(field("b")),
        ["R.b: field added: int, default none", "R.a: field removed: int"],
    ),
    "fields reordered": (
        record(field("a"), field("b")),
        record(field("b"), field("c"), field("a")),
        [
            "R.c: field added: int, default none",
            "R: fields reordered: a, b -> b, a",
        ],
    ),
    "type": (
        record(field("a")),
        record(field("a", '"long"')),
        ["R.a: type: int -> long"],
    ),
    "made nullable": (
        record(field("a")),
        record(field("a", '["null", "int"]')),
        ["R.a: type: int -> null | int"],
    ),
    "branch added": (
        '["null", "int"]',
        '["int", "null", "string"]',
        [
            "union: branch added: string",
            "union: branches reordered: null, int -> int, null",
        ],
    ),
    "branch removed": (
        '["null", "int"]',
        '["null"]',
        ["union: branch removed: int"],
    ),
    "symbols": (
        enum("A", "B", "C"),
        enum("C", "A", "D", more=', "default": "D"'),
        [
            "E: symbols added: D",
            "E: symbols removed: B",
            "E: symbols reordered: A, C -> C, A",
            "E: default: none -> D",
        ],
    ),
    "default": (
        record(field("a", more=', "default": 1')),
        record(field("a", more=', "default": 2')),
        ["R.a: default: 1 -> 2"],
    ),
    "default null is a default": (
        record(field("a", '["null", "int"]')),
        record(field("a", '["null", "int"]', ', "default": null')),
        ["R.a: default: none -> null"],
    ),
    "scale": (DECIMAL % 2, DECIMAL % 3, ["bytes: attribute: scale 2 -> scale 3"]),
    "logical type dropped": (
        '{"type": "int", "logicalType": "date"}',
        '"int"',
        ['int: attribute: logicalType "date"'],
    ),
    "size and name": (
        '{"type": "fixed", "name": "F", "size": 2}',
        '{"type": "fixed", "name": "G", "namespace": "n", "size": 3}',
        ["G: name: F -> n.G", "G: size: 2 -> 3"],
    ),
    "doc": (
        record(head='"doc": "One.",'),
        record(head='"doc": "Two.",'),
        ['R: doc: "One." -> "Two."'],
    ),
    "inside": (
        record(field("a", f'{{"type": "array", "items": {enum("A")}}}')),
        record(field("a", f'{{"type": "array", "items": {enum("A", "B")}}}')),
        ["R.a[]: symbols added: B"],
    ),
    "map values": (
        '{"type": "map", "values": "int"}',
        '{"type": "map", "values": "long"}',
        ["map{}: type: int -> long"],
    ),
    "sort order": (
        record(field("a")),
        record(field("a", more=', "order": "ignore"')),
        ["R.a: sort order: ascending -> ignore"],
    ),
    "recursive": (
        record(field("next", '["null", "R"]')),
        record(field("next", '["null", "R"]'), field("a")),
        ["R.a: field added: int, default none"],
    ),
    "text alone": (
        record(field("a")),
        '{"name":"R",\n\n"fields":[{"type":{"type":"int"},"name":"a"}],"type":"record"}',
        [],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_difference_is_told_by_path(name: str) -> None:
    """Every kind of change is one sentence; mere text is none."""
    before, after, expected = CHANGES[name]

    changes = find_changes(before=parse_schema(before), after=parse_schema(after))

    assert list(map(str, changes)) == expected


@pytest.mark.parametrize("name", CHANGES)
def test_schema_does_not_differ_from_itself(name: str) -> None:
    """Comparing a schema with itself finds nothing."""
    _, after, _ = CHANGES[name]

    assert find_changes(before=parse_schema(after), after=parse_schema(after)) == []


VERSIONS = ("order-details-value@1", "order-details-value@latest")
ADDED = 'field added: decimal(3,2) on bytes, default "\\u0000"'


def test_versions_of_a_subject_are_compared(contracts: Contracts) -> None:
    """The text names the change by its path, and who reads whom."""
    outcome = contracts("diff", *VERSIONS, "--from", f"dir:{SCHEMAS}")

    assert outcome.status == 0
    assert outcome.out.splitlines() == [
        f"+ OrderDetails.items[].discount: {ADDED}",
        "B reads A: yes",
        "A reads B: yes",
    ]


def test_json_has_the_changes_and_the_verdicts(
    contracts: Contracts, write: Write
) -> None:
    """A machine gets kind, path, before and after."""
    files = (write("a.avsc", '"int"'), write("b.avsc", '"long"'))

    outcome = contracts("diff", *files, "--format", "json")

    change: dict[str, Any] = {
        "kind": "type",
        "path": "long",
        "before": "int",
        "after": "long",
    }
    assert outcome.json == {
        "before": str(files[0]),
        "after": str(files[1]),
        "changes": [change],
        "backward": True,
        "forward": False,
    }


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent.avsc", "neither a file nor SUBJECT@VERSION"),
        ("absent-value@1", "no subject absent-value; there are: order-details-value"),
        ("order-details-value@9", "no version 9"),
    ],
)
def test_what_is_not_there_is_named(contracts: Contracts, name: str, said: str) -> None:
    """Exit status 3: nothing could be compared."""
    outcome = contracts("diff", name, VERSIONS[0], "--from", f"dir:{SCHEMAS}")

    assert outcome.status == 3
    assert said in outcome.err


def test_file_that_is_no_schema_is_refused_with_its_place(
    contracts: Contracts, write: Write
) -> None:
    """Exit status 1 and file:line:column."""
    files = (write("a.avsc", '"int"'), write("b.avsc", '["int",\n "money"]'))

    outcome = contracts("diff", *files)

    assert outcome.status == 1
    assert f"{files[1]}:2:2" in outcome.err
