"""`contracts evolve`: the next version from a change, if the gate accepts it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.conftest import Contracts, Write

_MANIFEST = '[orders-value]\nlevel = "FULL_TRANSITIVE"\n'
_ITEM = {
    "type": "record",
    "name": "Item",
    "fields": [{"name": "sku", "type": "string", "doc": "Article."}],
}
_COLOUR = {"type": "enum", "name": "Colour", "symbols": ["RED", "NONE"]}
_V1 = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "string", "doc": "Whose."},
        {"name": "items", "type": {"type": "array", "items": _ITEM}},
        {"name": "colour", "type": {**_COLOUR, "default": "NONE"}},
    ],
}


@pytest.fixture
def folder(write: Write, tmp_path: Path) -> Path:
    """Give a folder with one subject at level FULL_TRANSITIVE."""
    write("schemas/contracts.toml", _MANIFEST)
    write("schemas/orders-value/v1.avsc", json.dumps(_V1, indent=2) + "\n")
    return tmp_path / "schemas"


def _written(folder: Path) -> Any:  # noqa: ANN401 - JSON of a schema
    return json.loads((folder / "orders-value" / "v2.avsc").read_text())


@pytest.mark.parametrize(
    ("words", "schema", "default"),
    [
        ('note: string = ""', "string", ""),
        ("note: string = none yet", "string", "none yet"),
        ("count: int = 0", "int", 0),
        ("note: string?=null", ["null", "string"], None),
        ("tags: array<string> = []", {"type": "array", "items": "string"}, []),
        ("sums: map<long> = {}", {"type": "map", "values": "long"}, {}),
        (
            "price: decimal(9,2) = 123.45",
            {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            "09",
        ),
        (
            "price: decimal(9,2) = -0.01",
            {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            "\xff",
        ),
        ("day: date = 1970-01-02", {"type": "int", "logicalType": "date"}, 1),
        (
            "at: timestamp-millis = 1970-01-01T01:00:00.001+01:00",
            {"type": "long", "logicalType": "timestamp-millis"},
            1,
        ),
        ("other: Colour = NONE", "Colour", "NONE"),
    ],
)
def test_field_is_added_with_its_default_encoded(
    contracts: Contracts, folder: Path, words: str, schema: object, default: object
) -> None:
    """Defaults of logical types are given as values and written as Avro wants them."""
    outcome = contracts("evolve", "orders-value", "--add-field", words, "--dir", folder)

    added = _written(folder)["fields"][-1]
    assert outcome.status == 0
    assert (added["type"], added["default"]) == (schema, default)
    assert added["doc"]


def test_field_is_added_to_a_nested_record(contracts: Contracts, folder: Path) -> None:
    """A path of names leads into arrays."""
    contracts(
        *("evolve", "orders-value", "--dir", folder, "--doc", "Free."),
        *("--add-field", 'items[].note: string = ""'),
    )

    item = _written(folder)["fields"][1]["type"]["items"]
    assert item["fields"][1] == {
        "name": "note",
        "type": "string",
        "doc": "Free.",
        "default": "",
    }


def test_dry_run_shows_the_difference_and_writes_nothing(
    contracts: Contracts, folder: Path
) -> None:
    """The diff is what would be written."""
    outcome = contracts(
        *("evolve", "orders-value", "--dir", folder, "--dry-run"),
        *("--add-field", 'note: string = ""'),
    )

    assert outcome.status == 0
    assert '+      "name": "note",' in outcome.out
    assert not (folder / "orders-value" / "v2.avsc").exists()


def test_symbol_is_added_and_readers_are_to_be_first(
    contracts: Contracts, folder: Path
) -> None:
    """FULL accepts it; the warning says what older readers make of it."""
    outcome = contracts(
        *("evolve", "orders-value", "--add-symbol", "colour", "BLUE", "--dir", folder)
    )

    assert outcome.status == 0
    assert _written(folder)["fields"][2]["type"]["symbols"] == ["RED", "NONE", "BLUE"]
    assert "ENUM_SYMBOL_SWALLOWED" in outcome.out


def test_rename_under_full_is_refused_with_the_steps_that_lead_there(
    contracts: Contracts, folder: Path
) -> None:
    """Nothing is written; add, write both, move, deprecate, remove."""
    outcome = contracts(
        *("evolve", "orders-value", "--rename-field", "id", "order_id"),
        *("--dir", folder, "--format", "json"),
    )

    assert outcome.status == 1
    assert [step.split()[0] for step in outcome.json["steps"]] == [
        "add",
        "let",
        "let",
        "deprecate",
        "give",
    ]
    assert not (folder / "orders-value" / "v2.avsc").exists()


def test_first_step_of_a_rename_can_be_written(
    contracts: Contracts, folder: Path
) -> None:
    """The new field stands beside the old one, absent in old records."""
    outcome = contracts(
        *("evolve", "orders-value", "--rename-field", "id", "order_id"),
        *("--dir", folder, "--first-step"),
    )

    added = _written(folder)["fields"][-1]
    assert outcome.status == 0
    assert (added["name"], added["type"]) == ("order_id", ["null", "string"])


def test_rename_under_backward_gets_an_alias(
    contracts: Contracts, folder: Path
) -> None:
    """New readers find old records by the old name."""
    outcome = contracts(
        *("evolve", "orders-value", "--rename-field", "id", "order_id"),
        *("--dir", folder, "--level", "backward"),
    )

    renamed = _written(folder)["fields"][0]
    assert outcome.status == 0
    assert (renamed["name"], renamed["aliases"]) == ("order_id", ["id"])


def test_deprecation_is_said_in_the_doc(contracts: Contracts, folder: Path) -> None:
    """Nothing else changes."""
    outcome = contracts(
        *("evolve", "orders-value", "--deprecate", "id", "--since", "2026-11"),
        *("--dir", folder),
    )

    assert outcome.status == 0
    assert _written(folder)["fields"][0]["doc"] == "Deprecated since 2026-11. Whose."


@pytest.mark.parametrize(
    "change",
    [
        ("--add-field", "id: string"),
        ("--add-field", "no type"),
        ("--add-field", "price: decimal(3,2) = 0.001"),
        ("--add-field", "price: decimal(3,2) = 100"),
        ("--add-field", "at: timestamp-millis = 2026-01-01T00:00"),
        ("--add-field", "nope.x: int = 0"),
        ("--add-field", "n: int = one"),
        ("--add-symbol", "id", "X"),
        ("--add-symbol", "colour", "RED"),
        ("--rename-field", "nope", "x"),
        ("--deprecate", "nope"),
        (),
    ],
    ids=" ".join,
)
def test_change_that_cannot_be_made_is_wrong_usage(
    contracts: Contracts, folder: Path, change: tuple[str, ...]
) -> None:
    """One sentence, and nothing written."""
    outcome = contracts("evolve", "orders-value", *change, "--dir", folder)

    assert outcome.status == 2
    assert "Error: " in outcome.err
    assert not (folder / "orders-value" / "v2.avsc").exists()


def test_what_the_gate_refuses_is_not_written(
    contracts: Contracts, folder: Path
) -> None:
    """A field without a default breaks readers."""
    outcome = contracts(
        "evolve", "orders-value", "--add-field", "note: string", "--dir", folder
    )

    assert outcome.status == 1
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in outcome.out
    assert not (folder / "orders-value" / "v2.avsc").exists()
