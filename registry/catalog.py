"""The contracts in a folder: `contracts.toml` and one `.avsc` file a version."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from registry.errors import InvalidContract
from registry.gate.folders import MISNAMED, find_number
from registry.gate.manifest import (
    MANIFEST,
    Manifest,
    Reader,
    SubjectEntry,
    parse_manifest,
)
from registry.names import CompatibilityLevel, Subject, Version

_T = TypeVar("_T")


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
        readers: Consumers, with the fields they read or a schema of their own.
    """

    subject: Subject
    topic: str
    level: CompatibilityLevel
    owner: str
    partitions: int
    readers: tuple[Reader, ...]
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
    files = _find_version_files(folder, manifest)
    contracts = {
        subject: _contract(folder, subject, entry, files.pop(subject, []))
        for subject, entry in manifest.entries.items()
    }
    for subject, paths in files.items():
        raise InvalidContract(str(paths[0]), f"{MANIFEST} has no table [{subject}]")
    return Catalog(folder, contracts)


def _read_manifest(path: Path) -> Manifest:
    try:
        return parse_manifest(path.read_text(encoding="utf-8"), name=str(path))
    except FileNotFoundError:
        raise InvalidContract(str(path), "no such file") from None
    except UnicodeDecodeError as exc:
        raise InvalidContract(str(path), f"not TOML: {exc}") from exc


def _find_version_files(folder: Path, manifest: Manifest) -> dict[Subject, list[Path]]:
    """Return the files below each subject's folder, without consumers' schemas."""
    found: dict[Subject, list[Path]] = {}
    for path in sorted(folder.glob("*/*.avsc")):
        if path.relative_to(folder).as_posix() not in manifest.reader_files:
            found.setdefault(Subject(path.parent.name), []).append(path)
    return found


def _contract(
    folder: Path, subject: Subject, entry: SubjectEntry, files: Sequence[Path]
) -> Contract:
    where = f"{folder / MANIFEST} [{subject}]"
    return Contract(
        subject=subject,
        topic=_demand(where, "topic", entry.topic),
        level=_demand(where, "level", entry.level),
        owner=_demand(where, "owner", entry.owner),
        partitions=entry.partitions,
        readers=entry.readers,
        versions=_read_versions(folder / subject, files),
    )


def _demand(where: str, key: str, value: _T | None) -> _T:
    if not value:
        raise InvalidContract(where, f"{key} is missing")
    return value


def _read_versions(folder: Path, files: Sequence[Path]) -> tuple[ContractVersion, ...]:
    versions = sorted(map(_read_version, files), key=lambda each: each.version)
    if not versions:
        raise InvalidContract(str(folder), "no version files (v1.avsc, v2.avsc, ...)")
    for expected, found in enumerate(versions, start=1):
        if found.version != expected:
            reason = f"v{expected}.avsc is missing before v{found.version}.avsc"
            raise InvalidContract(str(folder), reason)
    return tuple(versions)


def _read_version(path: Path) -> ContractVersion:
    number = find_number(path.name)
    if number is None:
        raise InvalidContract(str(path), MISNAMED)
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
    return ContractVersion(version=number, path=path, text=text, schema=schema)
