"""Routes below /subjects."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from registry.local import refusals
from registry.local.calls import Call, RawText
from registry.local.contexts import EVERY_CONTEXT, is_valid_subject
from registry.local.entities import (
    CONFLUENT_VERSION,
    Metadata,
    SchemaEntity,
)
from registry.local.registry import Registry
from registry.local.request_parts import (
    aliased,
    read_entity,
    shown_text,
    wants_normal_form,
    with_tags,
)
from registry.local.shapes import REGISTER, TAG_SCHEMA
from registry.local.tags import edit_tags
from registry.local.versions import live

MAX_SCHEMA_BYTES = 1_000_000
"""Longest schema with its metadata that is let in; the reference's limit is near."""


def list_subjects(registry: Registry, call: Call) -> list[Any]:
    """GET /subjects: names of all contexts, or of those with a prefix."""
    prefix = call.text("subjectPrefix", EVERY_CONTEXT)
    subjects = registry.versions.list_subjects(prefix)
    if call.flag("deletedOnly"):
        return call.page([each for each, is_deleted in subjects if is_deleted])
    if call.flag("deleted"):
        return call.page([each for each, _ in subjects])
    return call.page([each for each, is_deleted in subjects if not is_deleted])


def look_up(registry: Registry, call: Call) -> dict[str, Any]:
    """POST /subjects/{subject}: the version that equals a schema."""
    body = call.read(REGISTER, "lookUpSchemaUnderSubject.arg5")
    subject = aliased(registry, call.subject)
    entity = read_entity(subject, body)
    with_deleted = call.flag("deleted")
    found = registry.lookup.find(
        entity,
        normalizes=wants_normal_form(registry, call, subject),
        with_deleted=with_deleted,
    )
    if found is None:
        if not registry.versions.has_subject(subject, with_deleted=with_deleted):
            raise refusals.subject_not_found(subject)
        raise refusals.schema_not_found()
    return registry.answers.schema(found, text=shown_text(registry, call, found))


def delete_subject(registry: Registry, call: Call) -> list[int]:
    """DELETE /subjects/{subject}."""
    subject = aliased(registry, call.subject)
    return registry.deletion.delete_subject(subject, permanent=call.flag("permanent"))


def find_by_metadata(registry: Registry, call: Call) -> dict[str, Any]:
    """GET /subjects/{subject}/metadata: the newest version with the properties."""
    subject = aliased(registry, call.subject)
    wanted = dict(zip(call.texts("key"), call.texts("value"), strict=False))
    found = registry.reads.get_with_metadata(
        subject, wanted, with_deleted=call.flag("deleted")
    )
    return registry.answers.schema(found, text=shown_text(registry, call, found))


def list_versions(registry: Registry, call: Call) -> list[Any]:
    """GET /subjects/{subject}/versions: ascending numbers."""
    subject = aliased(registry, call.subject)
    with_deleted = any(call.flag(name) for name in _filters(registry))
    if not registry.versions.has_subject(subject, with_deleted=with_deleted):
        raise refusals.subject_not_found(subject)
    entities = registry.versions.list_newest_first(subject)[::-1]
    return call.page(_numbers(call, entities, _filters(registry)))


def register(registry: Registry, call: Call) -> dict[str, Any]:
    """POST /subjects/{subject}/versions."""
    body = call.read(REGISTER, "register.arg5")
    subject = aliased(registry, call.subject)
    if not is_valid_subject(subject):
        sent = call.sent_subject if subject == call.subject else subject
        raise refusals.invalid_subject(sent)
    entity = read_entity(subject, body)
    if entity.size_bytes > MAX_SCHEMA_BYTES:
        raise refusals.schema_too_large()
    normalizes = wants_normal_form(registry, call, subject)
    stored = _store(registry, body, entity, normalizes=normalizes)
    return registry.answers.registered(
        stored,
        is_changed=stored.metadata != entity.metadata,
        text=shown_text(registry, call, stored),
    )


