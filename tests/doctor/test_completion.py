"""What a shell completes."""

import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete

from operations.cli import pipeline
from producers.order_service import main as order_service
from registry.cli import contracts
from schemas import CONTRACTS

_BIN = Path(sys.executable).parent
_PROGRAMS = {
    "contracts": contracts,
    "pipeline": pipeline,
    "order-service": order_service,
}
# As the README has it typed, then a press of the tab key.
_ASK = """
eval "$(_CONTRACTS_COMPLETE=bash_source contracts)"
COMP_WORDS=(contracts check order-d) COMP_CWORD=2
_contracts_completion contracts
printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with contracts."""
    shutil.copytree(CONTRACTS, tmp_path / "schemas")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def complete(words: str, incomplete: str = "") -> list[str]:
    """Return what completes a word after others."""
    program, *arguments = words.split()
    command: click.Command = _PROGRAMS[program]
    shell = BashComplete(command, {}, program, "_ANY_COMPLETE")
    return [each.value for each in shell.get_completions(arguments, incomplete)]


def test_bash_asks_and_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line that the README has for bash is all that it takes."""
    monkeypatch.setenv("PATH", str(_BIN), prepend=":")

    done = subprocess.run(
        ["bash", "--norc", "-c", _ASK], capture_output=True, text=True, check=True
    )

    assert done.stdout == "order-details-value\n"


@pytest.mark.parametrize(
    ("words", "incomplete", "expected"),
    [
        ("contracts", "do", ["doctor"]),
        ("contracts check", "order-d", ["order-details-value"]),
        (
            "contracts check order-details-value",
            "",
            ["order-processed-value"],
        ),
        ("contracts show", "", ["order-details-value", "order-processed-value"]),
        ("contracts register --subject", "order-p", ["order-processed-value"]),
        ("contracts evolve", "order-p", ["order-processed-value"]),
        ("contracts check --against", "", ["dir:", "git:", "registry:"]),
        ("contracts check --against", "dir:sch", ["dir:schemas"]),
        (
            "contracts history --from",
            "dir:schemas/order-p",
            ["dir:schemas/order-processed-value"],
        ),
        ("contracts check --format", "sar", ["sarif"]),
        ("contracts serve", "--basic-auth-f", ["--basic-auth-file"]),
        ("contracts serve --emulate", "", ["7.9", "8.x"]),
        ("pipeline", "ver", ["verify"]),
        ("pipeline up --services", "order-service,d", ["order-service,dashboard"]),
        ("pipeline up --services", "n", ["none", "notification-service"]),
        ("pipeline dlq list --service", "a", ["analytics-service"]),
        ("order-service", "--contr", ["--contract-version"]),
    ],
)
def test_word_is_completed(words: str, incomplete: str, expected: list[str]) -> None:
    """Commands, flags and choices by click; subjects, baselines, services by us."""
    assert complete(words, incomplete) == expected


def test_branch_is_completed(folder: Path) -> None:
    """git:REF knows the repository's branches and tags."""
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@shop.example"]
    for command in (
        ["init", "-q", "-b", "trunk"],
        ["add", "."],
        ["commit", "-qm", "x"],
    ):
        subprocess.run([*git, *command], cwd=folder, check=True)

    assert complete("contracts check --against", "git:tr") == ["git:trunk"]


def test_folder_of_its_own_is_asked_for_subjects(folder: Path) -> None:
    """--schemas before the word decides whose subjects they are."""
    (folder / "other/payments-value").mkdir(parents=True)
    (folder / "other/payments-value/v1.avsc").touch()

    assert complete("contracts check --schemas other", "") == ["payments-value"]
