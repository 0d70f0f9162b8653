"""Every command that asks a registry, against each kind of registry there is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.client import RegistryClient
from registry.errors import RegistryRefused
from registry.local import Emulation, Options
from registry.names import CompatibilityLevel, SchemaId, Subject, Version
from registry.registered import RegisteredSchema
from tests.contracts.conftest import Contracts, Outcome, serve_app, serve_registry
from tests.contracts.folders import write_manifest, write_schema
from tests.contracts.registries.holdings import (
    AIOHTTP,
    BEFORE_2024,
    FASTAPI,
    Generation,
)
from tests.contracts.registries.karapace import make_karapace

CONFLUENT = {"confluent 7": Emulation.V7_9, "confluent 8": Emulation.V8}
KARAPACE = {"karapace on aiohttp": AIOHTTP, "karapace on fastapi": FASTAPI}
OLD = {"karapace before 2024": BEFORE_2024}
WITH_REFERENCES = [*CONFLUENT, *KARAPACE]
EVERY = [*WITH_REFERENCES, *OLD]

MONEY: dict[str, Any] = {
    "type": "record",
    "name": "Money",
    "namespace": "shop",
    "doc": "An amount.",
    "zone": {"z": 1, "a": [2, {"y": None, "b": "ü"}]},
    "fields": [
        {"name": "amount", "type": "long", "doc": "In cents."},
        {
            "name": "rates",
            "type": {"type": "map", "values": "double"},
            "default": {"usd": 1.5, "chf": 1e10},
            "doc": "By currency.",
        },
    ],
}
MONEY_2 = {
    **MONEY,
    "fields": [
        *MONEY["fields"],
        {"name": "currency", "type": "string", "default": "EUR", "doc": "ISO 4217."},
    ],
}
BROKEN = {**MONEY_2, "fields": [{"name": "n", "type": "int", "doc": "Needed."}]}
ORDER = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "doc": "An order.",
    "fields": [{"name": "total", "type": "shop.Money", "doc": "To pay."}],
}
UNKNOWN = "the registry answered 404: it does not know"
MANIFEST = """
[money-value]
topic = "money"
level = "FULL_TRANSITIVE"
owner = "shop"
"""


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of an empty registry of the kind that the test names."""
    generations: dict[str, Generation] = KARAPACE | OLD
    if request.param in CONFLUENT:
        options = Options(emulate=CONFLUENT[request.param])
        with serve_registry(options=options) as url:
            yield url
    else:
        with serve_app(make_karapace(generations[request.param])) as url:
            yield url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a subject with two versions, and one that refers to it."""
    path = tmp_path / "schemas"
    write_schema(path, "money-value", 1, MONEY)
    write_schema(path, "money-value", 2, MONEY_2)
    write_schema(path, "order-value", 1, ORDER)
    write_manifest(path, money_value="FULL_TRANSITIVE")
    return path


@pytest.fixture
def money(tmp_path: Path) -> Path:
    """Write the first of the two subjects alone."""
    path = tmp_path / "money"
    write_schema(path, "money-value", 1, MONEY)
    write_schema(path, "money-value", 2, MONEY_2)
    (path / "contracts.toml").write_text(MANIFEST)
    return path


def run(contracts: Contracts, command: str, folder: Path, url: str) -> Outcome:
    """Run a command on the folder and the registry."""
    return contracts(command, "--dir", folder, "--registry-url", url)


def check(contracts: Contracts, folder: Path, url: str) -> Outcome:
    """Check the folder against the registry."""
    against = f"registry:{url}"
    return contracts("check", "--dir", folder, "--against", against, "--format", "json")


def rule_ids(outcome: Outcome) -> set[str]:
    """Return the rules that found something worse than a matter of style."""
    found = {each["rule_id"] for each in outcome.json["findings"]}
    return {each for each in found if not each.startswith("LINT_")}


@pytest.mark.parametrize("kind", WITH_REFERENCES, indirect=True)
def test_folder_goes_into_the_registry_and_comes_out_again(
    contracts: Contracts, folder: Path, kind: str, tmp_path: Path
) -> None:
    """Check, plan, apply, drift, history, pull and check again: nothing differs."""
    assert check(contracts, folder, kind).status == 0
    assert run(contracts, "plan", folder, kind).out.splitlines() == [
        "would set the level of money-value from BACKWARD to FULL_TRANSITIVE",
        "would register money-value version 1",
        "would register money-value version 2",
        "would register order-value version 1, which refers to money-value@2",
    ]

    applied = run(contracts, "apply", folder, kind)

    assert (applied.status, applied.err) == (0, "")
    assert "nothing to do" in run(contracts, "apply", folder, kind).out
    assert run(contracts, "drift", folder, kind).out == "no difference\n"
    assert contracts("history", "--from", f"registry:{kind}").out.splitlines() == [
        "money-value version 1: id 1",
        "money-value version 2: id 2",
        "order-value version 1: id 3",
    ]
    pulled = tmp_path / "pulled"
    assert contracts("pull", pulled, "--registry-url", kind).status == 0
    assert run(contracts, "drift", pulled, kind).status == 0
    assert "nothing to do" in run(contracts, "plan", pulled, kind).out
    assert check(contracts, folder, kind).status == 0


@pytest.mark.parametrize("kind", EVERY, indirect=True)
def test_registered_twice_is_registered_once(
    contracts: Contracts, money: Path, kind: str
) -> None:
    """`register` sets the level, registers, and finds its own work."""
    first = run(contracts, "register", money, kind)
    second = run(contracts, "register", money, kind)

    assert first.out.splitlines() == [
        "money-value version 1: id 1, new",
        "money-value version 2: id 2, new",
    ]
    assert second.out == first.out.replace("new", "already registered")


@pytest.mark.parametrize("kind", EVERY, indirect=True)
def test_subject_without_references_is_applied(
    contracts: Contracts, money: Path, kind: str
) -> None:
    """Plan, apply and drift need nothing that the oldest of them lacks."""
    assert run(contracts, "apply", money, kind).status == 0
    assert run(contracts, "drift", money, kind).status == 0
    assert check(contracts, money, kind).status == 0


@pytest.mark.parametrize("kind", EVERY, indirect=True)
def test_registry_and_gate_refuse_the_same_candidate(
    contracts: Contracts, money: Path, kind: str
) -> None:
    """What breaks both versions is refused, and nobody disagrees."""
    run(contracts, "apply", money, kind)
    write_schema(money, "money-value", 3, BROKEN)

    outcome = check(contracts, money, kind)

    assert outcome.status == 1
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in rule_ids(outcome)
    assert "REGISTRY_DISAGREES" not in rule_ids(outcome)
    assert run(contracts, "plan", money, kind).status == 1


@pytest.mark.parametrize("kind", EVERY, indirect=True)
def test_registry_that_judges_by_another_level_is_found_out(
    contracts: Contracts, money: Path, kind: str
) -> None:
    """The registry's own verdict is asked for, in the way that it knows."""
    run(contracts, "apply", money, kind)
    with RegistryClient(kind) as client:
        assert client.find_refusals("money-value", json.dumps(BROKEN)) != []
        assert client.find_refusals("money-value", json.dumps(MONEY)) == []
        assert client.find_refusals("unheard-of", json.dumps(BROKEN)) == []


