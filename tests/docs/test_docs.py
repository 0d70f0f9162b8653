"""The documents say what is there."""

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from operations.reference.programs import PROGRAMS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]


COMMANDS = {
    context.command_path: context.command
    for program in PROGRAMS
    for context in program.contexts()
}
LINE = 80
UNBREAKABLE = 2
TARGETS = "setup demo up test system lint contracts bench soak docs clean".split()  # noqa: SIM905 - read as typed


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link of a document names a file of the repository."""
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text())
    broken = [link for link in links if not (path.parent / link).exists()]

    assert broken == []


@pytest.mark.parametrize("words", ["make demo", "make test", *SCRIPTS])
def test_readme_names_what_people_run(words: str) -> None:
    """The two commands and every console script stand in the README."""
    assert words in README


@pytest.mark.parametrize("target", re.findall(r"make ([a-z]+)", README))
def test_readme_names_targets_that_exist(target: str) -> None:
    """Every `make` target of the README is one of the Makefile."""
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_console_script_is_told_about() -> None:
    """What follows of commands holds for those of all scripts."""
    assert [each.name for each in PROGRAMS] == list(SCRIPTS)


@pytest.mark.parametrize("words", COMMANDS)
def test_help_has_an_example(words: str) -> None:
    """`--help` of every command shows how it is typed."""
    text = COMMANDS[words].help or ""

    assert re.search(r"^ *Examples?:", text, re.MULTILINE)


@pytest.mark.parametrize("words", COMMANDS)
def test_help_fits_a_terminal(words: str) -> None:
    """No line of --help but one that cannot be broken is longer than 80 columns."""
    shown = CliRunner().invoke(COMMANDS[words], ["--help"], prog_name=words)

    long = [line for line in shown.output.splitlines() if len(line) > LINE]
    assert [line for line in long if len(line.split()) > UNBREAKABLE] == []


@pytest.mark.parametrize("target", TARGETS)
def test_makefile_explains_its_targets(target: str) -> None:
    """`make help` has a line for every target."""
    assert re.search(
        rf"^{target}:.*## \w", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
