"""Files that a registry finds: its own of every format, and those of others."""

import sqlite3
from pathlib import Path

import pytest

from registry.errors import ConfigError
from registry.local import Options, SqliteStore
from tests.registry_local.conftest import InProcess

_FIRST_FORMAT = Path(__file__).with_name("format_1.sql").read_text("utf-8")


def test_file_of_the_first_format_is_read_and_written_on(tmp_path: Path) -> None:
    """Whatever the format is by now, nothing of what was kept is lost or renumbered."""
    path = tmp_path / "registry.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(_FIRST_FORMAT)
    connection.close()

    registry = InProcess(Options(), SqliteStore.open(path))
    listed = registry.ask("GET", "/schemas?subjectPrefix=:*:&deleted=true").json()
    found = registry.ask("GET", "/schemas/ids/2?format=resolved").json()
    level = registry.ask("GET", "/config/orders-value").json()
    again = registry.register(":.eu:orders-value", "int")
    new = registry.register("new-value", "long")
    registry.close()

    assert [(it["subject"], it["id"], it["deleted"]) for it in listed] == [
        (":.eu:orders-value", 1, False),
        ("gone-value", 3, True),
        ("money-value", 1, False),
        ("orders-value", 2, False),
    ]
    assert found["guid"] == "9e9e266d-93fd-ce7a-b798-441d8f0a533a"
    assert '"cents"' in found["schema"]
    assert level == {"compatibilityLevel": "FULL"}
    assert (again["id"], new["id"]) == (1, 4)


@pytest.mark.parametrize("number", [0, 99])
def test_file_of_an_unknown_format_is_refused(tmp_path: Path, number: int) -> None:
    """The sentence names both formats, be it older or newer."""
    path = tmp_path / "registry.sqlite"
    SqliteStore.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {number}")
    connection.close()

    with pytest.raises(ConfigError, match=rf"has registry format {number}; .* knows 1"):
        SqliteStore.open(path)


def test_database_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """An SQLite file with other tables is not written to."""
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (id INTEGER)")
    connection.close()

    with pytest.raises(ConfigError, match="not a registry's"):
        SqliteStore.open(path)


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A text file is named as such."""
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, long enough to be read as a header\n" * 10)

    with pytest.raises(ConfigError, match="is not an SQLite file"):
        SqliteStore.open(path)


def test_file_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(ConfigError, match="cannot open the registry file"):
        SqliteStore.open(tmp_path / "nowhere" / "registry.sqlite")
