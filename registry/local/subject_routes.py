"""Routes below /subjects and /compatibility."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from registry.errors import RegistryRefused
from registry.local import refusals
from registry.local.calls import Call, RawText
from registry.local.contexts import EVERY_CONTEXT, is_valid_subject, qualify
from registry.local.deletion import parse_version
from registry.local.entities import (
    AVRO,
    CONFLUENT_VERSION,
    Metadata,
    SchemaEntity,
    as_references,
)
from registry.local.registry import Registry
from registry.local.shapes import REGISTER, TAG_SCHEMA
from registry.local.tags import edit_tags, find_tags
from registry.local.versions import live

MAX_SCHEMA_BYTES = 1_000_000
"""Longest schema text that is let in; the reference's own limit is near."""


def list_subjects(registry: Registry, call: Call) -> list[Any]:
    """GET /subjects: names of all contexts, or of those with a prefix."""
    prefix = call.text("subjectPrefix", EVERY_CONTEXT)
    entities = registry.versions.list_between(prefix)
    every = list(dict.fromkeys(each.subject for each in entities))
    alive = {each.subject for each in live(entities)}
    if call.flag("deletedOnly"):
        every = [subject for subject in every if subject not in alive]
    elif not call.flag("deleted"):
        every = [subject for subject in every if subject in alive]
    return call.page(every)


def look_up(registry: Registry, call: Call) -> dict[str, Any]:
    """POST /subjects/{subject}: the version that equals a schema."""
    body = call.read(REGISTER, "lookUpSchemaUnderSubject.arg5")
    subject = aliased(registry, call.subject)
    entity = _entity(subject, body)
    with_deleted = call.flag("deleted")
    found = registry.lookup.find(
        entity,
        normalizes=_normalizes(registry, call, subject),
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
    filters = ("deleted", "deletedOnly", "deletedAsNegative")
    with_deleted = any(call.flag(name) for name in filters)
    if not registry.versions.has_subject(subject, with_deleted=with_deleted):
        raise refusals.subject_not_found(subject)
    entities = registry.versions.list_newest_first(subject)[::-1]
    return call.page(_numbers(call, entities))


def register(registry: Registry, call: Call) -> dict[str, Any]:
    """POST /subjects/{subject}/versions."""
    body = call.read(REGISTER, "register.arg5")
    subject = aliased(registry, call.subject)
    if not is_valid_subject(subject):
        raise refusals.invalid_subject(subject)
    entity = _entity(subject, body)
    if len((entity.text or "").encode()) > MAX_SCHEMA_BYTES:
        raise refusals.schema_too_large()
    stored = registry.registration.register(
        entity, normalizes=_normalizes(registry, call, subject)
    )
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
    seen = referrers if call.flag("deleted") else live(referrers)
    return sorted({each.schema_id for each in seen})


def delete_version(registry: Registry, call: Call) -> int:
    """DELETE /subjects/{subject}/versions/{version}."""
    subject = aliased(registry, call.subject)
    return registry.deletion.delete_version(
        subject, call.part("version"), permanent=call.flag("permanent")
    )


def check_with_version(registry: Registry, call: Call) -> dict[str, Any]:
    """POST /compatibility/subjects/{subject}/versions/{version}."""
    body = call.read(REGISTER, "testCompatibilityBySubjectName.arg4")
    subject = aliased(registry, call.subject)
    number = parse_version(call.part("version"))
    found = registry.versions.find(subject, number)
    if found is None and number != -1:
        raise refusals.version_not_found(number)
    return _check(registry, call, _entity(subject, body), [found] if found else [])


def check_with_history(registry: Registry, call: Call) -> dict[str, Any]:
    """POST /compatibility/subjects/{subject}/versions."""
    body = call.read(REGISTER, "testCompatibilityForSubject.arg3")
    subject = aliased(registry, call.subject)
    history = live(registry.versions.list_newest_first(subject))
    return _check(registry, call, _entity(subject, body), history)


def aliased(registry: Registry, subject: str) -> str:
    """Return the subject that requests for this one go to."""
    config = registry.settings.find_config(subject) if subject else None
    if config is None or not config.alias:
        return subject
    return qualify(subject, config.alias)


def with_tags(call: Call, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer with the tags in its schema that the call asks for."""
    wanted = call.texts("findTags")
    tags = find_tags(answer["schema"], wanted) if wanted else []
    return {**answer, "schemaTags": tags} if tags else answer


def shown_text(registry: Registry, call: Call, entity: SchemaEntity) -> str:
    """Return the entity's text in the format that the call asks for."""
    return registry.parser.format(entity, call.text("format"))


def _check(
    registry: Registry,
    call: Call,
    entity: SchemaEntity,
    history: Sequence[SchemaEntity],
) -> dict[str, Any]:
    is_verbose = call.flag("verbose")
    try:
        messages = _find_messages(registry, call, entity, history)
    except RegistryRefused as exc:
        if not is_verbose or exc.error_code != refusals.INVALID_SCHEMA:
            raise
        messages = [exc.reason]
    answer: dict[str, Any] = {"is_compatible": not messages}
    return {**answer, "messages": messages} if is_verbose else answer


def _find_messages(
    registry: Registry,
    call: Call,
    entity: SchemaEntity,
    history: Sequence[SchemaEntity],
) -> list[str]:
    config = registry.settings.config_in_scope(entity.subject)
    candidate = registry.lookup.canonicalize(
        entity,
        is_new=config.validates_new_schemas,
        normalizes=_normalizes(registry, call, entity.subject),
    )
    if candidate is None:
        raise refusals.invalid_schema("Empty schema")
    return registry.compatibility.find_messages(config, candidate, history)


def _version(registry: Registry, call: Call) -> SchemaEntity:
    return registry.reads.get_version(
        aliased(registry, call.subject),
        call.part("version"),
        with_deleted=call.flag("deleted"),
    )


def _normalizes(registry: Registry, call: Call, subject: str) -> bool:
    return (
        call.flag("normalize") or registry.settings.config_in_scope(subject).normalizes
    )


def _numbers(call: Call, entities: Sequence[SchemaEntity]) -> list[int]:
    if call.flag("deletedOnly"):
        return [each.version for each in entities if each.is_deleted]
    if call.flag("deletedAsNegative"):
        return [-it.version if it.is_deleted else it.version for it in entities]
    if call.flag("deleted"):
        return [each.version for each in entities]
    return [each.version for each in live(entities)]


def _entity(subject: str, body: dict[str, Any]) -> SchemaEntity:
    version, schema_id, metadata = (
        body.get(name) for name in ("version", "id", "metadata")
    )
    references = [each for each in body.get("references") or [] if each is not None]
    return SchemaEntity(
        subject=subject,
        version=0 if version is None else version,
        schema_id=-1 if schema_id is None else schema_id,
        schema_type=body.get("schemaType") or AVRO,
        references=as_references(references),
        metadata=None if metadata is None else Metadata.from_json(metadata),
        text=body.get("schema"),
    )
