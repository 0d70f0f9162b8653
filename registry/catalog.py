"""The contracts in a folder: `contracts.toml` and one `.avsc` file a version."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from registry.errors import InvalidContract
from registry.names import CompatibilityLevel, Subject, Version

_T = TypeVar("_T")

MANIFEST = "contracts.toml"
_VERSION_FILE = re.compile(r"v([1-9][0-9]*)\.avsc")
_KNOWN_KEYS = {"topic", "level", "owner", "partitions", "readers", "suppressions"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractVersion:
    """One version file.

    Attributes:
        version: The number in its file name.
        path: The file.
        text: Its content, as it is registered.
        schema: The same, parsed as JSON; a record schema.
    """

    version: Version
    path: Path
    text: str
    schema: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Everything the repository says about one subject.

    Attributes:
        versions: Oldest first, without a gap, at least one.
        partitions: Number of partitions its topic is created with, >= 1.
        readers: Consumer name -> paths of the fields it reads, such as
            ``items[].discount``.
    """

    subject: Subject
    topic: str
    level: CompatibilityLevel
    owner: str
    partitions: int
    readers: Mapping[str, tuple[str, ...]]
    versions: tuple[ContractVersion, ...]

    @property
    def newest(self) -> ContractVersion:
        """The highest version: the candidate until it is registered."""
        return self.versions[-1]

    def get_version(self, version: int) -> ContractVersion:
        """Return that version, or raise InvalidContract naming those there are."""
        for candidate in self.versions:
            if candidate.version == version:
                return candidate
        known = ", ".join(str(each.version) for each in self.versions)
        reason = f"there is no version {version}; there are: {known}"
        raise InvalidContract(str(self.subject), reason)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All contracts of a folder, by subject, in the manifest's order."""

    folder: Path
    contracts: Mapping[Subject, Contract]

    def get_contract(self, subject: str) -> Contract:
        """Return the contract, or raise InvalidContract naming those there are."""
        try:
            return self.contracts[Subject(subject)]
        except KeyError:
            known = ", ".join(self.contracts) or "none"
            reason = f"no table [{subject}]; there are: {known}"
            raise InvalidContract(str(self.folder / MANIFEST), reason) from None


def load_catalog(folder: Path) -> Catalog:
    """Read the manifest and every version file below `folder`.

    Raises:
        InvalidContract: The folder, the manifest or a version file is missing or
            malformed, a version number is skipped, or a subject folder has no table.
    """
    manifest = _read_manifest(folder / MANIFEST)
    contracts = {
        Subject(name): _read_contract(folder, name, table)
        for name, table in manifest.items()
    }
    for path in sorted(folder.glob("*/v*.avsc")):
        if path.parent.name not in manifest:
            reason = f"{MANIFEST} has no table [{path.parent.name}]"
            raise InvalidContract(str(path), reason)
    return Catalog(folder, contracts)


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidContract(str(path), "no such file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise InvalidContract(str(path), f"not TOML: {exc}") from exc


def _read_contract(folder: Path, name: str, table: object) -> Contract:
    where = f"{folder / MANIFEST} [{name}]"
    if not isinstance(table, dict):
        raise InvalidContract(where, "expected a table")
    unknown = sorted(set(table) - _KNOWN_KEYS)
    if unknown:
        raise InvalidContract(where, f"unknown key {unknown[0]!r}")
    return Contract(
        subject=Subject(name),
        topic=_require(where, table, "topic", str),
        level=_level(where, table),
        owner=_require(where, table, "owner", str),
        partitions=_partitions(where, table),
        readers=_readers(where, table.get("readers", {})),
        versions=_read_versions(folder / name),
    )


def _require(where: str, table: Mapping[str, Any], key: str, kind: type[_T]) -> _T:
    value = table.get(key)
    if not isinstance(value, kind):
        raise InvalidContract(where, f"{key} must be a {kind.__name__}, got {value!r}")
    return value


def _level(where: str, table: Mapping[str, Any]) -> CompatibilityLevel:
    name = table.get("level", CompatibilityLevel.FULL_TRANSITIVE)
    try:
        return CompatibilityLevel(name)
    except ValueError:
        known = ", ".join(CompatibilityLevel)
        reason = f"level {name!r} is none of {known}"
        raise InvalidContract(where, reason) from None


def _partitions(where: str, table: Mapping[str, Any]) -> int:
    count = table.get("partitions", 6)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise InvalidContract(where, f"partitions must be 1 or more, got {count!r}")
    return count


def _readers(where: str, readers: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(readers, dict):
        raise InvalidContract(where, "readers must be a table of tables")
    return {
        name: _reader_fields(f"{where} reader {name}", reader)
        for name, reader in readers.items()
    }


def _reader_fields(where: str, reader: object) -> tuple[str, ...]:
    fields = reader.get("fields") if isinstance(reader, dict) else None
    if not isinstance(fields, list) or not all(
        isinstance(each, str) for each in fields
    ):
        raise InvalidContract(where, "fields must be a list of field paths")
    return tuple(fields)


def _read_versions(folder: Path) -> tuple[ContractVersion, ...]:
    versions = sorted(
        (_read_version(path) for path in folder.glob("*.avsc")),
        key=lambda each: each.version,
    )
    if not versions:
        raise InvalidContract(str(folder), "no version files (v1.avsc, v2.avsc, ...)")
    for expected, found in enumerate(versions, start=1):
        if found.version != expected:
            reason = f"v{expected}.avsc is missing before v{found.version}.avsc"
            raise InvalidContract(str(folder), reason)
    return tuple(versions)


def _read_version(path: Path) -> ContractVersion:
    match = _VERSION_FILE.fullmatch(path.name)
    if match is None:
        raise InvalidContract(str(path), "a version file is named v<number>.avsc")
    try:
        text = path.read_text(encoding="utf-8")
        schema = json.loads(text)
    except json.JSONDecodeError as exc:
        where = f"{path}:{exc.lineno}:{exc.colno}"
        raise InvalidContract(where, f"not JSON: {exc.msg}") from exc
    except UnicodeDecodeError as exc:
        raise InvalidContract(str(path), f"not UTF-8: {exc.reason}") from exc
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise InvalidContract(str(path), "the top level must be an Avro record")
    return ContractVersion(
        version=Version(int(match[1])), path=path, text=text, schema=schema
    )
