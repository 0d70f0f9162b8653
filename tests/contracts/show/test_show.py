"""`contracts show` and `contracts codec`: which version is meant."""

from pathlib import Path

import pytest

from registry.client import RegistryClient
from tests.contracts.conftest import Contracts
from tests.contracts.folders import MONEY, MONEY_2, write_schema, write_shop
from tests.contracts.plan.test_plan import delete


@pytest.mark.parametrize("command", ["show", "codec"])
def test_deleted_version_is_not_the_newest(
    contracts: Contracts, client: RegistryClient, tmp_path: Path, command: str
) -> None:
    """Without --version the newest counts that the registry still shows."""
    folder = tmp_path / "shop"
    write_schema(folder, "c-money-value", 1, MONEY)
    write_schema(folder, "c-money-value", 2, MONEY_2)
    contracts("apply", "--dir", folder, "--registry-url", client.url)
    delete(client, "/subjects/c-money-value/versions/2")
    source = ("c-money-value", "--from", f"registry:{client.url}")

    newest = contracts(command, *source)
    first = contracts(command, *source, "--version", "1")

    assert (newest.status, newest.out) == (0, first.out)


def test_version_that_is_not_there_is_named(
    contracts: Contracts, tmp_path: Path
) -> None:
    """Also of a folder, which is no registry."""
    folder = write_shop(tmp_path / "shop")

    outcome = contracts(
        "show", "c-money-value", "--version", "9", "--from", f"dir:{folder}"
    )

    assert outcome.status == 3
    assert "Error: c-money-value has no version 9\n" in outcome.err
