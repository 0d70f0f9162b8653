"""One difference between two schemas, and the sentence that tells it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from registry.compatibility import JsonValue
from registry.compatibility.json_print import quote, to_json_text
from registry.compatibility.model import Props


class ChangeKind(StrEnum):
    """What is different."""

    FIELD_ADDED = "field added"
    FIELD_REMOVED = "field removed"
    FIELD_RENAMED = "field renamed"
    FIELDS_REORDERED = "fields reordered"
    TYPE = "type"
    BRANCH_ADDED = "branch added"
    BRANCH_REMOVED = "branch removed"
    BRANCHES_REORDERED = "branches reordered"
    SYMBOLS_ADDED = "symbols added"
    SYMBOLS_REMOVED = "symbols removed"
    SYMBOLS_REORDERED = "symbols reordered"
    DEFAULT = "default"
    SIZE = "size"
    NAME = "name"
    ALIASES = "aliases"
    SORT_ORDER = "sort order"
    ATTRIBUTE = "attribute"
    DOC = "doc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        path: Where, by names; as it is called afterwards, if it still is there.
        before: What it was, as text; "" if it was not there.
        after: What it is, as text; "" if it is gone.
    """

    kind: ChangeKind
    path: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        if self.before and self.after:
            return f"{self.path}: {self.kind}: {self.before} -> {self.after}"
        return f"{self.path}: {self.kind}: {self.after or self.before}"

    @property
    def mark(self) -> str:
        """``+`` for what is new, ``-`` for what is gone, ``~`` for the rest."""
        if bool(self.before) is bool(self.after):
            return "~"
        return "+" if self.after else "-"

    def as_json(self) -> dict[str, str]:
        """Return the shape of the JSON output."""
        return {
            "kind": str(self.kind),
            "path": self.path,
            "before": self.before,
            "after": self.after,
        }


def show_default(value: JsonValue | None) -> str:
    """Return a default as JSON, or the words that say there is none."""
    return "none" if value is None else to_json_text(value)


def compare_texts(
    kind: ChangeKind, before: str, after: str, path: str
) -> Iterator[Change]:
    """Yield a change if the texts differ."""
    if before != after:
        yield Change(kind=kind, path=path, before=before, after=after)


def compare_lists(
    kind: ChangeKind, before: Sequence[str], after: Sequence[str], path: str
) -> Iterator[Change]:
    """Yield a change if the lists differ, be it in their order."""
    texts = (", ".join(before), ", ".join(after))
    return compare_texts(kind, *texts, path)


def compare_orders(
    kind: ChangeKind, before: Sequence[str], after: Sequence[str], path: str
) -> Iterator[Change]:
    """Yield a change if what both lists have stands in another order."""
    both = set(before).intersection(after)
    was = [each for each in before if each in both]
    is_now = [each for each in after if each in both]
    return compare_lists(kind, was, is_now, path)


def compare_props(before: Props, after: Props, path: str) -> Iterator[Change]:
    """Yield a change for every attribute that is new, gone or another."""
    for key in dict.fromkeys((*before, *after)):
        was = f"{key} {to_json_text(before[key])}" if key in before else ""
        is_now = f"{key} {to_json_text(after[key])}" if key in after else ""
        yield from compare_texts(ChangeKind.ATTRIBUTE, was, is_now, path)


def compare_docs(before: str | None, after: str | None, path: str) -> Iterator[Change]:
    """Yield a change if the docs differ."""
    was = "" if before is None else quote(before)
    is_now = "" if after is None else quote(after)
    return compare_texts(ChangeKind.DOC, was, is_now, path)
