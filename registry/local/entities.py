"""What the registry stores and answers: schemas, references, metadata."""

import hashlib
import re
import uuid
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

AVRO = "AVRO"
CONFLUENT_VERSION = "confluent:version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Another subject's version whose types a schema uses.

    Attributes:
        name: Under which its types are known; None and the other Nones only as long
            as the request that carries them has not been refused.
        version: -1 asks for the newest and is replaced by its number.
    """

    name: str | None
    subject: str | None
    version: int | None

    def __str__(self) -> str:
        version = "null" if self.version is None else self.version
        name, subject = _null(self.name), _null(self.subject)
        return f"{{name='{name}', subject='{subject}', version={version}}}"

    def as_json(self) -> dict[str, Any]:
        """Return the wire form."""
        return {"name": self.name, "subject": self.subject, "version": self.version}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a schema says about itself beside its text; all parts sorted by key.

    Attributes:
        tags: Path -> its tags, sorted.
        properties: Free pairs.
        sensitive: Names of properties that hold secrets, sorted.
    """

    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read the wire form, whose parts may be absent or null."""
        tags = value.get("tags") or {}
        properties = value.get("properties") or {}
        return cls(
            tags={key: tuple(sorted(set(tags[key]))) for key in sorted(tags)},
            properties={key: properties[key] for key in sorted(properties)},
            sensitive=tuple(sorted(set(value.get("sensitive") or ()))),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the wire form, without its empty parts."""
        parts = {
            "tags": {key: list(tags) for key, tags in self.tags.items()},
            "properties": dict(self.properties),
            "sensitive": list(self.sensitive),
        }
        return {key: part for key, part in parts.items() if part}

    def __str__(self) -> str:
        tags = ", ".join(
            f"{key}=[{', '.join(tags)}]" for key, tags in self.tags.items()
        )
        properties = ", ".join(f"{key}={it}" for key, it in self.properties.items())
        sensitive = ", ".join(self.sensitive)
        return (
            f"Metadata{{tags={{{tags}}}, properties={{{properties}}}, "
            f"sensitive=[{sensitive}]}}"
        )

    def with_property(self, key: str, value: str) -> Self:
        """Return a copy in which the property has the value."""
        return self._with_properties({**self.properties, key: value})

    def without_property(self, key: str) -> Self:
        """Return a copy without the property."""
        left = {name: it for name, it in self.properties.items() if name != key}
        return self._with_properties(left)

    def _with_properties(self, properties: Mapping[str, str]) -> Self:
        return type(self).from_json({**self.as_json(), "properties": properties})


def merge_metadata(base: Metadata | None, over: Metadata | None) -> Metadata | None:
    """Return both in one; where they disagree, `over` wins."""
    if base is None or over is None:
        return over if base is None else base
    return Metadata.from_json(
        {
            "tags": {**base.tags, **over.tags},
            "properties": {**base.properties, **over.properties},
            "sensitive": {*base.sensitive, *over.sensitive},
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaEntity:
    """A schema as it is sent, stored and answered.

    Attributes:
        version: Within the subject; 0 in a request that leaves it open.
        schema_id: Within the context; -1 in a request that leaves it open.
        text: As sent, or the canonical text once it is stored.
        written_ms: When it was stored, in milliseconds since 1970; None if it is not.
        is_deleted: Whether it is soft-deleted; None if it is not stored.
    """

    subject: str
    version: int
    schema_id: int
    schema_type: str = AVRO
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None
    text: str | None = None
    written_ms: int | None = None
    is_deleted: bool | None = None

    @property
    def guid(self) -> str:
        """The same for the same text, references and metadata, wherever stored."""
        digest = hashlib.md5(usedforsecurity=False)
        digest.update((self.text or "").encode())
        for reference in self.references:
            digest.update((reference.name or "").encode())
            digest.update((reference.subject or "").encode())
            if reference.version is not None:
                digest.update(reference.version.to_bytes(4, signed=True))
        if self.metadata is not None:
            digest.update(b"\x01" + _metadata_bytes(self.metadata))
        return str(uuid.UUID(bytes=digest.digest()))

    @property
    def size_bytes(self) -> int:
        """Length of its text and its metadata."""
        metadata = b"" if self.metadata is None else _metadata_bytes(self.metadata)
        return len((self.text or "").encode()) + len(metadata)

    @property
    def is_blank(self) -> bool:
        """True if no schema was sent."""
        return self.text is None or not self.text.strip()

    @property
    def claimed_version(self) -> int | None:
        """The version that its metadata claims, if any."""
        if self.metadata is None:
            return None
        text = self.metadata.properties.get(CONFLUENT_VERSION, "")
        return int(text) if re.fullmatch(r"[+-]?[0-9]{1,10}", text) else None

    def describe(
        self,
        *,
        version: int | None = None,
        schema_id: int | None = None,
        without: Container[str] = (),
    ) -> str:
        """Return the form in which the reference prints a refused schema.

        Args:
            version: As it was sent, if that is printed.
            schema_id: Likewise.
            without: Names of parts that the release does not know.
        """
        parts = {
            "subject": self.subject,
            "version": version,
            "id": schema_id,
            "guid": self.guid,
            "schemaType": self.schema_type,
            "references": f"[{', '.join(str(each) for each in self.references)}]",
            "metadata": self.metadata,
            "ruleSet": None,
            "schema": self.text,
            "schemaTags": None,
            "ts": None,
            "deleted": None,
        }
        shown = [
            f"{name}={_null(it)}" for name, it in parts.items() if name not in without
        ]
        return f"{{{','.join(shown)}}}"


def as_references(value: Sequence[Mapping[str, Any]]) -> tuple[Reference, ...]:
    """Read the wire form of references."""
    return tuple(
        Reference(
            name=each.get("name"),
            subject=each.get("subject"),
            version=each.get("version"),
        )
        for each in value
    )


def _metadata_bytes(metadata: Metadata) -> bytes:
    words = [word for key, tags in metadata.tags.items() for word in (key, *tags)]
    words += [word for pair in metadata.properties.items() for word in pair]
    return "".join([*words, *metadata.sensitive]).encode()


def _null(value: object) -> object:
    return "null" if value is None else value
