"""What the stand-in for Karapace holds, and which state of its source it is."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Generation:
    """One state of its source.

    Attributes:
        is_fastapi: FastAPI answers unknown addresses and malformed bodies.
        has_modes: It has /mode, which says READWRITE of every subject it has seen.
        has_references: Avro schemas may refer to others.
        shows_deleted: It knows the parameter `deleted`.
    """

    is_fastapi: bool = False
    has_modes: bool = True
    has_references: bool = True
    shows_deleted: bool = True

    @property
    def fields(self) -> set[str]:
        """What a body with a schema may hold."""
        known = {"schema", "schemaType"}
        known |= {"references"} if self.has_references else set()
        return known | {"metadata", "ruleSet"} if self.is_fastapi else known


BEFORE_2024 = Generation(has_modes=False, has_references=False, shows_deleted=False)
AIOHTTP = Generation()
FASTAPI = Generation(is_fastapi=True)


@dataclass(frozen=True, kw_only=True)
class Schema:
    """A text with sorted keys, which is how it is stored, compared and told."""

    text: str
    references: tuple[tuple[str, str, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what every answer about it says."""
        names = ("name", "subject", "version")
        listed = [dict(zip(names, each, strict=True)) for each in self.references]
        return {"schema": self.text, **({"references": listed} if listed else {})}


@dataclass(kw_only=True)
class Held:
    """A version."""

    schema_id: int
    schema: Schema
    is_deleted: bool = False


@dataclass
class Subject:
    """What is known of a subject; a level alone makes it known."""

    versions: dict[int, Held] = field(default_factory=dict)
    level: str | None = None

    def live(self) -> dict[int, Held]:
        """Return the versions that are not soft-deleted."""
        return {n: each for n, each in self.versions.items() if not each.is_deleted}
