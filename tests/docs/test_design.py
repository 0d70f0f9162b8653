"""docs/DESIGN.md is short, and true of the tree."""

import importlib
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/DESIGN.md").read_text(encoding="utf-8")
FILE_MAP = PAGE.split("## File map\n")[1].split("\n## ", maxsplit=1)[0]
ROWS = re.findall(r"^\| (`.*?`) \|", FILE_MAP, re.MULTILINE)
PARTS = sorted(
    path
    for package in ("registry", "runtime", "producers", "sinks", "operations")
    for path in (ROOT / package).iterdir()
    if (path / "__init__.py").exists()
)


def places_in(row: str) -> list[Path]:
    """Return what a row names; all but the first stand beside it, or in the root."""
    first, *others = re.findall(r"`([^`]+)`", row)
    folder = (ROOT / first).parent
    beside = [folder / name for name in others]
    return [
        ROOT / first,
        *(
            near if near.exists() else ROOT / name
            for near, name in zip(beside, others, strict=True)
        ),
    ]


def test_design_can_be_read_at_one_sitting() -> None:
    """It has 300 lines at most."""
    assert len(PAGE.splitlines()) <= 300


@pytest.mark.parametrize("row", ROWS)
def test_every_file_of_the_map_is_there(row: str) -> None:
    """A row names files and folders of the tree."""
    assert [path for path in places_in(row) if not path.exists()] == []


@pytest.mark.parametrize("part", PARTS, ids=lambda path: path.name)
def test_every_package_is_in_the_map(part: Path) -> None:
    """No package within a package is left out."""
    assert part in {path for row in ROWS for path in places_in(row)}


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`((?:registry|runtime)\.[\w.]+)`", PAGE)))
)
def test_every_name_in_the_text_exists(name: str) -> None:
    """A module, or what it defines, written with dots."""
    module, _, attribute = name.rpartition(".")

    found = dir(importlib.import_module(module))

    assert attribute in found or importlib.util.find_spec(name) is not None
