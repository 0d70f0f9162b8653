"""Which names are legal, and what a name means inside a namespace."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from registry.compatibility.avro_version import AvroVersion
from registry.compatibility.model import FullName

_STRICT_PART = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRules:
    """The rules names are held to.

    Each finds what is wrong with a name, or nothing.

    Attributes:
        find_fault: For names of types, fields and symbols.
        find_namespace_fault: For a whole namespace.
        find_alias_fault: For aliases of types.
    """

    find_fault: Callable[[str], str | None]
    find_namespace_fault: Callable[[str], str | None]
    find_alias_fault: Callable[[str], str | None]


def name_rules(avro: AvroVersion, *, is_new: bool) -> NameRules:
    """Return the rules for a text; since 1.12 a new one is held to stricter rules."""
    if avro is AvroVersion.V1_11:
        return NameRules(
            find_fault=_find_unicode_fault,
            find_namespace_fault=_accept,
            find_alias_fault=_find_unicode_fault,
        )
    if is_new:
        return NameRules(
            find_fault=_find_strict_fault,
            find_namespace_fault=_find_strict_namespace_fault,
            find_alias_fault=_find_strict_fault,
        )
    return NameRules(
        find_fault=_find_unicode_fault,
        find_namespace_fault=_accept,
        find_alias_fault=_accept,
    )


def full_name(text: str, *, namespace: str) -> FullName:
    """Return the name a text means there: a dot in it overrides the namespace."""
    prefix, dot, simple = text.rpartition(".")
    return FullName(simple, prefix) if dot else FullName(text, namespace)


def lookup_key(text: str, *, namespace: str, avro: AvroVersion) -> str:
    """Return the key of the type a name refers to there.

    Since 1.12 a name with a dot is taken as it is, so ``.A`` refers to nothing.
    """
    if avro is AvroVersion.V1_12 and "." in text:
        return text
    return str(full_name(text, namespace=namespace))


def _accept(name: str) -> str | None:  # noqa: ARG001 - a rule that nothing breaks
    return None


def _find_unicode_fault(name: str) -> str | None:
    if _STRICT_PART.fullmatch(name):
        return None
    if not name:
        return "Empty name"
    if not (name[0].isalpha() or name[0] == "_"):
        return f"Illegal initial character: {name}"
    if not all(_is_letter_or_digit(each) for each in name):
        return f"Illegal character in: {name}"
    return None


def _is_letter_or_digit(character: str) -> bool:
    return character.isalpha() or character.isdecimal() or character == "_"


def _find_strict_fault(name: str) -> str | None:
    if _STRICT_PART.fullmatch(name):
        return None
    if not name:
        return "Empty name"
    if not _STRICT_PART.match(name):
        return f"Illegal initial character: {name}"
    return f"Illegal character in: {name}"


def _find_strict_namespace_fault(namespace: str) -> str | None:
    if not namespace:
        return None
    for part in namespace.split("."):
        fault = _find_strict_fault(part)
        if fault is not None:
            return f'Namespace part "{part}" is invalid: {fault}'
    return None
