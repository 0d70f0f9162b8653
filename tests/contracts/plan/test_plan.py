"""`contracts plan`: what a registry lacks, in which order, and what speaks against."""

import json
from pathlib import Path

import pytest

from registry.client import RegistryClient
from registry.names import CompatibilityLevel, Subject
from registry.plans import Tree, make_plan
from tests.contracts.conftest import Contracts
from tests.contracts.folders import (
    MONEY,
    MONEY_2,
    ORDER,
    with_field,
    write_manifest,
    write_schema,
    write_shop,
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Write the folder of three subjects."""
    return write_shop(tmp_path / "shop")


def test_levels_come_first_and_references_before_those_that_name_them(
    contracts: Contracts, shop: Path, registry_url: str, client: RegistryClient
) -> None:
    """Exact references stand in every step; nothing is written."""
    outcome = contracts("plan", "--dir", shop, "--registry-url", registry_url)

    assert outcome.status == 0
    assert outcome.out.splitlines() == [
        "would set the level of c-money-value from BACKWARD to FULL_TRANSITIVE",
        "would set the level of a-cart-value from BACKWARD to FULL",
        "would register c-money-value version 1",
        "would register c-money-value version 2",
        "would register b-order-value version 1, which refers to c-money-value@2",
        "would register a-cart-value version 1, which refers to b-order-value@1",
    ]
    assert client.get_subjects() == []


def test_chosen_subject_brings_what_it_refers_to(
    contracts: Contracts, shop: Path, registry_url: str
) -> None:
    """Of the others only what is needed is planned."""
    outcome = contracts(
        "plan",
        "b-order-value",
        "--dir",
        shop,
        "--registry-url",
        registry_url,
        "--format",
        "json",
    )

    steps = outcome.json["steps"]
    assert [(each["action"], each["subject"]) for each in steps] == [
        ("set_level", "c-money-value"),
        ("register", "c-money-value"),
        ("register", "c-money-value"),
        ("register", "b-order-value"),
    ]


def test_registry_that_has_all_needs_nothing(
    contracts: Contracts, shop: Path, registry_url: str
) -> None:
    """After apply the plan is empty."""
    contracts("apply", "--dir", shop, "--registry-url", registry_url)

    outcome = contracts("plan", "--dir", shop, "--registry-url", registry_url)

    assert outcome.status == 0
    assert outcome.out == f"{registry_url} holds all of it; nothing to do\n"


def refuse(contracts: Contracts, folder: Path, url: str) -> str:
    """Plan what must be refused and return the refusals."""
    out = folder / "plan.json"
    outcome = contracts("plan", "--dir", folder, "--registry-url", url, "--out", out)
    assert outcome.status == 1
    assert not out.exists()
    return "".join(
        line for line in outcome.out.splitlines() if line.startswith("refused: ")
    )


def test_incompatible_candidate_is_refused_before_anything_is_registered(
    contracts: Contracts, tmp_path: Path, registry_url: str
) -> None:
    """The level that the plan sets counts, not the one in force now."""
    write_schema(tmp_path, "c-money-value", 1, MONEY)
    bad = with_field(MONEY, name="code", type="string")
    write_schema(tmp_path, "c-money-value", 2, bad)
    write_manifest(tmp_path, c_money_value="BACKWARD")

    refusals = refuse(contracts, tmp_path, registry_url)

    assert "c-money-value/v2.avsc" in refusals
    assert "code" in refusals


def test_later_version_that_contradicts_an_earlier_of_the_same_plan_is_refused(
    contracts: Contracts, tmp_path: Path, registry_url: str
) -> None:
    """Versions that are not registered yet are history for those after them."""
    for version, kind in enumerate(["int", "long", "int"], start=1):
        schema = {**MONEY, "fields": [{"name": "amount", "type": kind, "doc": "?"}]}
        write_schema(tmp_path, "c-money-value", version, schema)
    write_manifest(tmp_path, c_money_value="BACKWARD")

    assert "v3.avsc" in refuse(contracts, tmp_path, registry_url)


def test_released_file_that_changed_is_refused(
    contracts: Contracts, tmp_path: Path, registry_url: str, client: RegistryClient
) -> None:
    """The registry's version and the file of its number must be one schema."""
    client.register("c-money-value", json.dumps(MONEY))
    write_schema(tmp_path, "c-money-value", 1, MONEY_2)

    assert "c-money-value/v1.avsc" in refuse(contracts, tmp_path, registry_url)


def test_return_to_an_older_version_is_refused(
    contracts: Contracts, tmp_path: Path, registry_url: str
) -> None:
    """A registry answers it with the old version, so it would never become one."""
    write_schema(tmp_path, "c-money-value", 1, MONEY)
    write_schema(tmp_path, "c-money-value", 2, MONEY_2)
    write_schema(tmp_path, "c-money-value", 3, MONEY)

    assert "v3.avsc" in refuse(contracts, tmp_path, registry_url)


def test_skipped_number_is_refused(
    contracts: Contracts, tmp_path: Path, registry_url: str
) -> None:
    """The file's number must be the one that the registry would give."""
    write_schema(tmp_path, "c-money-value", 2, MONEY)

    assert "v2.avsc" in refuse(contracts, tmp_path, registry_url)


def test_soft_deleted_version_is_refused(
    contracts: Contracts, tmp_path: Path, registry_url: str, client: RegistryClient
) -> None:
    """It would come back under another number."""
    client.register("c-money-value", json.dumps(MONEY))
    client.register("c-money-value", json.dumps(MONEY_2))
    delete(client, "/subjects/c-money-value/versions/2")
    write_schema(tmp_path, "c-money-value", 1, MONEY)
    write_schema(tmp_path, "c-money-value", 2, MONEY_2)

    assert "v2.avsc" in refuse(contracts, tmp_path, registry_url)


def reasons(folder: Path, client: RegistryClient) -> list[str]:
    """Return what speaks against the folder without asking the gate."""
    return [each.reason for each in make_plan(Tree(folder), client).refusals]


def test_plan_refuses_by_itself_what_would_get_another_number(
    tmp_path: Path, client: RegistryClient
) -> None:
    """Deleted versions, skipped numbers and returns are told without the gate."""
    client.register("deleted-value", json.dumps(MONEY))
    client.register("deleted-value", json.dumps(MONEY_2))
    delete(client, "/subjects/deleted-value/versions/2")
    for subject in ("deleted-value", "return-value"):
        write_schema(tmp_path, subject, 1, MONEY)
        write_schema(tmp_path, subject, 2, MONEY_2)
    write_schema(tmp_path, "return-value", 3, MONEY)
    write_schema(tmp_path, "skipped-value", 2, MONEY)

    assert reasons(tmp_path, client) == [
        "the registry holds this version soft-deleted",
        "would not become a version: the registry takes it for 1",
        "would become version 1 in the registry",
    ]


def test_plan_refuses_by_itself_what_the_level_refuses(
    tmp_path: Path, client: RegistryClient
) -> None:
    """All versions before it count, newest first, and those after it are not tried."""
    for version, kind in enumerate(["int", "long", "int", "long"], start=1):
        schema = {**MONEY, "fields": [{"name": f"a{version}", "type": kind}]}
        write_schema(tmp_path, "c-money-value", version, schema)
    write_manifest(tmp_path, c_money_value="BACKWARD_TRANSITIVE")

    first, *rest = reasons(tmp_path, client)

    assert first.startswith("BACKWARD_TRANSITIVE refuses it: ")
    assert rest == ["an earlier version of the subject is refused"] * 2


def test_registrys_own_verdict_counts(
    tmp_path: Path, client: RegistryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the registry refuses is refused, though our algorithm accepts it."""
    monkeypatch.setattr(client, "find_refusals", lambda *_, **__: ["because"])
    write_schema(tmp_path, "c-money-value", 1, MONEY)

    assert reasons(tmp_path, client) == ["the registry refuses it: because"]


def test_registry_that_is_read_only_is_refused(
    contracts: Contracts, shop: Path, registry_url: str, client: RegistryClient
) -> None:
    """The mode is told before anything is tried."""
    put_mode(client, "READONLY")

    assert "READONLY" in refuse(contracts, shop, registry_url)


def test_file_that_is_no_schema_is_refused_with_its_place(
    contracts: Contracts, tmp_path: Path, registry_url: str
) -> None:
    """The sentence has file, line and column."""
    path = write_schema(tmp_path, "c-money-value", 1, MONEY)
    path.write_text('["int",\n "money"]')

    outcome = contracts("plan", "--dir", tmp_path, "--registry-url", registry_url)

    assert outcome.status == 1
    assert f"{path}:2:2" in f"{outcome.err}{outcome.out}"


def test_subjects_in_a_circle_are_refused(
    contracts: Contracts, tmp_path: Path, registry_url: str
) -> None:
    """Neither could be registered first."""
    other = {**ORDER, "name": "Other", "fields": [{"name": "o", "type": "shop.Order"}]}
    back = {**ORDER, "fields": [{"name": "o", "type": "shop.Other"}]}
    write_schema(tmp_path, "other-value", 1, other)
    write_schema(tmp_path, "order-value", 1, back)

    outcome = contracts("plan", "--dir", tmp_path, "--registry-url", registry_url)

    assert outcome.status == 1
    assert "order-value@1 -> other-value@1 -> order-value@1" in outcome.err


def test_unknown_subject_is_named(
    contracts: Contracts, shop: Path, registry_url: str
) -> None:
    """The sentence lists what the folder has."""
    outcome = contracts("plan", "x", "--dir", shop, "--registry-url", registry_url)

    assert outcome.status == 3
    assert "no subject x; there are: a-cart-value, b-order-value" in outcome.err


def test_registry_that_does_not_answer_leaves_it_undecided(
    contracts: Contracts, shop: Path
) -> None:
    """Exit status 3, one sentence."""
    outcome = contracts("plan", "--dir", shop, "--registry-url", "http://127.0.0.1:1")

    assert outcome.status == 3
    assert outcome.err.startswith("Error: no schema registry answers")


def test_level_that_the_manifest_leaves_open_is_left_alone(
    contracts: Contracts, tmp_path: Path, registry_url: str, client: RegistryClient
) -> None:
    """Without a manifest no level is set."""
    client.set_level("c-money-value", CompatibilityLevel.NONE)
    write_schema(tmp_path, "c-money-value", 1, MONEY)

    contracts("apply", "--dir", tmp_path, "--registry-url", registry_url)

    assert client.get_level("c-money-value") is CompatibilityLevel.NONE
    assert client.get_versions(Subject("c-money-value")) == [1]


def delete(client: RegistryClient, path: str) -> None:
    """Delete what stands below the path."""
    answer = client._transport.write("DELETE", path)  # noqa: SLF001 - no command deletes
    assert answer.is_success


def put_mode(client: RegistryClient, mode: str) -> None:
    """Set the mode of the whole registry."""
    answer = client._transport.write("PUT", "/mode", json={"mode": mode})  # noqa: SLF001 - no command does
    assert answer.is_success
