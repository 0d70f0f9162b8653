"""Routes about the server itself, and those whose feature it does not have."""

from typing import Any

from registry.local.calls import Call
from registry.local.openapi import describe
from registry.local.refusals import refuse
from registry.local.registry import Registry
from registry.local.shapes import ANY_OBJECT

_CLUSTERS = {"kafka-cluster": "embedded", "schema-registry-cluster": "accord"}


def get_root(_registry: Registry, _call: Call) -> dict[str, Any]:
    """GET and POST /: the server is there."""
    return {}


def get_cluster(_registry: Registry, _call: Call) -> dict[str, Any]:
    """GET /v1/metadata/id."""
    return {"scope": {"path": [], "clusters": _CLUSTERS}}


def get_release(registry: Registry, _call: Call) -> dict[str, Any]:
    """GET /v1/metadata/version: the reference that is emulated."""
    emulation = registry.emulation
    return {"version": emulation.release, "commitId": emulation.commit_id}


def get_deployment(_registry: Registry, _call: Call) -> dict[str, Any]:
    """GET /v1/metadata/deployment."""
    return {"attributes": []}


def list_associations(_registry: Registry, _call: Call) -> list[Any]:
    """GET /associations/resources/...: there are none."""
    return []


def create_association(_registry: Registry, call: Call) -> dict[str, Any]:
    """POST /associations: refused, this registry keeps none."""
    call.read(ANY_OBJECT, "createAssociation.arg4")
    raise refuse(42212, "Associations are not supported by this registry")


def get_openapi(registry: Registry, _call: Call) -> dict[str, Any]:
    """GET /openapi.json."""
    return describe(registry.emulation.release)
