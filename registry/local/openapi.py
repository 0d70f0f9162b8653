"""What `/openapi.json` says: every address, its methods, and what they are for."""

import re
from collections.abc import Iterable
from typing import Any

from registry.local.negotiation import PRODUCED
from registry.local.routes import Action, Endpoint

_PARAMETER = re.compile(r"\{(\w+)\}")
_WITH_BODY = {"POST", "PUT"}
_ERROR = {
    "type": "object",
    "required": ["error_code", "message"],
    "properties": {
        "error_code": {"type": "integer"},
        "message": {"type": "string"},
    },
}


def describe(endpoints: Iterable[Endpoint], release: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of a server with these endpoints."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Confluent-compatible schema registry for Avro",
            "version": release,
        },
        "paths": {each.path: _describe_endpoint(each) for each in endpoints},
        "components": {"schemas": {"Error": _ERROR}},
    }


def _describe_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(endpoint.path)
    ]
    methods = {
        method.lower(): _describe_action(method, action)
        for method, action in endpoint.actions.items()
    }
    return {**methods, "parameters": parameters} if parameters else methods


def _describe_action(method: str, action: Action) -> dict[str, Any]:
    summary = (action.__doc__ or "").partition("\n")[0].partition(": ")[2]
    error = {"schema": {"$ref": "#/components/schemas/Error"}}
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()}_{action.__name__}",
        "summary": summary or action.__name__.replace("_", " "),
        "responses": {
            "200": {"description": "Done."},
            "default": {
                "description": "Refused; the code tells why.",
                "content": dict.fromkeys(PRODUCED, error),
            },
        },
    }
    if method in _WITH_BODY:
        body = {"application/json": {"schema": {"type": "object"}}}
        operation["requestBody"] = {"content": body}
    return operation
