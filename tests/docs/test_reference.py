"""The pages of docs/reference that are made from the code are up to date."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from operations.reference import PAGES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/reference"
CONFIGURATION = (FOLDER / "configuration.md").read_text(encoding="utf-8")
READ_IN = ("runtime/config.py", "registry/cli/options.py", "operations/stack/java.py")
"""Where the environment is read; tests/test_architecture.py holds it to that."""
VARIABLES = {
    name
    for path in READ_IN
    for name in re.findall(
        r'"((?:KAFKA|SCHEMA_REGISTRY|CONTRACTS|JAVA)_[A-Z_]+)"',
        (ROOT / path).read_text(encoding="utf-8"),
    )
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the pages as `make docs` makes them, in a process of its own.

    click keeps the first `--help` that it made of a command, and tests make others.
    """
    folder = tmp_path_factory.mktemp("reference")
    command = [sys.executable, "-m", "operations.reference", str(folder)]
    subprocess.run(command, check=True, timeout=120)
    return folder


@pytest.mark.parametrize("name", PAGES)
def test_page_is_up_to_date(name: str, made: Path) -> None:
    """If not: make docs."""
    text = (FOLDER / name).read_text(encoding="utf-8")

    assert text == (made / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_page_is_the_same_on_every_machine(name: str, made: Path) -> None:
    """No page holds a folder of the machine that it was made on."""
    text = (made / name).read_text(encoding="utf-8")

    assert str(ROOT) not in text
    assert str(Path.home()) not in text


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_variable_that_is_read_is_on_the_page(name: str) -> None:
    """No setting is known to the code alone; a family is named by its beginning."""
    assert f"`{name}" in CONFIGURATION
