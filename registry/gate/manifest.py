"""`contracts.toml`: everything optional, nothing unknown.

The gate judges folders whose manifest says little, or that have none; the catalog,
which services start from, reads the same and demands more.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, NoReturn

from registry.errors import InvalidContract
from registry.names import CompatibilityLevel, Subject

MANIFEST = "contracts.toml"
_DEFAULT_PARTITIONS = 6
_TABLE_KEYS = {"topic", "level", "owner", "partitions", "readers", "suppressions"}
_SUPPRESSION_KEYS = {"rule", "path", "reason", "owner", "expires"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One consumer: the fields it reads, or the file of its own reader schema."""

    name: str
    fields: tuple[str, ...] = ()
    schema_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A finding that its owner accepts until a day.

    Attributes:
        path: Field path that it is about, or "" for the whole subject.
        expires: Last day on which it counts.
    """

    rule: str
    path: str
    reason: str
    owner: str
    expires: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectEntry:
    """What the manifest says about one subject.

    Attributes:
        partitions: Number of partitions its topic is created with, >= 1.
    """

    topic: str = ""
    level: CompatibilityLevel | None = None
    owner: str = ""
    partitions: int = _DEFAULT_PARTITIONS
    readers: tuple[Reader, ...] = ()
    suppressions: tuple[Suppression, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The manifest of a folder; without entries if there is none."""

    name: str = MANIFEST
    text: str = field(default="", repr=False)
    entries: Mapping[Subject, SubjectEntry] = field(default_factory=dict)

    def entry(self, subject: Subject) -> SubjectEntry:
        """Return what it says about the subject, by default nothing."""
        return self.entries.get(subject, SubjectEntry())

    @property
    def reader_files(self) -> set[str]:
        """Files, relative to the folder, that hold a consumer's own schema."""
        return {
            PurePath(reader.schema_file).as_posix()
            for entry in self.entries.values()
            for reader in entry.readers
            if reader.schema_file
        }

    def line_of(self, subject: Subject, key: str, *, occurrence: int = 0) -> int:
        """Return the line, from 1, where the subject's table has the key; 0 if nowhere.

        A table below it, such as a suppression, is found by its own keys: the first
        line from the subject's header on that starts with the key, or a later one.
        """
        lines = self.text.splitlines()
        header = re.compile(rf"\s*\[+\s*[\"']?{re.escape(subject)}[\"']?\s*[.\]]")
        start = next((n for n, line in enumerate(lines) if header.match(line)), None)
        if start is None:
            return 0
        wanted = re.compile(rf"\s*{re.escape(key)}\s*=")
        found = [
            number
            for number, line in enumerate(lines[start:], start=start + 1)
            if wanted.match(line)
        ]
        return found[occurrence] if occurrence < len(found) else start + 1


def parse_manifest(text: str, *, name: str) -> Manifest:
    """Read the manifest's text; `name` stands for it in messages.

    Raises:
        InvalidContract: It is not TOML, or says something unknown or malformed.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise InvalidContract(name, f"not TOML: {exc}") from exc
    entries = {
        Subject(subject): _entry(f"{name} [{subject}]", table)
        for subject, table in tables.items()
    }
    return Manifest(name=name, text=text, entries=entries)


def _entry(where: str, table: object) -> SubjectEntry:
    known = _table(where, table, _TABLE_KEYS)
    return SubjectEntry(
        topic=_text(where, known, "topic", default=""),
        level=_level(where, known["level"]) if "level" in known else None,
        owner=_text(where, known, "owner", default=""),
        partitions=_partitions(where, known),
        readers=_readers(where, known.get("readers", {})),
        suppressions=_suppressions(where, known.get("suppressions", [])),
    )


def _table(where: str, table: object, keys: set[str]) -> dict[str, Any]:
    if not isinstance(table, dict):
        _refuse(where, "expected a table")
    unknown = sorted(set(table) - keys)
    if unknown:
        _refuse(where, f"unknown key {unknown[0]!r}; known: {', '.join(sorted(keys))}")
    return table


def _level(where: str, name: object) -> CompatibilityLevel:
    try:
        return CompatibilityLevel(str(name))
    except ValueError:
        known = ", ".join(CompatibilityLevel)
        _refuse(where, f"level {name!r} is none of {known}")


def _text(
    where: str, table: Mapping[str, Any], key: str, *, default: str | None = None
) -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        _refuse(where, f"{key} must be a text, got {value!r}")
    return value


def _partitions(where: str, table: Mapping[str, Any]) -> int:
    count = table.get("partitions", _DEFAULT_PARTITIONS)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        _refuse(where, f"partitions must be 1 or more, got {count!r}")
    return count


def _readers(where: str, readers: object) -> tuple[Reader, ...]:
    if not isinstance(readers, dict):
        _refuse(where, "readers must be a table of tables")
    return tuple(_reader(where, name, table) for name, table in readers.items())


def _reader(where: str, name: str, table: object) -> Reader:
    place = f"{where} reader {name}"
    known = _table(place, table, {"fields", "schema"})
    fields = known.get("fields", [])
    if not isinstance(fields, list) or not all(
        isinstance(each, str) for each in fields
    ):
        _refuse(place, "fields must be a list of field paths")
    schema_file = _text(place, known, "schema", default="")
    if bool(fields) == bool(schema_file):
        _refuse(place, "name either the fields it reads or its schema file")
    return Reader(name=name, fields=tuple(fields), schema_file=schema_file)


def _suppressions(where: str, items: object) -> tuple[Suppression, ...]:
    if not isinstance(items, list):
        _refuse(where, "suppressions must be a list of tables")
    return tuple(_suppression(f"{where} suppression", item) for item in items)


def _suppression(where: str, item: object) -> Suppression:
    known = _table(where, item, _SUPPRESSION_KEYS)
    expires = known.get("expires")
    if isinstance(expires, str):
        expires = _day(where, expires)
    if not isinstance(expires, dt.date) or isinstance(expires, dt.datetime):
        _refuse(where, f"expires must be a day such as 2030-01-31, got {expires!r}")
    return Suppression(
        rule=_text(where, known, "rule"),
        path=_text(where, known, "path", default=""),
        reason=_text(where, known, "reason"),
        owner=_text(where, known, "owner"),
        expires=expires,
    )


def _day(where: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        _refuse(where, f"expires must be a day such as 2030-01-31, got {text!r}")


def _refuse(where: str, reason: str) -> NoReturn:
    raise InvalidContract(where, reason)
