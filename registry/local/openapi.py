"""What `/openapi.json` says."""

from typing import Any


def describe(release: str) -> dict[str, Any]:
    """Return the description of the server."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Schema registry", "version": release},
    }
