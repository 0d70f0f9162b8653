"""From a registry to a folder: how a team that has one starts with files."""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.client import RegistryClient
from registry.errors import ConfigError, InvalidContract
from registry.formatting import format_schema
from registry.gate.manifest import MANIFEST
from registry.gate.versions import SchemaVersion
from registry.names import CompatibilityLevel, Subject, Version
from registry.plans.held import AVRO, HeldVersions
from registry.plans.notes import NOTES, notes_text
from registry.registered import RegisteredSchema

_UNFIT_NAME = re.compile(r"[/\\\x00-\x1f\x7f]|^\.{0,2}$")
_LONGEST_NAME_BYTES = 255
_SUFFIX = re.compile("-(key|value)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What cannot stand in a folder, and why."""

    subject: Subject
    reason: str
    version: Version | None = None

    def __str__(self) -> str:
        which = f" version {self.version}" if self.version is not None else ""
        return f"{self.subject}{which}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A registry as files.

    Attributes:
        files: Texts by path below the folder.
        versions: The versions that they hold.
    """

    files: dict[str, str]
    versions: tuple[RegisteredSchema, ...]
    left_out: tuple[LeftOut, ...]

    def as_json(self) -> dict[str, object]:
        """Return the shape of the JSON output."""
        return {
            "files": sorted(self.files),
            "versions": [
                {
                    "subject": each.subject,
                    "version": each.version,
                    "schema_id": each.schema_id,
                }
                for each in self.versions
            ],
            "left_out": [str(each) for each in self.left_out],
        }


def pull_registry(
    client: RegistryClient, *, subjects: Sequence[Subject] = ()
) -> Pulled:
    """Return the files of a folder that says what the registry holds.

    Soft-deleted versions, and schemas that are not Avro, are left out and named.

    Args:
        client: Connection to the registry.
        subjects: Only these; else all.

    Raises:
        SubjectNotFound: The registry has no such subject.
        RegistryUnavailable: No registry answers.
    """
    pull = _Pull(client)
    for subject in sorted(set(subjects)) or client.get_subjects():
        pull.add(subject)
    return pull.finish()


def write_folder(pulled: Pulled, folder: Path) -> None:
    """Write the files as a new folder, all or none.

    Raises:
        ConfigError: Something is there already, or it cannot be written.
    """
    if folder.is_dir() and any(folder.iterdir()):
        reason = f"{folder} is not empty"
        raise ConfigError(reason, hint="name a folder that is not there yet")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=folder.parent, prefix=f".{folder.name}-"
        ) as scratch:
            made = Path(scratch) / "folder"
            for name, text in pulled.files.items():
                path = made / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
            made.replace(folder)
    except OSError as exc:
        raise ConfigError(f"cannot write {folder}: {exc.strerror}") from exc


class _Pull:
    def __init__(self, client: RegistryClient) -> None:
        self._client = client
        self._held = HeldVersions(client)
        self._files: dict[str, str] = {}
        self._levels: dict[Subject, CompatibilityLevel] = {}
        self._versions: list[RegisteredSchema] = []
        self._left_out: list[LeftOut] = []

    def add(self, subject: Subject) -> None:
        """Add the subject's live versions, or say why not."""
        if (
            _UNFIT_NAME.search(subject)
            or len(os.fsencode(subject)) > _LONGEST_NAME_BYTES
        ):
            reason = "its name cannot be a folder's"
            self._left_out.append(LeftOut(subject=subject, reason=reason))
            return
        live = self._client.get_versions(subject)
        added = [self._add_version(self._held.get(subject, each)) for each in live]
        for number in self._client.find_versions(subject, with_deleted=True):
            if number not in live:
                reason = "it is soft-deleted"
                self._left_out.append(
                    LeftOut(subject=subject, version=number, reason=reason)
                )
        if any(added):
            self._levels[subject] = self._client.get_level(subject)

    def finish(self) -> Pulled:
        """Return what was added, with its manifest and notes."""
        self._files[MANIFEST] = "\n".join(_tables(self._levels))
        self._files[NOTES] = notes_text(self._versions)
        return Pulled(
            files=self._files,
            versions=tuple(self._versions),
            left_out=tuple(self._left_out),
        )

    def _add_version(self, held: RegisteredSchema) -> bool:
        reason = self._find_obstacle(held)
        if reason:
            self._left_out.append(
                LeftOut(subject=held.subject, version=held.version, reason=reason)
            )
            return False
        self._versions.append(held)
        return True

    def _find_obstacle(self, held: RegisteredSchema) -> str:
        """Write the version's file, or return why there can be none."""
        if held.schema_type != AVRO:
            return f"it is {held.schema_type}, not Avro"
        version = SchemaVersion(
            subject=held.subject,
            version=held.version,
            text=held.text,
            origin=f"{held.subject}@{held.version}",
            references=self._references(held),
        )
        try:
            text = format_schema(version)
        except InvalidContract as exc:
            return exc.reason
        self._files[f"{held.subject}/v{held.version}.avsc"] = text
        return ""

    def _references(self, held: RegisteredSchema) -> tuple[SchemaVersion, ...]:
        return tuple(
            SchemaVersion(
                subject=held.subject, version=held.version, text=text, origin=""
            )
            for text in self._held.find_texts(held)
        )


def _tables(levels: dict[Subject, CompatibilityLevel]) -> Iterator[str]:
    yield "# Manifest of the contracts: one table a subject, as the registry had it."
    yield ""
    for subject, level in levels.items():
        yield f"[{_quoted(subject)}]"
        yield f"topic = {_quoted(_SUFFIX.sub('', subject))}"
        yield f'level = "{level}"'
        yield 'owner = ""'
        yield ""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
