"""What a JSON text holds that its value does not: comments and repeated names."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from registry.compatibility.positions import Position, SourceText

_TOKEN = re.compile(
    r'(?P<comment>//[^\r\n]*|/\*.*?\*/)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<mark>[{}\[\],:])',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A name that an object has twice; the last value counts."""

    name: str
    position: Position


def find_comments(text: str) -> list[Position]:
    """Return where comments start, in order."""
    if "//" not in text and "/*" not in text:
        return []
    source = SourceText(text)
    return [
        source.position_at(match.start())
        for match in _TOKEN.finditer(text)
        if match["comment"]
    ]


def find_repeated_names(text: str) -> list[Repeated]:
    """Return the second and later appearances of names within one object."""
    source = SourceText(text)
    return [
        Repeated(_name(match), source.position_at(match.start()))
        for match in _repeated(text)
    ]


def _repeated(text: str) -> Iterator[re.Match[str]]:
    """Yield the tokens that repeat a name; `text` is well-formed."""
    names: list[set[str]] = []
    candidate: re.Match[str] | None = None
    for match in _TOKEN.finditer(text):
        mark = match["mark"]
        if mark in {"{", "["}:
            names.append(set())
        elif mark in {"}", "]"}:
            names.pop()
        elif mark == ":" and candidate is not None:
            name = _name(candidate)
            if name in names[-1]:
                yield candidate
            names[-1].add(name)
        if not match["comment"]:
            candidate = match if match["string"] else None


def _name(match: re.Match[str]) -> str:
    """Return the string of the token; escapes may spell one name in two ways."""
    written = match["string"]
    return written[1:-1] if "\\" not in written else str(json.loads(written))
