"""Routes about the server itself."""

from typing import Any

from registry.local.calls import Call
from registry.local.registry import Registry

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
