"""Routes below /compatibility."""

from collections.abc import Sequence
from typing import Any

from registry.errors import RegistryRefused
from registry.local import refusals
from registry.local.calls import Call
from registry.local.deletion import parse_version
from registry.local.entities import SchemaEntity
from registry.local.registry import Registry
from registry.local.request_parts import aliased, read_entity, wants_normal_form
from registry.local.shapes import REGISTER
from registry.local.versions import live


def check_with_version(registry: Registry, call: Call) -> dict[str, Any]:
    """POST /compatibility/subjects/{subject}/versions/{version}."""
    body = call.read(REGISTER, "testCompatibilityBySubjectName.arg4")
    subject = aliased(registry, call.subject)
    number = parse_version(call.part("version"))
    found = registry.versions.find(subject, number)
    if found is None and number != -1:
        raise refusals.version_not_found(number)
    return _check(registry, call, read_entity(subject, body), [found] if found else [])


def check_with_history(registry: Registry, call: Call) -> dict[str, Any]:
    """POST /compatibility/subjects/{subject}/versions."""
    body = call.read(REGISTER, "testCompatibilityForSubject.arg3")
    subject = aliased(registry, call.subject)
    history = live(registry.versions.list_newest_first(subject))
    return _check(registry, call, read_entity(subject, body), history)


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
        normalizes=wants_normal_form(registry, call, entity.subject),
    )
    if candidate is None:
        raise refusals.invalid_schema("Empty schema")
    return registry.compatibility.find_messages(config, candidate, history)
