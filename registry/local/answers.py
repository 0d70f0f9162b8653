"""The JSON that the registry answers with. Absent parts and empty lists are no part."""

from typing import Any

from registry.local.emulation import Emulation
from registry.local.entities import AVRO, SchemaEntity


class Answers:
    """Prints entities as one release line of the reference does."""

    def __init__(self, emulation: Emulation) -> None:
        self._emulation = emulation

    def schema(
        self, entity: SchemaEntity, *, text: str | None = None
    ) -> dict[str, Any]:
        """Return a version as it is read and looked up.

        Args:
            entity: The version.
            text: What to show in place of its own text; the same in all methods.
        """
        return self._trim(
            {
                "subject": entity.subject,
                "version": entity.version,
                "id": entity.schema_id,
                **_parts(entity, text),
            }
        )

    def registered(
        self, entity: SchemaEntity, *, is_changed: bool, text: str | None = None
    ) -> dict[str, Any]:
        """Return what a registration answers.

        Args:
            entity: The version.
            is_changed: Whether more was stored than was sent; 7.9 tells only then.
            text: As above.
        """
        if self._emulation.is_terse and not is_changed:
            return {"id": entity.schema_id}
        return self._trim(
            {
                "id": entity.schema_id,
                "version": entity.version,
                **_parts(entity, text),
            }
        )

    def schema_string(
        self,
        entity: SchemaEntity,
        *,
        text: str | None = None,
        max_id: int | None = None,
    ) -> dict[str, Any]:
        """Return a version as it is found by its id."""
        place = {"subject": entity.subject, "version": entity.version}
        if self._emulation.is_terse:
            place = {}
        return self._trim({**place, **_parts(entity, text), "maxId": max_id})

    def schema_alone(
        self, entity: SchemaEntity, *, text: str | None = None
    ) -> dict[str, Any]:
        """Return a schema as it is found by its guid."""
        return self._trim(_parts(entity, text))

    def _trim(self, answer: dict[str, Any]) -> dict[str, Any]:
        kept = {
            key: it
            for key, it in answer.items()
            if it not in (None, []) and key not in self._emulation.unknown_parts
        }
        if self._emulation.is_terse and kept.get("schemaType") == AVRO:
            del kept["schemaType"]
        return kept


def _parts(entity: SchemaEntity, text: str | None) -> dict[str, Any]:
    metadata = entity.metadata
    return {
        "guid": entity.guid,
        "schemaType": entity.schema_type,
        "references": [each.as_json() for each in entity.references],
        "metadata": None if metadata is None else metadata.as_json(),
        "schema": entity.text if text is None else text,
        "ts": entity.written_ms,
        "deleted": entity.is_deleted,
    }