def register_tags(registry: Registry, call: Call) -> dict[str, Any]:
    """POST /subjects/{subject}/versions/{version}/tags: a new version with them."""
    body = call.read(TAG_SCHEMA, "registerTags.arg4")
    found = _version(registry, call)
    tagged = edit_tags(
        found.text or "", body.get("tagsToAdd") or (), body.get("tagsToRemove") or ()
    )
    number = body.get("newVersion") or 0
    metadata = body.get("metadata")
    base = found.metadata if metadata is None else Metadata.from_json(metadata)
    entity = replace(
        found,
        text=tagged,
        version=number,
        schema_id=-1,
        metadata=(base or Metadata()).with_property(CONFLUENT_VERSION, str(number)),
        written_ms=None,
        is_deleted=None,
    )
    stored = registry.registration.add(entity, normalizes=False)
    return registry.answers.registered(stored, is_changed=True)


def get_version(registry: Registry, call: Call) -> dict[str, Any]:
    """GET /subjects/{subject}/versions/{version}."""
    found = _version(registry, call)
    answer = registry.answers.schema(found, text=shown_text(registry, call, found))
    return with_tags(call, answer)


def get_version_text(registry: Registry, call: Call) -> RawText:
    """GET /subjects/{subject}/versions/{version}/schema."""
    return RawText(shown_text(registry, call, _version(registry, call)))


def list_referrers(registry: Registry, call: Call) -> list[int]:
    """GET /subjects/{subject}/versions/{version}/referencedby: ids."""
    subject = aliased(registry, call.subject)
    entity = registry.reads.get_version(
        subject, call.part("version"), with_deleted=True
    )
    referrers = registry.versions.list_referrers(entity.subject, entity.version)
    with_deleted = registry.emulation.deleted_referrers_count or call.flag("deleted")
    seen = referrers if with_deleted else live(referrers)
    return sorted({each.schema_id for each in seen})


def delete_version(registry: Registry, call: Call) -> int:
    """DELETE /subjects/{subject}/versions/{version}."""
    subject = aliased(registry, call.subject)
    return registry.deletion.delete_version(
        subject, call.part("version"), permanent=call.flag("permanent")
    )


def _version(registry: Registry, call: Call) -> SchemaEntity:
    return registry.reads.get_version(
        aliased(registry, call.subject),
        call.part("version"),
        with_deleted=call.flag("deleted"),
    )


def _store(
    registry: Registry, body: dict[str, Any], entity: SchemaEntity, *, normalizes: bool
) -> SchemaEntity:
    """Register the schema; with tags in the body it is a new version in any case."""
    registration = registry.registration
    add = body.get("schemaTagsToAdd") or ()
    remove = body.get("schemaTagsToRemove") or ()
    if add or remove:
        version = body.get("version")
        entity = replace(entity, version=-1 if version is None else version)
        entity = registration.with_tags(entity, add=add, remove=remove)
    if body.get("propagateSchemaTags"):
        return registration.add_with_inherited_tags(entity, normalizes=normalizes)
    if add or remove:
        return registration.add(entity, normalizes=normalizes)
    return registration.register(entity, normalizes=normalizes)


def _filters(registry: Registry) -> tuple[str, ...]:
    """Return the parameters that show deleted versions; the first given counts."""
    known = ("deletedOnly", "deletedAsNegative", "deleted")
    return tuple(it for it in known if not registry.emulation.ignores_parameter(it))


def _numbers(
    call: Call, entities: Sequence[SchemaEntity], filters: Sequence[str]
) -> list[int]:
    match next((name for name in filters if call.flag(name)), ""):
        case "deletedOnly":
            return [each.version for each in entities if each.is_deleted]
        case "deletedAsNegative":
            return [-it.version if it.is_deleted else it.version for it in entities]
        case "deleted":
            return [each.version for each in entities]
    return [each.version for each in live(entities)]
