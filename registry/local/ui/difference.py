"""What changed between two versions: line by line, and who can still read whom."""

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from registry.compatibility import AmbiguousField, AvroSchema, check_readable

_MOST_LINES = 4000
_CONTEXT_LINES = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison.

    Attributes:
        kind: "added", "removed", "same", or "skipped" in the place of many.
        before: Its number in the earlier text, or None.
        after: Its number in the later text, or None.
        text: Without a mark.
    """

    kind: str
    before: int | None
    after: int | None
    text: str


def pretty(text: str) -> str:
    """Return a schema's text as people like to read it, or as it is if too deep."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except RecursionError:
        return text


def compare_texts(earlier: str, later: str) -> list[Line]:
    """Return the lines of both, changed ones with some around them.

    Of texts with more than 4,000 lines nothing is compared.
    """
    before, after = pretty(earlier).splitlines(), pretty(later).splitlines()
    if max(len(before), len(after)) > _MOST_LINES:
        return [Line("skipped", None, None, "too long to be compared here")]
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    lines: list[Line] = []
    for group in matcher.get_grouped_opcodes(_CONTEXT_LINES):
        if lines:
            lines.append(Line("skipped", None, None, "⋯"))
        for code in group:
            lines += _lines(code, before, after)
    return lines


def find_obstacles(*, reader: AvroSchema, writer: AvroSchema) -> list[str]:
    """Return why the reader cannot read what the writer wrote; empty if it can."""
    try:
        found = check_readable(reader=reader, writer=writer)
    except AmbiguousField as exc:
        return [exc.reason]
    return [f"{each.location}: {each.type} {each.message}" for each in found]


def _lines(
    code: tuple[str, int, int, int, int], before: list[str], after: list[str]
) -> Iterator[Line]:
    tag, start, end, new_start, new_end = code
    if tag == "equal":
        for offset, text in enumerate(before[start:end]):
            yield Line("same", start + offset + 1, new_start + offset + 1, text)
        return
    for number in range(start, end):
        yield Line("removed", number + 1, None, before[number])
    for number in range(new_start, new_end):
        yield Line("added", None, number + 1, after[number])
