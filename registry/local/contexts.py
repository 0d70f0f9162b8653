"""Qualified subjects: `:.context:subject`, and the orders the reference lists them in.

The default context is `.` and is never written: `orders-value` and `:.:orders-value`
are the same subject.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

DEFAULT_CONTEXT = "."
GLOBAL_CONTEXT = ".__GLOBAL"
GLOBAL_SCOPE = ":.__GLOBAL:"
EVERY_CONTEXT = ":*:"

_RESERVED_SUBJECTS = {"__GLOBAL", "__EMPTY"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class QualifiedSubject:
    """A subject and the context it lives in.

    Attributes:
        context: Starts with a dot, or `*` for all of them.
        name: The subject without its context; "" stands for the context itself.
    """

    context: str
    name: str

    @property
    def scope(self) -> str:
        """The context as a prefix: "" for the default one, else `:.context:`."""
        return "" if self.context == DEFAULT_CONTEXT else f":{self.context}:"

    def __str__(self) -> str:
        return self.scope + self.name


def parse_subject(subject: str) -> QualifiedSubject:
    """Split a subject as it was sent into context and name."""
    if subject.startswith(":."):
        context, _, name = subject[1:].partition(":")
        return QualifiedSubject(context, name)
    if subject.startswith(EVERY_CONTEXT):
        return QualifiedSubject("*", subject.removeprefix(EVERY_CONTEXT))
    return QualifiedSubject(DEFAULT_CONTEXT, subject)


def normalize_subject(subject: str) -> str:
    """Return the one spelling of a subject."""
    return str(parse_subject(subject))


def qualify(parent: str, subject: str) -> str:
    """Return `subject` in the context of `parent` unless it names its own."""
    qualified = parse_subject(subject)
    if qualified.context != DEFAULT_CONTEXT:
        return str(qualified)
    return str(QualifiedSubject(parse_subject(parent).context, subject))


def is_valid_subject(subject: str, *, is_scope: bool = False) -> bool:
    """Return whether schemas (or, for a scope, settings) may carry the name."""
    if _CONTROL.search(subject):
        return False
    qualified = parse_subject(subject)
    if qualified.name in _RESERVED_SUBJECTS:
        return False
    if qualified.context == GLOBAL_CONTEXT:
        return is_scope and not qualified.name
    return True


def scope_of_context(context: str) -> str:
    """Return the prefix of a context that may be written `.c`, `c` or `:.c:`.

    Raises:
        ValueError: The name has a colon inside.
    """
    bare = context.removeprefix(":").removesuffix(":")
    if ":" in bare:
        message = "Context name cannot contain a colon"
        raise ValueError(message)
    if not bare.startswith("."):
        bare = f".{bare}"
    return QualifiedSubject(bare, "").scope


def code_units(text: str) -> bytes:
    """Return the key that sorts as Java sorts strings: by UTF-16 code unit."""
    return text.encode("utf-16-be", "surrogatepass")


def is_between(subject: str, prefix: str) -> bool:
    """Return whether a listing by `prefix` shows `subject`.

    A prefix that ends inside a context name covers all contexts so named.
    """
    if prefix == EVERY_CONTEXT:
        return True
    wanted, found = parse_subject(prefix), parse_subject(subject)
    if wanted.context == "*":
        return found.name.startswith(wanted.name)
    if prefix.startswith(":.") and ":" not in prefix[1:]:
        return found.context.startswith(wanted.context)
    return found.context == wanted.context and found.name.startswith(wanted.name)


def in_hash_order(items: Iterable[_T], names: Sequence[str]) -> list[_T]:
    """Return `items` as a Java hash map keyed by `names` would list them.

    Args:
        items: In the order of insertion.
        names: The key of each, same order and length.
    """
    bucket_count = 16
    while len(names) > bucket_count * 3 // 4:
        bucket_count *= 2
    keyed = zip((_bucket(name, bucket_count) for name in names), items, strict=True)
    return [item for _, item in sorted(keyed, key=lambda each: each[0])]


def _bucket(name: str, bucket_count: int) -> int:
    units = code_units(name)
    value = 0
    for high, low in zip(units[::2], units[1::2], strict=True):
        value = (31 * value + (high << 8 | low)) & 0xFFFFFFFF
    return (value ^ value >> 16) & (bucket_count - 1)