@pytest.mark.parametrize("kind", EVERY, indirect=True)
def test_level_of_a_subject_that_nobody_has_seen_is_the_global_one(
    contracts: Contracts, kind: str
) -> None:
    """Shown, set before there is any version, and shown again."""
    options = ("level", "new-value", "--registry-url", kind)

    before = contracts(*options)
    change = contracts(*options, "--set", "FULL")
    after = contracts(*options)

    assert before.out == "new-value: BACKWARD\n"
    assert change.out == "new-value: BACKWARD -> FULL\n"
    assert after.out == "new-value: FULL\n"


@pytest.mark.parametrize("kind", EVERY, indirect=True)
def test_global_level_holds_for_a_subject_without_its_own(
    contracts: Contracts, money: Path, kind: str
) -> None:
    """The level in force is told apart from the level of the subject itself."""
    write_manifest(money)
    run(contracts, "apply", money, kind)

    contracts("level", "--set", "FORWARD", "--registry-url", kind)

    with RegistryClient(kind) as client:
        assert client.get_level("money-value") is CompatibilityLevel.FORWARD
        assert client.find_level("money-value") is None
        assert client.get_mode("money-value") == "READWRITE"


@pytest.mark.parametrize("kind", WITH_REFERENCES, indirect=True)
def test_soft_deleted_version_is_seen(
    contracts: Contracts, money: Path, kind: str
) -> None:
    """History, drift and pull say that it is deleted, and plan refuses its number."""
    run(contracts, "apply", money, kind)
    httpx.delete(f"{kind}/subjects/money-value/versions/2").raise_for_status()

    history = contracts("history", "--from", f"registry:{kind}")
    drift = run(contracts, "drift", money, kind)
    plan = run(contracts, "plan", money, kind)

    assert "money-value version 2: id 2, deleted" in history.out
    assert "version 2: the registry holds it soft-deleted" in drift.out
    assert plan.status == 1


@pytest.mark.parametrize("kind", [*KARAPACE, *OLD], indirect=True)
def test_import_that_a_registry_does_not_know_is_refused_in_a_line(kind: str) -> None:
    """A version with a number and an id is a malformed body to Karapace."""
    version = RegisteredSchema(
        subject=Subject("s"), version=Version(1), schema_id=SchemaId(1), text='"int"'
    )

    with RegistryClient(kind) as client, pytest.raises(RegistryRefused) as caught:
        client.import_version(version)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", EVERY, indirect=True)
def test_ids_are_not_kept_by_a_registry_that_takes_none(
    contracts: Contracts, money: Path, kind: str
) -> None:
    """Without mode IMPORT the plan says so, and nothing is written."""
    options = ("--dir", money, "--registry-url", kind)

    outcome = contracts("apply", "--keep-ids", *options)

    assert outcome.status == 1
    assert "keeping ids takes mode IMPORT" in outcome.out
    with RegistryClient(kind) as client:
        assert client.find_versions("money-value") == []


@pytest.mark.parametrize("kind", [*KARAPACE, *OLD], indirect=True)
@pytest.mark.parametrize("command", ["plan", "apply", "drift", "register"])
def test_context_that_a_registry_does_not_know_is_a_sentence(
    contracts: Contracts, money: Path, kind: str, command: str
) -> None:
    """Karapace has no contexts: undecided, not empty."""
    outcome = run(contracts, command, money, f"{kind}/contexts/.team")

    assert outcome.status == 3
    assert outcome.err.startswith(
        "Error: the registry answered 404: it does not know GET"
    )
    assert outcome.err.count("\n") == 1
