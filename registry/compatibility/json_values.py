"""JSON values as a schema text holds them: with their place, numbers as Java prints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class JsonNull:
    """The literal ``null``."""

    offset: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class JsonBoolean:
    """The literal ``true`` or ``false``."""

    value: bool
    offset: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """A number; two are equal if Java prints them alike, so 1 is not 1.0.

    Attributes:
        text: As Java prints it: ``1e10`` is ``1.0E10``.
        value: An int if the text has neither fraction nor exponent, else a float.
    """

    text: str
    value: int | float = field(compare=False)
    offset: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class JsonString:
    """A string, unescaped."""

    value: str
    offset: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class JsonArray:
    """A list of values."""

    items: tuple["JsonValue", ...]
    offset: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class JsonObject:
    """Members in the order of their first appearance; the last value of a name wins."""

    members: Mapping[str, "JsonValue"]
    offset: int = field(default=0, compare=False, repr=False)

    def get(self, name: str) -> "JsonValue | None":
        """Return the member, or None if there is none of that name."""
        return self.members.get(name)

    def get_text(self, name: str) -> str | None:
        """Return the member if it is a string, else None."""
        member = self.members.get(name)
        return member.value if isinstance(member, JsonString) else None


JsonValue: TypeAlias = (
    JsonNull | JsonBoolean | JsonNumber | JsonString | JsonArray | JsonObject
)
"""Any JSON value; `offset` counts characters from the start of the text."""
