"""`contracts drift`: every difference, seen from both sides."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.client import RegistryClient
from registry.names import CompatibilityLevel
from tests.contracts.conftest import Contracts
from tests.contracts.folders import MONEY, MONEY_2, write_schema, write_shop
from tests.contracts.plan.test_plan import delete


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Write the folder of three subjects."""
    return write_shop(tmp_path / "shop")


@pytest.fixture
def applied(contracts: Contracts, shop: Path, registry_url: str) -> Path:
    """Return the folder, all of it registered."""
    assert contracts("apply", "--dir", shop, "--registry-url", registry_url).status == 0
    return shop


def rows(contracts: Contracts, folder: Path, url: str) -> list[tuple[str, str, int]]:
    """Return kind, subject and version of the differences."""
    outcome = contracts(
        "drift", "--dir", folder, "--registry-url", url, "--format", "json"
    )
    assert outcome.status == bool(outcome.json)
    return [(each["kind"], each["subject"], each["version"]) for each in outcome.json]


def test_no_difference_after_apply(
    contracts: Contracts, applied: Path, registry_url: str
) -> None:
    """Exit status 0 and one line."""
    outcome = contracts("drift", "--dir", applied, "--registry-url", registry_url)

    assert outcome.status == 0
    assert outcome.out == "no difference\n"


Change = Callable[[Path, RegistryClient], object]
DRIFTS: dict[str, tuple[Change, tuple[str, str, int | None]]] = {
    "version of the registry alone": (
        lambda folder, _: (folder / "c-money-value/v2.avsc").rename(folder / "v2"),
        ("only_in_registry", "c-money-value", 2),
    ),
    "version of the folder alone": (
        lambda folder, _: write_schema(
            folder, "c-money-value", 3, {**MONEY_2, "doc": "More."}
        ),
        ("only_in_folder", "c-money-value", 3),
    ),
    "subject of the registry alone": (
        lambda _, client: client.register("x-value", '"int"'),
        ("only_in_registry", "x-value", None),
    ),
    "subject of the folder alone": (
        lambda folder, _: write_schema(folder, "x-value", 1, {"type": "int"}),
        ("only_in_folder", "x-value", None),
    ),
    "schema": (
        lambda folder, _: write_schema(folder, "c-money-value", 1, MONEY_2),
        ("schema", "c-money-value", 1),
    ),
    "doc": (
        lambda folder, _: write_schema(
            folder, "c-money-value", 1, {**MONEY, "doc": "Other."}
        ),
        ("schema", "c-money-value", 1),
    ),
    "level": (
        lambda _, client: client.set_level("a-cart-value", CompatibilityLevel.NONE),
        ("level", "a-cart-value", None),
    ),
    "deleted": (
        lambda _, client: delete(client, "/subjects/a-cart-value/versions/1"),
        ("deleted_in_registry", "a-cart-value", 1),
    ),
}


@pytest.mark.parametrize("name", DRIFTS)
def test_difference_is_found(
    contracts: Contracts,
    applied: Path,
    registry_url: str,
    client: RegistryClient,
    name: str,
) -> None:
    """Exactly the one difference is told, by kind, subject and version."""
    change, expected = DRIFTS[name]

    change(applied, client)

    assert rows(contracts, applied, registry_url) == [expected]


def test_text_of_a_file_alone_is_no_drift(
    contracts: Contracts, applied: Path, registry_url: str
) -> None:
    """Indentation and the order of attributes do not count."""
    text = json.dumps(dict(reversed(MONEY.items())))
    (applied / "c-money-value/v1.avsc").write_text(text)

    assert rows(contracts, applied, registry_url) == []


def test_foreign_subjects_are_left_out_on_request(
    contracts: Contracts, applied: Path, registry_url: str, client: RegistryClient
) -> None:
    """--known-only, or a list of subjects, is for registries that are shared."""
    client.register("x-value", '"int"')
    options = ("--dir", applied, "--registry-url", registry_url)

    assert contracts("drift", *options).status == 1
    assert contracts("drift", *options, "--known-only").status == 0
    assert contracts("drift", "a-cart-value", *options).status == 0


def test_subject_that_nobody_has_is_no_difference(
    contracts: Contracts, applied: Path, registry_url: str
) -> None:
    """A misspelt subject cannot be compared: status 3, and those there are."""
    outcome = contracts("drift", "x", "--dir", applied, "--registry-url", registry_url)

    assert outcome.status == 3
    assert "like the registry, has no subject x; there are: a-cart-value" in outcome.err
