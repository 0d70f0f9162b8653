"""Consumers of the manifest: who breaks, where, and what to deploy first."""

from pathlib import Path
from typing import Any

import pytest

from tests.contracts.conftest import Contracts, Write

_MANIFEST = """
[orders-value]
topic = "orders"
level = "BACKWARD"
owner = "orders"

[orders-value.readers.mailer]
schema = "readers/mailer.avsc"
"""
_NAME = {"type": "record", "name": "Name", "fields": [{"name": "first", "type": "int"}]}
_AT = {"type": "long", "logicalType": "timestamp-millis"}


def _order(**fields: object) -> dict[str, Any]:
    listed = [{"name": name, "type": each} for name, each in fields.items()]
    return {"type": "record", "name": "Order", "namespace": "shop", "fields": listed}


@pytest.fixture
def folder(tmp_path: Path, write: Write) -> Path:
    """Give a folder whose mailer reads the fields id and at by a schema of its own."""
    write("schemas/contracts.toml", _MANIFEST)
    write("schemas/orders-value/v1.avsc", _order(id="string", at=_AT, note="string"))
    write("schemas/readers/mailer.avsc", _order(id="string", at=_AT))
    return tmp_path / "schemas"


def test_reader_that_finds_all_it_needs_is_content(
    contracts: Contracts, folder: Path, write: Write
) -> None:
    """What it does not read may go."""
    write("schemas/orders-value/v2.avsc", _order(id="string", at=_AT))

    assert contracts("check", "--dir", folder).status == 0


def test_report_says_who_breaks_and_what_to_deploy_first(
    contracts: Contracts, folder: Path, write: Write
) -> None:
    """BACKWARD accepts that a field goes; the mailer does not."""
    write("schemas/orders-value/v2.avsc", _order(id="string", note="string"))

    outcome = contracts("check", "--dir", folder)

    assert outcome.status == 1
    assert "error READER_BROKEN\n    mailer needs Order.at" in outcome.out
    assert "affects: mailer\n" in outcome.out
    assert "version 2, deploy readers first" in " ".join(outcome.out.split())


def test_reader_that_would_misread_is_broken_too(
    contracts: Contracts, folder: Path, write: Write
) -> None:
    """Every registry lets the mailer read other moments than were written."""
    seconds = {"type": "long", "logicalType": "timestamp-micros"}
    write("schemas/orders-value/v2.avsc", _order(id="string", at=seconds))

    outcome = contracts("check", "--dir", folder, "--format", "json")

    (finding,) = _broken(outcome.json)
    assert finding["affected"] == ["mailer"]
    assert finding["path"] == "Order.at"
    assert finding["file"].endswith("orders-value/v2.avsc")
    assert finding["witness"]["java"]["before"] != finding["witness"]["java"]["after"]


def test_reader_may_refer_to_types_of_other_subjects(
    contracts: Contracts, folder: Path, write: Write
) -> None:
    """Its schema may name them, or hold its own account of them."""
    write("schemas/name/v1.avsc", {**_NAME, "namespace": "shop"})
    write("schemas/orders-value/v1.avsc", _order(id="string", who="shop.Name"))
    write("schemas/readers/mailer.avsc", _order(who="shop.Name"))
    by_name = contracts("check", "--dir", folder)
    write("schemas/readers/mailer.avsc", _order(who=_NAME))
    own = contracts("check", "--dir", folder)

    assert (by_name.status, own.status) == (0, 0)


@pytest.mark.parametrize("text", ["{", '{"type": "record"}', '"Nope"'])
def test_reader_schema_that_is_none_is_no_verdict(
    contracts: Contracts, folder: Path, write: Write, text: str
) -> None:
    """Exit 3 and one sentence that names reader and file."""
    write("schemas/readers/mailer.avsc", text)

    outcome = contracts("check", "--dir", folder)

    assert outcome.status == 3
    assert "reader mailer" in outcome.err
    assert "readers/mailer.avsc" in outcome.err


def test_registration_reads_the_same_manifest(
    contracts: Contracts, folder: Path, registry_url: str
) -> None:
    """What the gate accepts, services and registration accept."""
    outcome = contracts("register", "--dir", folder, "--registry-url", registry_url)

    assert (outcome.status, outcome.err) == (0, "")
    assert "orders-value version 1" in outcome.out


@pytest.mark.parametrize("key", ["topic", "level", "owner"])
def test_registration_demands_what_services_need(
    contracts: Contracts, folder: Path, write: Write, registry_url: str, key: str
) -> None:
    """The gate can do without; the sentence names table and key."""
    write("schemas/contracts.toml", _MANIFEST.replace(f"\n{key} =", f"\n# {key} ="))

    outcome = contracts("register", "--dir", folder, "--registry-url", registry_url)

    assert outcome.status != 0
    assert f"[orders-value]: {key} is missing" in outcome.err


def test_fields_of_a_type_used_twice_are_there_twice(
    contracts: Contracts, folder: Path, write: Write
) -> None:
    """A reader may name either place; the one that is missing is named."""
    fields = 'fields = ["buyer.first", "payer.first", "payer.last"]'
    write(
        "schemas/contracts.toml",
        _MANIFEST.replace('schema = "readers/mailer.avsc"', fields),
    )
    write("schemas/readers/mailer.avsc", "")
    (folder / "readers" / "mailer.avsc").unlink()
    write("schemas/orders-value/v2.avsc", _order(buyer=_NAME, payer="Name"))

    outcome = contracts("check", "--dir", folder, "--format", "json")

    paths = [each["path"] for each in _broken(outcome.json)]
    assert paths == ["Order.payer.last"]


def _broken(report: dict[str, Any]) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = report["findings"]
    return [each for each in findings if each["rule_id"] == "READER_BROKEN"]
