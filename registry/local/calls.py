"""One request as the routes see it, and what they may answer beside JSON."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from registry.local.bodies import Shape, read_body
from registry.local.contexts import normalize_subject
from registry.local.refusals import refuse

_INT_LIMIT = 1 << 31
_INTEGER = re.compile(r"[+-]?0*[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class RawText:
    """An answer that is sent as it is."""

    text: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class NoContent:
    """Done, and nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that has found its route.

    Attributes:
        path: Name -> its part of the path, still percent-encoded.
        query: Name -> its values, decoded, in the order sent.
        body: As received.
    """

    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: bytes = b""

    @property
    def sent_subject(self) -> str:
        """The subject of the path, decoded once."""
        return self.part("subject")

    @property
    def subject(self) -> str:
        """The subject of the path in its one spelling."""
        return normalize_subject(self.sent_subject)

    def part(self, name: str) -> str:
        """Return a part of the path, decoded once."""
        return unquote(self.path[name])

    def integer_part(self, name: str) -> int:
        """Return a part of the path that must be an integer, else 404."""
        return _integer(self.part(name))

    def text(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        return self.query[name][0] if name in self.query else default

    def texts(self, name: str) -> list[str]:
        """Return all values of a query parameter."""
        return list(self.query.get(name, ()))

    def flag(self, name: str) -> bool:
        """Return whether a query parameter is `true`, in any letter case."""
        return self.text(name).lower() == "true"

    def page(self, items: Sequence[Any], *, most: int | None = None) -> list[Any]:
        """Return the items between `offset` and `limit`.

        Args:
            items: All of them.
            most: The longest page; a limit out of bounds means this.
        """
        offset = max(self._number("offset", 0), 0)
        limit = self._number("limit", -1)
        if limit <= 0 or (most is not None and limit > most):
            limit = len(items) if most is None else most
        return list(items[offset : offset + limit])

    def _number(self, name: str, default: int) -> int:
        """Return a query parameter; one without a value counts as not sent."""
        text = self.text(name)
        return _integer(text) if text.strip() else default

    def read(self, shape: Shape, missing: str) -> dict[str, Any]:
        """Return the body's members, or refuse it; see `read_body`."""
        return read_body(self.body, shape, missing=missing)


def _integer(text: str) -> int:
    if _INTEGER.fullmatch(text) and -_INT_LIMIT <= int(text) < _INT_LIMIT:
        return int(text)
    raise refuse(404, "HTTP 404 Not Found")
