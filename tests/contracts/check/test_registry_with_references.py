"""The registry's own verdict on candidates that refer to other subjects."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.client import RegistryClient
from registry.registered import Reference
from tests.contracts.conftest import Contracts, Outcome, serve_registry
from tests.contracts.folders import MONEY, ORDER, with_field, write_schema

_MONEY = Reference(name="shop.Money", subject="money", version=1)
_ASKED = "/compatibility/subjects/order/versions"
_NO = {"is_compatible": False, "messages": ["it says no"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a version 2 of a schema that refers to another."""
    write_schema(tmp_path, "money", 1, MONEY)
    write_schema(tmp_path, "order", 1, ORDER)
    added = with_field(ORDER, name="a", type="int", default=0)
    write_schema(tmp_path, "order", 2, added)
    return tmp_path


@pytest.fixture
def contrary_url() -> Iterator[str]:
    """Give a registry that holds version 1 and refuses every other, whatever it is."""
    with serve_registry({_ASKED: _NO}) as url:
        _release(url)
        yield url


def test_registry_is_asked_with_references(
    contracts: Contracts, folder: Path, contrary_url: str
) -> None:
    """A registry that says something else than the gate is found out."""
    outcome = _check(contracts, folder, contrary_url)

    assert _disagreements(outcome) == ["order"]


def test_registry_and_gate_agree_about_references(
    contracts: Contracts, folder: Path, registry_url: str
) -> None:
    """Without them it could not read the candidate, and would refuse it."""
    _release(registry_url)

    outcome = _check(contracts, folder, registry_url)

    assert outcome.status == 0
    assert _disagreements(outcome) == []


def test_registry_that_lacks_a_reference_is_not_asked(
    contracts: Contracts, folder: Path, contrary_url: str
) -> None:
    """A candidate may come with a new version of what it refers to."""
    write_schema(folder, "money", 2, with_field(MONEY, name="b", type="int", default=0))

    outcome = _check(contracts, folder, contrary_url)

    assert _disagreements(outcome) == []


def _release(url: str) -> None:
    with RegistryClient(url) as client:
        client.register("money", json.dumps(MONEY))
        client.register("order", json.dumps(ORDER), references=[_MONEY])


def _check(contracts: Contracts, folder: Path, url: str) -> Outcome:
    words = ("check", "--dir", folder, "--against", f"registry:{url}")
    return contracts(*words, "--format", "json")


def _disagreements(outcome: Outcome) -> list[str]:
    return [
        each["subject"]
        for each in outcome.json["findings"]
        if each["rule_id"] == "REGISTRY_DISAGREES"
    ]
