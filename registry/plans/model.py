"""What a plan is: steps, what stood in the registry before, what speaks against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from registry.names import CompatibilityLevel, SchemaId, Subject, Version
from registry.registered import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectState:
    """What a registry holds of one subject; a plan is only good while it does.

    Attributes:
        level: The level in force for it, its own or the registry's.
        versions: Ids of the versions that are not deleted, by number.
        deleted: Numbers of the soft-deleted versions, ascending.
    """

    subject: Subject
    level: CompatibilityLevel
    versions: Mapping[Version, SchemaId]
    deleted: tuple[Version, ...] = ()

    @property
    def next_version(self) -> Version:
        """The number that the registry gives to the next registration."""
        return Version(max((*self.versions, *self.deleted), default=0) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLevel:
    """Set a subject's compatibility level."""

    subject: Subject
    before: CompatibilityLevel
    level: CompatibilityLevel

    def __str__(self) -> str:
        return f"set the level of {self.subject} from {self.before} to {self.level}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVersion:
    """Register a version.

    Attributes:
        text: The schema, as its file holds it.
        schema_id: The id it must get in a subject in mode IMPORT; None lets the
            registry choose.
    """

    subject: Subject
    version: Version
    text: str = field(repr=False)
    references: tuple[Reference, ...] = ()
    schema_id: SchemaId | None = None

    def __str__(self) -> str:
        named = ", ".join(f"{each.subject}@{each.version}" for each in self.references)
        with_id = f" with id {self.schema_id}" if self.schema_id is not None else ""
        refers = f", which refers to {named}" if named else ""
        return f"register {self.subject} version {self.version}{with_id}{refers}"


Step: TypeAlias = SetLevel | RegisterVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a plan must not be applied.

    Attributes:
        origin: The file, with line and column where they are known.
        reason: One sentence.
    """

    subject: Subject
    origin: str
    reason: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}"

    def as_json(self) -> dict[str, str]:
        """Return the shape of the JSON output."""
        return {
            "subject": self.subject,
            "origin": self.origin,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do with a registry, in order.

    Attributes:
        url: The registry's address.
        before: The subjects that it is about, as they were when it was made.
        refusals: Empty if it may be applied.
    """

    url: str
    before: tuple[SubjectState, ...]
    steps: tuple[Step, ...]
    refusals: tuple[Refusal, ...] = ()
