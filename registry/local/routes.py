"""Every address of the registry, with what answers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from registry.local import association_routes as associations
from registry.local import compatibility_routes as compatibility
from registry.local import schema_routes as schemas
from registry.local import server_routes as server
from registry.local import settings_routes as settings
from registry.local import subject_routes as subjects
from registry.local.calls import Call
from registry.local.registry import Registry

Action = Callable[[Registry, Call], Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address.

    Attributes:
        path: With a `{name}` for each part that varies.
        actions: HTTP method -> what answers it; HEAD goes with GET.
        is_new: True if releases before 8 do not have it.
    """

    path: str
    actions: Mapping[str, Action]
    is_new: bool = False


ENDPOINTS = (
    Endpoint("/", {"GET": server.get_root, "POST": server.get_root}),
    Endpoint("/subjects", {"GET": subjects.list_subjects}),
    Endpoint(
        "/subjects/{subject}",
        {"POST": subjects.look_up, "DELETE": subjects.delete_subject},
    ),
    Endpoint("/subjects/{subject}/metadata", {"GET": subjects.find_by_metadata}),
    Endpoint(
        "/subjects/{subject}/versions",
        {"GET": subjects.list_versions, "POST": subjects.register},
    ),
    Endpoint(
        "/subjects/{subject}/versions/{version}",
        {"GET": subjects.get_version, "DELETE": subjects.delete_version},
    ),
    Endpoint(
        "/subjects/{subject}/versions/{version}/schema",
        {"GET": subjects.get_version_text},
    ),
    Endpoint(
        "/subjects/{subject}/versions/{version}/referencedby",
        {"GET": subjects.list_referrers},
    ),
    Endpoint(
        "/subjects/{subject}/versions/{version}/tags",
        {"POST": subjects.register_tags},
    ),
    Endpoint(
        "/compatibility/subjects/{subject}/versions",
        {"POST": compatibility.check_with_history},
    ),
    Endpoint(
        "/compatibility/subjects/{subject}/versions/{version}",
        {"POST": compatibility.check_with_version},
    ),
    Endpoint("/schemas", {"GET": schemas.list_schemas}),
    Endpoint("/schemas/types", {"GET": schemas.list_types}),
    Endpoint("/schemas/ids/{id}", {"GET": schemas.get_by_id}),
    Endpoint("/schemas/ids/{id}/schema", {"GET": schemas.get_text_by_id}),
    Endpoint("/schemas/ids/{id}/subjects", {"GET": schemas.list_subjects_of_id}),
    Endpoint("/schemas/ids/{id}/versions", {"GET": schemas.list_versions_of_id}),
    Endpoint("/schemas/guids/{guid}", {"GET": schemas.get_by_guid}, is_new=True),
    Endpoint(
        "/schemas/guids/{guid}/ids", {"GET": schemas.list_ids_of_guid}, is_new=True
    ),
    Endpoint("/contexts", {"GET": schemas.list_contexts}),
    Endpoint("/contexts/{context}", {"DELETE": schemas.delete_context}, is_new=True),
    Endpoint(
        "/config",
        {
            "GET": settings.get_config,
            "PUT": settings.put_config,
            "DELETE": settings.delete_config,
        },
    ),
    Endpoint(
        "/config/{subject}",
        {
            "GET": settings.get_config,
            "PUT": settings.put_config,
            "DELETE": settings.delete_config,
        },
    ),
    Endpoint("/mode", {"GET": settings.get_mode, "PUT": settings.put_mode}),
    Endpoint(
        "/mode/{subject}",
        {
            "GET": settings.get_mode,
            "PUT": settings.put_mode,
            "DELETE": settings.delete_mode,
        },
    ),
    Endpoint("/associations", {"POST": associations.create}, is_new=True),
    Endpoint(
        "/associations/resources/{resource}",
        {"DELETE": associations.delete},
        is_new=True,
    ),
    Endpoint(
        "/associations/resources/{namespace}/{name}",
        {"GET": associations.find},
        is_new=True,
    ),
    Endpoint("/v1/metadata/id", {"GET": server.get_cluster}),
    Endpoint("/v1/metadata/version", {"GET": server.get_release}),
    Endpoint("/v1/metadata/deployment", {"GET": server.get_deployment}),
)
