"""`contracts pull`: a registry as a folder, and back."""

import json
from pathlib import Path

import pytest

from registry.client import RegistryClient
from registry.compatibility import canonical_text, parse_schema
from tests.contracts.conftest import Contracts, Outcome
from tests.contracts.folders import MONEY, MONEY_2, write_shop
from tests.contracts.plan.test_plan import delete, put_mode


@pytest.fixture
def filled(contracts: Contracts, tmp_path: Path, registry_url: str) -> str:
    """Give the address of a registry that holds the shop."""
    shop = write_shop(tmp_path / "shop")
    assert contracts("apply", "--dir", shop, "--registry-url", registry_url).status == 0
    return registry_url


def pull(contracts: Contracts, url: str, folder: Path, *more: str) -> Outcome:
    """Pull into the folder."""
    outcome = contracts("pull", folder, *more, "--registry-url", url)
    assert outcome.status == 0
    return outcome


def test_pulled_folder_and_its_registry_do_not_differ(
    contracts: Contracts, tmp_path: Path, filled: str
) -> None:
    """No drift, nothing to plan, every file in its form."""
    folder = tmp_path / "pulled"

    outcome = pull(contracts, filled, folder)

    assert outcome.out == f"wrote 4 versions of 3 subjects to {folder}\n"
    options = ("--dir", folder, "--registry-url", filled)
    assert contracts("drift", *options).status == 0
    assert "nothing to do" in contracts("plan", *options).out
    assert contracts("fmt", "--check", folder).status == 0


def test_pulled_folder_fills_another_registry_alike(
    contracts: Contracts, tmp_path: Path, filled: str, other_registry_url: str
) -> None:
    """Pull, apply elsewhere, pull there: the same folder but for the ids."""
    one, two = tmp_path / "one", tmp_path / "two"
    pull(contracts, filled, one)

    applied = contracts("apply", "--dir", one, "--registry-url", other_registry_url)

    assert applied.status == 0
    pull(contracts, other_registry_url, two)
    assert read(one, "*/*.avsc") == read(two, "*/*.avsc")
    assert read(one, "contracts.toml") == read(two, "contracts.toml")


def test_ids_are_kept_in_import_mode(
    contracts: Contracts,
    tmp_path: Path,
    filled: str,
    other_registry_url: str,
) -> None:
    """Records written with the first registry's ids decode with the second's."""
    one, two = tmp_path / "one", tmp_path / "two"
    with RegistryClient(filled) as client:
        client.register("d-late-value", json.dumps(MONEY))
        client.register("e-int-value", '"int"')
    pull(contracts, filled, one, "b-order-value", "c-money-value", "e-int-value")
    with RegistryClient(other_registry_url) as client:
        put_mode(client, "IMPORT")

    applied = contracts(
        "apply", "--dir", one, "--registry-url", other_registry_url, "--keep-ids"
    )

    assert applied.status == 0
    pull(contracts, other_registry_url, two)
    assert read(one, "registry-ids.json") == read(two, "registry-ids.json")


def test_keeping_ids_outside_import_mode_is_refused(
    contracts: Contracts, tmp_path: Path, filled: str, other_registry_url: str
) -> None:
    """The sentence names the mode that it takes."""
    pull(contracts, filled, tmp_path / "one")

    outcome = contracts(
        "apply",
        "--dir",
        tmp_path / "one",
        "--registry-url",
        other_registry_url,
        "--keep-ids",
    )

    assert outcome.status == 1
    assert "keeping ids takes mode IMPORT" in outcome.out


def test_exact_references_survive(
    contracts: Contracts, tmp_path: Path, filled: str, other_registry_url: str
) -> None:
    """A version that refers to an older version of another goes on referring to it."""
    with RegistryClient(filled) as client:
        newer = {**MONEY_2, "aliases": ["shop.Coins"]}
        client.register("c-money-value", json.dumps(newer))
    pull(contracts, filled, tmp_path / "one")

    contracts("apply", "--dir", tmp_path / "one", "--registry-url", other_registry_url)

    with RegistryClient(other_registry_url) as client:
        held = client.get_version("b-order-value", 1)
    assert [each.version for each in held.references] == [2]


def test_what_no_folder_can_hold_is_left_out_and_named(
    contracts: Contracts, tmp_path: Path, registry_url: str, client: RegistryClient
) -> None:
    """Names that are no folder's, and deleted versions; nothing outside the folder."""
    client.register("../evil", '"int"')
    client.register("s", '"int"')
    client.register("s", '"long"')
    delete(client, "/subjects/s/versions/1")

    outcome = pull(contracts, registry_url, tmp_path / "pulled")

    assert outcome.out.splitlines()[:-1] == [
        "left out: ../evil: its name cannot be a folder's",
        "left out: s version 1: it is soft-deleted",
    ]
    assert sorted(read(tmp_path, "**/*.avsc")) == ["pulled/s/v2.avsc"]


def test_folder_that_is_not_empty_is_left_alone(
    contracts: Contracts, tmp_path: Path, filled: str
) -> None:
    """Nothing is overwritten."""
    (tmp_path / "file").touch()

    outcome = contracts("pull", tmp_path, "--registry-url", filled)

    assert outcome.status == 3
    assert "is not empty" in outcome.err


def test_dry_run_writes_nothing(
    contracts: Contracts, tmp_path: Path, filled: str
) -> None:
    """It says what it would."""
    outcome = pull(contracts, filled, tmp_path / "pulled", "--dry-run")

    assert outcome.out.startswith("would write 4 versions")
    assert not (tmp_path / "pulled").exists()


def test_schema_in_the_file_is_the_registrys(
    contracts: Contracts, tmp_path: Path, registry_url: str, client: RegistryClient
) -> None:
    """Attributes that Avro has no rule for, docs and defaults come along."""
    text = json.dumps(
        {
            "type": "record",
            "name": "R",
            "owner": "é",
            "fields": [
                {"name": "a", "type": "bytes", "default": "\u0000\u00ff", "x": [1.0]}
            ],
        }
    )
    client.register("s", text)

    pull(contracts, registry_url, tmp_path / "pulled")

    pulled = (tmp_path / "pulled/s/v1.avsc").read_text()
    assert canonical_text(parse_schema(pulled)) == client.get_version("s", 1).text


def test_unknown_subject_is_named(
    contracts: Contracts, tmp_path: Path, registry_url: str
) -> None:
    """Nothing is written for a subject that is not there."""
    outcome = contracts("pull", tmp_path / "p", "x", "--registry-url", registry_url)

    assert outcome.status == 3
    assert "no subject x" in outcome.err
    assert not (tmp_path / "p").exists()


def read(folder: Path, pattern: str) -> dict[str, str]:
    """Return the texts of the files by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.glob(pattern)
    }
