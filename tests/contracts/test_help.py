"""`contracts --help`: how each command is typed, on a terminal of 80 columns."""

import os
import subprocess
import sys

import click
import pytest

from registry.cli import contracts as command_line
from tests.contracts.conftest import Contracts

COMMANDS = sorted(command_line.commands)
WRITERS = {"apply", "codegen", "fmt", "level", "pull", "register"}
READERS = {"codegen", "compat", "diff", "drift", "fmt", "history", "level", "plan"} | {
    "pull",
    "show",
}
EXTRAS = ("confluent_kafka", "httpx2", "starlette", "uvicorn", "jinja2", "sqlalchemy")


@pytest.mark.parametrize("name", COMMANDS)
def test_example_is_shown_as_it_is_typed(contracts: Contracts, name: str) -> None:
    """The example stands on lines of its own, not folded into the text."""
    outcome = contracts(name, "--help")

    lines = outcome.out.splitlines()
    start = next(index for index, line in enumerate(lines) if "Example" in line)
    assert lines[start].strip() in {"Example:", "Examples:"}
    assert lines[start + 1].strip().startswith(f"contracts {name}")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_terminal(contracts: Contracts, name: str) -> None:
    """No line but one that cannot be broken is longer than 80 columns."""
    outcome = contracts(name, "--help")

    long = [line for line in outcome.out.splitlines() if len(line) > 80]
    assert [line for line in long if len(line.split()) > 2] == []


def options_of(name: str) -> set[str]:
    """Return the options of a command."""
    command = command_line.commands[name]
    return {each for param in command.params for each in param.opts}


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_writer_can_be_tried(name: str) -> None:
    """Whatever changes files or a registry has --dry-run."""
    assert "--dry-run" in options_of(name)


@pytest.mark.parametrize("name", sorted(READERS))
def test_reader_speaks_to_machines(name: str) -> None:
    """Whatever answers has --format json."""
    command = command_line.commands[name]
    formats = [param for param in command.params if "--format" in param.opts]

    assert [isinstance(each.type, click.Choice) for each in formats] == [True]


def run_without_extras(
    *arguments: str, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run `contracts` where the packages of the extras cannot be imported."""
    missing = "".join(f"sys.modules[{name!r}] = None; " for name in EXTRAS)
    program = (
        f"import sys; {missing}sys.argv = ['contracts', *sys.argv[1:]];"
        "import registry.cli; registry.cli.main()"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_gate_needs_no_more_than_the_base_installation() -> None:
    """Every command is there without the packages of the extras, which hooks lack."""
    done = run_without_extras("-h")

    assert done.returncode == 0, done.stderr


def test_server_without_its_packages_says_what_to_install() -> None:
    """It could not be tried: exit status 3, the missing package, and the extra."""
    done = run_without_extras("serve", "--port", "0")

    assert done.returncode == 3
    assert "the registry needs packages that are not installed" in done.stderr
    assert "Hint: in a copy of Accord's repository: pip install" in done.stderr


def test_server_without_its_packages_completes_nothing() -> None:
    """The tab key gets no word, and no traceback."""
    done = run_without_extras(
        _CONTRACTS_COMPLETE="bash_complete",
        COMP_WORDS="contracts serve --p",
        COMP_CWORD="2",
    )

    assert (done.stdout.strip(), done.stderr) == ("", "")
