"""Which resource a request line means: contexts in the path, odd characters."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, unquote_to_bytes

from registry.local.contexts import EVERY_CONTEXT, scope_of_context

MAX_TARGET_BYTES = 8192
MAX_HEADER_BYTES = 8192

_ORIGIN = re.compile(r"^https?://[^/]*", re.IGNORECASE)
"""What a client that believes in a proxy puts before the path."""

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FORBIDDEN = re.compile(rb"[\x00-\x1f\x7f\\]")


class AmbiguousAddress(Exception):
    """The path can be read in two ways, or in none; no resource sees it."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes.

    Attributes:
        path: Still percent-encoded, without matrix parameters and final slash.
        query: Name -> its values, decoded.
    """

    path: str
    query: dict[str, list[str]]


def read_address(raw_path: bytes, query_string: bytes) -> Address:
    """Return the address, with `/contexts/.c/...` turned into qualified subjects.

    Raises:
        AmbiguousAddress: An empty segment, a control character, a backslash, or an
            escape that is none or not UTF-8.
        ValueError: The context in the path is no name of one.
    """
    path = _ORIGIN.sub("", raw_path.decode("latin-1")) or "/"
    _check(path)
    path = "/".join(part.partition(";")[0] for part in path.split("/"))
    path = path.rstrip("/") if path != "/" else path
    query = parse_qs(query_string.decode("latin-1"), keep_blank_values=True)
    if path.startswith("/contexts/"):
        return _in_context(path, query)
    return Address(path or "/", query)


def _check(path: str) -> None:
    if "//" in path or _BAD_ESCAPE.search(path):
        raise AmbiguousAddress(path)
    raw = unquote_to_bytes(path)
    if _FORBIDDEN.search(raw):
        raise AmbiguousAddress(path)
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise AmbiguousAddress(path) from None


def _in_context(path: str, query: dict[str, list[str]]) -> Address:
    _, _, context, *rest = path.split("/")
    scope = scope_of_context(unquote(context))
    if not rest:
        return Address(f"/contexts/{quote(scope, safe=':.')}" if scope else path, query)
    if rest[0] in {"config", "mode"} and len(rest) == 1:
        rest.append("")
    for place, part in enumerate(rest[:-1]):
        is_setting = place == 0 and part in {"config", "mode"}
        if (part == "subjects" or is_setting) and not _names_context(rest[place + 1]):
            rest[place + 1] = quote(scope, safe=":.") + rest[place + 1]
            break
    name = {"subjects": "subjectPrefix", "schemas": "subjectPrefix"}.get("/".join(rest))
    if rest[:2] == ["schemas", "ids"]:
        name = "subject"
    if name is not None:
        values = query.get(name, [""])
        query[name] = [it if _names_context(it) else scope + it for it in values]
    return Address("/" + "/".join(part for part in rest if part), query)


def _names_context(subject: str) -> bool:
    return unquote(subject).startswith((":.", EVERY_CONTEXT))
