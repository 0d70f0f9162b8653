"""Routes below /associations: which subject a topic's keys and values belong to."""

from typing import Any

from registry.local.calls import Call, NoContent
from registry.local.contexts import normalize_subject
from registry.local.refusals import invalid_association
from registry.local.registry import Registry
from registry.local.request_parts import read_entity
from registry.local.shapes import ASSOCIATIONS

_ANY_NAMESPACE = "-"
_REQUIRED = ("resourceName", "resourceNamespace", "resourceId", "associations")


def find(registry: Registry, call: Call) -> list[Any]:
    """GET /associations/resources/{namespace}/{name}."""
    namespace, name = call.part("namespace"), call.part("name")
    found = [
        each
        for each in registry.settings.list_associations()
        if each["resourceName"] == name
        and namespace in {_ANY_NAMESPACE, each["resourceNamespace"]}
        and _is_wanted(call, each)
    ]
    return call.page(found)


def create(registry: Registry, call: Call) -> dict[str, Any]:
    """POST /associations: add to a resource, registering schemas that come along."""
    body = call.read(ASSOCIATIONS, "createAssociation.arg4")
    for name in _REQUIRED:
        if not body.get(name):
            raise invalid_association(name)
    resource = {key: it for key, it in body.items() if it and key != "associations"}
    resource.setdefault("resourceType", "topic")
    infos = [_read_info(registry, each) for each in body["associations"]]
    with registry.store.transaction():
        _replace(registry, resource, infos)
    return {**resource, "associations": infos}


def delete(registry: Registry, call: Call) -> NoContent:
    """DELETE /associations/resources/{resource}: all, or those of some types."""
    resource_id = call.part("resource")
    before = registry.settings.find_associations(resource_id)
    kept = [each for each in before if not _is_wanted(call, each)]
    with registry.store.transaction():
        registry.settings.put_associations(resource_id, kept)
    return NoContent()


def _read_info(registry: Registry, info: dict[str, Any]) -> dict[str, Any]:
    if not info.get("subject"):
        raise invalid_association("subject")
    subject = normalize_subject(info["subject"])
    known = {key: it for key, it in info.items() if it is not None}
    if known.get("schema"):
        registry.registration.register(
            read_entity(subject, known["schema"]),
            normalizes=bool(known.pop("normalize", False)),
        )
    return {"associationType": "value", "frozen": False, **known, "subject": subject}


def _replace(
    registry: Registry, resource: dict[str, Any], infos: list[dict[str, Any]]
) -> None:
    resource_id = resource["resourceId"]
    types = {info["associationType"] for info in infos}
    before = registry.settings.find_associations(resource_id)
    kept = [each for each in before if each["associationType"] not in types]
    added = [
        {**resource, **{key: it for key, it in info.items() if key != "schema"}}
        for info in infos
    ]
    registry.settings.put_associations(resource_id, kept + added)


def _is_wanted(call: Call, association: dict[str, Any]) -> bool:
    types = call.texts("associationType")
    resource_type = call.text("resourceType")
    return (not types or association["associationType"] in types) and (
        resource_type in {"", association["resourceType"]}
    )
