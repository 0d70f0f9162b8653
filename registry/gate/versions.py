"""What the gate compares: schema versions, from wherever they come."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from registry.gate.manifest import Manifest
from registry.names import CompatibilityLevel, SchemaId, Subject, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaVersion:
    """One version of one subject: a file of a folder or commit, or a registry's.

    Attributes:
        text: Schema text, as it stands there.
        origin: Where it stands, for people: a path or an address.
        references: The versions it names, each after those that it needs itself.
        schema_id: The registry's id, or None outside a registry.
        is_deleted: True if a registry hides it, while its records remain.
        has_rule_set: True if data contract rules hang on it.
    """

    subject: Subject
    version: Version
    text: str = field(repr=False)
    origin: str
    references: tuple["SchemaVersion", ...] = field(default=(), repr=False)
    schema_id: SchemaId | None = None
    is_deleted: bool = False
    has_rule_set: bool = False

    @property
    def reference_texts(self) -> tuple[str, ...]:
        """The texts of its references, in their order."""
        return tuple(each.text for each in self.references)

    def with_references(
        self, references: "tuple[SchemaVersion, ...]"
    ) -> "SchemaVersion":
        """Return the same version with those references."""
        return replace(self, references=references)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """All version files of a folder, with its manifest.

    Attributes:
        name: How the folder is called in messages.
        versions: Per subject, ascending; gaps are possible.
    """

    name: str
    manifest: Manifest
    versions: Mapping[Subject, tuple[SchemaVersion, ...]]


class Baseline(Protocol):
    """What has been released: the versions candidates must live with."""

    @property
    def name(self) -> str:
        """How the baseline is called in messages."""
        ...

    def get_subjects(self) -> list[Subject]:
        """Return all subjects, sorted."""
        ...

    def find_released(self, subject: Subject) -> list[SchemaVersion]:
        """Return its released versions, ascending, soft-deleted ones included."""
        ...

    def find_level(self, subject: Subject) -> CompatibilityLevel | None:
        """Return the level in force there, or None if it says nothing."""
        ...

    def find_own_level(self, subject: Subject) -> CompatibilityLevel | None:
        """Return the level set there for this very subject, or None."""
        ...

    def find_refusals(
        self, subject: Subject, candidate: SchemaVersion
    ) -> list[str] | None:
        """Return its own verdict's messages, or None if it has no verdict."""
        ...

    def find_mode(self, subject: Subject) -> str | None:
        """Return the mode in force there, or None if it has no modes."""
        ...
