"""What is installed is what the lock names, today and when there is something newer."""

import re
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INSTALLERS = [ROOT / "Makefile", ROOT / "Dockerfile"]
LOCKS = [ROOT / "requirements.lock", ROOT / "deploy" / "image.lock"]


@pytest.mark.parametrize("path", INSTALLERS, ids=lambda path: path.name)
def test_installing_never_looks_beyond_the_lock(path: Path) -> None:
    """With dependencies, pip 23 takes the newest release of an extra, and fails."""
    text = path.read_text()
    pip = re.findall(r"^PIP = (.*)$", text, re.MULTILINE)
    lines = re.findall(r"^.*pip install.*$", text, re.MULTILINE)

    assert lines
    assert [each for each in lines if "--no-deps" not in f"{each}{pip}"] == []


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock_says_where_from_by_hashes_alone(path: Path) -> None:
    """No index, no address: every release is known by its content."""
    text = path.read_text()

    assert "://" not in text
    assert re.findall(r"^[a-z].*==.*[^\\]$", text, re.MULTILINE) == []


def test_installed_releases_are_those_of_the_lock() -> None:
    """What the tests ran with is what everybody gets."""
    locked = dict(
        re.findall(r"^([a-z0-9-]+)==(\S+)", LOCKS[0].read_text(), re.MULTILINE)
    )
    installed = {
        re.sub(r"[-_.]+", "-", each.name.lower()): each.version
        for each in distributions()
    }

    assert locked
    differing = {
        name: (version, installed[name])
        for name, version in locked.items()
        if name in installed and installed[name] != version
    }
    assert differing == {}
