"""What a call means: its subject behind aliases, its schema, the text to show."""

from typing import Any

from registry.local import refusals
from registry.local.calls import Call
from registry.local.contexts import qualify
from registry.local.entities import AVRO, Metadata, SchemaEntity, as_references
from registry.local.registry import Registry
from registry.local.tags import find_tags

MAX_REFERENCES = 500
"""Most references of a schema; each is followed, with those that it has itself."""


def aliased(registry: Registry, subject: str) -> str:
    """Return the subject that requests for this one go to."""
    config = registry.settings.find_config(subject) if subject else None
    if config is None or not config.alias:
        return subject
    return qualify(subject, config.alias)


def read_entity(subject: str, body: dict[str, Any]) -> SchemaEntity:
    """Return the schema that a body carries."""
    references = as_references(body.get("references") or ())
    if len(references) > MAX_REFERENCES:
        raise refusals.schema_too_large()
    version, schema_id, schema_type, metadata = (
        body.get(name) for name in ("version", "id", "schemaType", "metadata")
    )
    return SchemaEntity(
        subject=subject,
        version=0 if version is None else version,
        schema_id=-1 if schema_id is None else schema_id,
        schema_type=AVRO if schema_type is None else schema_type,
        references=references,
        metadata=None if metadata is None else Metadata.from_json(metadata),
        text=body.get("schema"),
    )


def wants_normal_form(registry: Registry, call: Call, subject: str) -> bool:
    """Return whether the call or the configuration asks for normalized schemas."""
    return (
        call.flag("normalize") or registry.settings.config_in_scope(subject).normalizes
    )


def shown_text(registry: Registry, call: Call, entity: SchemaEntity) -> str:
    """Return the entity's text in the format that the call asks for."""
    return registry.parser.format(entity, call.text("format"))


def with_tags(call: Call, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer with the tags in its schema that the call asks for."""
    wanted = call.texts("findTags")
    tags = find_tags(answer["schema"], wanted) if wanted else []
    return {**answer, "schemaTags": tags} if tags else answer
