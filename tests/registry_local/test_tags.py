"""Tags in a schema's text, and properties beside it."""

from typing import Any

from tests.registry_local.conftest import InProcess

_PLACE = {"entityType": "sr_field", "entityPath": "R.f"}
_TAGS = [{"schemaEntity": _PLACE, "tags": ["PII"]}]


def _record(*names: str) -> dict[str, Any]:
    fields = [{"name": each, "type": "int", "default": 0} for each in names]
    return {"type": "record", "name": "R", "namespace": "n", "fields": fields}


def test_tags_of_a_schema_are_found_and_removed(registry: InProcess) -> None:
    """A tag is part of the text: adding or removing one makes a version."""
    registry.register("s", _record("f"))

    registry.ask("POST", "/subjects/s/versions/1/tags", {"tagsToAdd": _TAGS})
    found = registry.ask("GET", "/subjects/s/versions/2?findTags=PII").json()
    registry.ask("POST", "/subjects/s/versions/2/tags", {"tagsToRemove": _TAGS})
    after = registry.ask("GET", "/subjects/s/versions/3?findTags=*").json()

    assert found["schemaTags"] == _TAGS
    assert "schemaTags" not in after


def test_schema_registered_with_tags_is_a_version_of_its_own(
    registry: InProcess,
) -> None:
    """The tags go into its text, and its metadata tells the version they made."""
    registry.register("s", _record("f"))

    tagged = registry.register("s", _record("f"), schemaTagsToAdd=_TAGS)
    found = registry.ask("GET", "/subjects/s/versions/2?findTags=PII").json()

    assert tagged["version"] == 2
    assert tagged["metadata"] == {"properties": {"confluent:version": "2"}}
    assert found["schemaTags"] == _TAGS


def test_schema_registered_without_its_tags_loses_them(registry: InProcess) -> None:
    """What is to be removed may be in the text that is sent."""
    schema = _record("f")
    schema["fields"][0]["confluent:tags"] = ["PII"]

    answer = registry.register("s", schema, schemaTagsToRemove=_TAGS)

    assert "confluent:tags" not in answer["schema"]


def test_tags_go_on_to_the_next_version_if_asked(registry: InProcess) -> None:
    """Whoever adds a field need not know how the others are tagged."""
    registry.register("s", _record("f"), schemaTagsToAdd=_TAGS)

    registry.register("s", _record("f", "g"))
    alone = registry.ask("GET", "/subjects/s/versions/2?findTags=*").json()
    registry.ask("DELETE", "/subjects/s/versions/2")
    registry.register("s", _record("f", "h"), propagateSchemaTags=True)
    inherited = registry.ask("GET", "/subjects/s/versions/3?findTags=*").json()

    assert "schemaTags" not in alone
    assert inherited["schemaTags"] == _TAGS


def test_invalid_schema_is_refused_before_it_is_tagged(registry: InProcess) -> None:
    """The refusal is the one of any invalid schema."""
    answer = registry.register("s", "Missing", schemaTagsToAdd=_TAGS)

    assert answer["error_code"] == 42201


def test_newest_version_with_the_properties_is_found(registry: InProcess) -> None:
    """Versions without metadata of their own have their predecessor's."""
    registry.register("s", _record("f"), metadata=_owner("x"))
    registry.register("s", _record("f", "g"), metadata=_owner("y"))
    registry.register("s", _record("f", "g", "h"))

    assert _find(registry, "x")["version"] == 1
    assert _find(registry, "y")["version"] == 3
    assert _find(registry, "z")["error_code"] == 40403


def test_deleted_version_is_found_by_its_properties_if_asked(
    registry: InProcess,
) -> None:
    """Otherwise it is as if it had never been."""
    registry.register("s", _record("f"), metadata=_owner("x"))
    registry.register("s", _record("f", "g"), metadata=_owner("y"))
    registry.ask("DELETE", "/subjects/s/versions/1")

    assert _find(registry, "x")["error_code"] == 40403
    assert _find(registry, "x", "&deleted=true")["deleted"] is True


def test_versions_of_another_group_are_not_compared(registry: InProcess) -> None:
    """The newest of the same group is, whatever came in between."""
    registry.ask("PUT", "/config/s", {"compatibilityGroup": "owner"})
    registry.register("s", "int", metadata=_owner("x"))

    other = registry.register("s", "string", metadata=_owner("y"))
    same = registry.register("s", "boolean", metadata=_owner("x"))

    assert other["version"] == 2
    assert same["error_code"] == 40901
    assert "{oldSchemaVersion: 1}" in same["message"]


def _owner(name: str) -> dict[str, Any]:
    return {"properties": {"owner": name}}


def _find(registry: InProcess, owner: str, more: str = "") -> dict[str, Any]:
    path = f"/subjects/s/metadata?key=owner&value={owner}{more}"
    found: dict[str, Any] = registry.ask("GET", path).json()
    return found
