"""What a registry holds: one version of one subject, and what it refers to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from registry.names import SchemaId, Subject, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One schema that another names: `name` is the full name used in the text."""

    name: str
    subject: str
    version: int

    def as_json(self) -> dict[str, Any]:
        """Return the shape of the REST interface."""
        return {"name": self.name, "subject": self.subject, "version": self.version}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Read the REST interface's shape.

        Raises:
            KeyError, TypeError, ValueError: It is another shape.
        """
        return cls(
            name=str(fields["name"]),
            subject=str(fields["subject"]),
            version=int(fields["version"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredSchema:
    """One version as the registry holds it.

    Attributes:
        text: Canonical schema text.
        schema_type: "AVRO", "JSON" or "PROTOBUF".
        has_rule_set: True if data contract rules hang on the version.
        is_deleted: True if it is soft-deleted: hidden, but still able to decode.
    """

    subject: Subject
    version: Version
    schema_id: SchemaId
    text: str
    references: tuple[Reference, ...] = ()
    schema_type: str = "AVRO"
    has_rule_set: bool = False
    is_deleted: bool = False

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Read the REST interface's shape.

        Raises:
            KeyError, TypeError, ValueError: It is another shape.
        """
        return cls(
            subject=Subject(str(fields["subject"])),
            version=Version(int(fields["version"])),
            schema_id=SchemaId(int(fields["id"])),
            text=str(fields["schema"]),
            references=tuple(map(Reference.from_json, fields.get("references") or [])),
            schema_type=str(fields.get("schemaType", "AVRO")),
            has_rule_set=bool(fields.get("ruleSet")),
            is_deleted=bool(fields.get("deleted", False)),
        )

    def without_qualifier(self, qualifier: str) -> Self:
        """Return the same, subjects called as their own context calls them."""
        if not qualifier:
            return self
        return replace(
            self,
            subject=Subject(self.subject.removeprefix(qualifier)),
            references=tuple(
                replace(each, subject=each.subject.removeprefix(qualifier))
                for each in self.references
            ),
        )
