"""`contracts doctor`: what the gate lacks here."""

import shutil
import socket
from pathlib import Path

import pytest

from registry.doctor.packages import package_needs, read_lock
from registry.errors import ConfigError
from schemas import CONTRACTS
from tests.doctor.conftest import Diagnose


def test_machine_with_contracts_is_fit(diagnose: Diagnose) -> None:
    """All is said to be here: exit 0."""
    found = diagnose("contracts", "--schemas", CONTRACTS, "--port", 65432)

    assert (found.status, found.fit) == (0, True)
    assert found.conditions["contracts"]["said"] == (
        f"3 versions of 2 subjects in {CONTRACTS}"
    )


def test_folder_that_is_not_there_is_missing(diagnose: Diagnose) -> None:
    """No contracts: exit 1, and which flag names them."""
    found = diagnose("contracts")

    assert (found.status, found.fit) == (1, False)
    assert found.conditions["contracts"]["said"] == "there is no folder schemas"
    assert "--schemas" in found.conditions["contracts"]["remedy"]


def test_contracts_that_the_gate_refuses_are_missing(
    diagnose: Diagnose, tmp_path: Path
) -> None:
    """A type that changed is no contract to work with; `check` says why."""
    folder = shutil.copytree(CONTRACTS, tmp_path / "schemas")
    newest = folder / "order-details-value/v2.avsc"
    newest.write_text(newest.read_text().replace('"type": "int"', '"type": "string"'))

    found = diagnose("contracts")

    assert found.status == 1
    assert "contracts check" in found.conditions["contracts"]["remedy"]


def test_baseline_that_cannot_be_read_is_missing(diagnose: Diagnose) -> None:
    """The gate would fail closed: so does the doctor."""
    flags = ["--schemas", CONTRACTS, "--against", "dir:nowhere"]

    found = diagnose("contracts", *flags)

    assert found.status == 1
    assert "dir:nowhere is not a folder" in found.conditions["baseline"]["said"]


def test_registry_that_does_not_answer_is_missing(diagnose: Diagnose) -> None:
    """An address that is given must answer."""
    flags = ["--schemas", CONTRACTS, "--registry-url", "http://127.0.0.1:1"]

    found = diagnose("contracts", *flags)

    assert found.status == 1
    assert not found.conditions["registry"]["is_met"]


def test_port_that_is_taken_fails_nothing(diagnose: Diagnose) -> None:
    """Only `contracts serve` wants it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = diagnose("contracts", "--schemas", CONTRACTS, "--port", port)

    assert found.status == 0
    assert not found.conditions[f"port {port}"]["is_met"]
    assert found.conditions[f"port {port}"]["serves"] == "contracts serve"


def test_package_of_another_version_is_named(tmp_path: Path) -> None:
    """With what is installed, what is locked, and how to install that."""
    lock = tmp_path / "requirements.lock"
    lock.write_text("click==1.0 \\\n    --hash=sha256:00\nno-such-package==3\n")
    [_, locked] = package_needs(lock)

    with pytest.raises(ConfigError, match=r"click is [0-9.]+, locked 1\.0") as caught:
        locked.look()

    assert f"-r {lock}" in caught.value.hint


def test_lock_may_have_a_version_for_each_kind_of_machine(tmp_path: Path) -> None:
    """Whichever of them is installed is right."""
    lock = tmp_path / "requirements.lock"
    lock.write_text("a==1 ; python_version < '3.12'\na==2 ; python_version > '3.12'\n")

    assert read_lock(lock) == {"a": {"1", "2"}}


def test_installation_without_a_lock_is_not_held_against_one(tmp_path: Path) -> None:
    """The wheel has none."""
    assert [each.name for each in package_needs(tmp_path / "none")] == ["Python"]
