"""Routes below /schemas and /contexts."""

from typing import Any

from registry.local import refusals
from registry.local.calls import Call, NoContent, RawText
from registry.local.contexts import (
    DEFAULT_CONTEXT,
    is_between,
    normalize_subject,
    parse_subject,
    qualify,
    scope_of_context,
)
from registry.local.entities import SchemaEntity
from registry.local.reads import normalize_guid
from registry.local.registry import Registry
from registry.local.request_parts import aliased, shown_text, with_tags
from registry.local.versions import live

_LONGEST_PAGE = 1000


def list_schemas(registry: Registry, call: Call) -> list[Any]:
    """GET /schemas: versions by subject and number."""
    prefix = call.text("subjectPrefix")
    entities = registry.versions.list_between(prefix)
    aliases: dict[str, list[str]] = {}
    if call.flag("aliases"):
        aliases = _aliases(registry, prefix)
        entities += _behind_aliases(registry, aliases, entities)
    if not call.flag("deleted"):
        entities = live(entities)
    if call.flag("latestOnly"):
        entities = list({each.subject: each for each in entities}.values())
    return [
        _with_aliases(registry.answers.schema(each), aliases.get(each.subject))
        for each in call.page(entities, most=_LONGEST_PAGE)
    ]


def list_types(_registry: Registry, _call: Call) -> list[str]:
    """GET /schemas/types."""
    return ["JSON", "PROTOBUF", "AVRO"]


def get_by_id(registry: Registry, call: Call) -> dict[str, Any]:
    """GET /schemas/ids/{id}."""
    schema_id = call.integer_part("id")
    found = registry.reads.find_by_id(_subject_asked(registry, call), schema_id)
    if found is None:
        raise refusals.schema_not_found(schema_id)
    max_id = None
    if call.flag("fetchMaxId"):
        max_id = registry.versions.highest_id(parse_subject(found.subject).context)
    answer = registry.answers.schema_string(
        found, text=shown_text(registry, call, found), max_id=max_id
    )
    return with_tags(call, answer)


def get_text_by_id(registry: Registry, call: Call) -> RawText:
    """GET /schemas/ids/{id}/schema; the reference breaks on an unknown id."""
    schema_id = call.integer_part("id")
    found = registry.reads.find_by_id(_subject_asked(registry, call), schema_id)
    if found is None:
        raise refusals.server_error()
    return RawText(shown_text(registry, call, found))


def list_subjects_of_id(registry: Registry, call: Call) -> list[Any]:
    """GET /schemas/ids/{id}/subjects."""
    uses = _uses(registry, call)
    return call.page(list(dict.fromkeys(each.subject for each in uses)))


def list_versions_of_id(registry: Registry, call: Call) -> list[Any]:
    """GET /schemas/ids/{id}/versions."""
    uses = _uses(registry, call)
    return call.page(
        [{"subject": each.subject, "version": each.version} for each in uses]
    )


def get_by_guid(registry: Registry, call: Call) -> dict[str, Any]:
    """GET /schemas/guids/{guid}."""
    found = registry.reads.get_by_guid(call.part("guid"))
    return registry.answers.schema_alone(found, text=shown_text(registry, call, found))


def list_ids_of_guid(registry: Registry, call: Call) -> list[dict[str, Any]]:
    """GET /schemas/guids/{guid}/ids."""
    ids = registry.reads.list_ids(normalize_guid(call.part("guid")))
    return [{"context": context, "id": schema_id} for context, schema_id in ids]


def list_contexts(registry: Registry, call: Call) -> list[Any]:
    """GET /contexts."""
    return call.page([DEFAULT_CONTEXT, *registry.versions.list_contexts()])


def delete_context(registry: Registry, call: Call) -> NoContent:
    """DELETE /contexts/{context}: only an empty one."""
    registry.deletion.delete_context(scope_of_context(call.part("context")))
    return NoContent()


def _uses(registry: Registry, call: Call) -> list[SchemaEntity]:
    return registry.reads.get_uses(
        _subject_asked(registry, call),
        call.integer_part("id"),
        with_deleted=call.flag("deleted"),
    )


def _subject_asked(registry: Registry, call: Call) -> str:
    return aliased(registry, normalize_subject(call.text("subject")))


def _aliases(registry: Registry, prefix: str) -> dict[str, list[str]]:
    aliases: dict[str, list[str]] = {}
    for subject, alias in registry.settings.find_aliases():
        if is_between(subject, prefix):
            aliases.setdefault(qualify(subject, alias), []).append(subject)
    return aliases


def _behind_aliases(
    registry: Registry, aliases: dict[str, list[str]], listed: list[SchemaEntity]
) -> list[SchemaEntity]:
    subjects = {each.subject for each in listed}
    return [
        entity
        for subject in aliases
        if subject not in subjects
        for entity in reversed(registry.versions.list_newest_first(subject))
    ]


def _with_aliases(answer: dict[str, Any], aliases: list[str] | None) -> dict[str, Any]:
    return {**answer, "aliases": aliases} if aliases else answer
