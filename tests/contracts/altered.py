"""A registry that gives some answers of its own, such as no open one has."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class AlteredRegistry:
    """An application in front of a registry.

    Args:
        registry: What answers everything else.
        answers: Path -> what is answered instead.
    """

    def __init__(self, registry: ASGIApp, answers: Mapping[str, Any]) -> None:
        self._registry = registry
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"] in self._answers:
            response = JSONResponse(self._answers[scope["path"]])
            await response(scope, receive, send)
        else:
            await self._registry(scope, receive, send)
