"""Every rule there is, by id; docs/rules.md is made from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from registry.gate.data_table import DATA_RULES
from registry.gate.findings import Severity
from registry.gate.lint_table import LINT_RULES
from registry.gate.parsing import INVALID
from registry.gate.process_table import PROCESS_RULES
from registry.gate.read_table import READ_RULES
from registry.gate.rule import Rule
from registry.gate.rules.repeated import REPEATED
from registry.gate.suppressing import EXPIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the documentation says about a rule."""

    rule_id: str
    severity: Severity
    says: str
    because: str
    remedy: str


_BUILT_IN = (
    Entry(
        rule_id=INVALID,
        severity=Severity.ERROR,
        says="A candidate is not an Avro schema.",
        because="The registry would refuse it; the message is the registry's own.",
        remedy="Correct it at the place named.",
    ),
    Entry(
        rule_id=EXPIRED,
        severity=Severity.ERROR,
        says="A suppression of the manifest is past its day.",
        because="What was accepted for a while is accepted no longer.",
        remedy="Solve what it hid, or agree on another day.",
    ),
)
_OF_TEXTS = (
    Entry(
        rule_id=REPEATED,
        severity=Severity.WARNING,
        says="A name stands twice in one object of the schema text.",
        because="Readers take the last one, and nobody sees that there was a first.",
        remedy="Remove the one that does not count.",
    ),
)


def _entries(rules: Iterable[Rule[Any, Any]]) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            rule_id=str(each.rule_id),
            severity=each.severity,
            says=each.says,
            because=each.because,
            remedy=each.remedy,
        )
        for each in rules
    )


GROUPS: Mapping[str, tuple[Entry, ...]] = {
    "What a reader cannot read": _entries(READ_RULES),
    "What registries accept and consumers get wrong": _entries(DATA_RULES),
    "How versions come to be": (*_entries(PROCESS_RULES), *_BUILT_IN),
    "Style": (*_entries(LINT_RULES), *_OF_TEXTS),
}
"""Heading -> its rules, in the order of the documentation."""

ENTRIES: Mapping[str, Entry] = {
    each.rule_id: each for entries in GROUPS.values() for each in entries
}


def find_entry(rule_id: str) -> Entry:
    """Return the rule's entry.

    Raises:
        KeyError: There is no such rule.
    """
    return ENTRIES[rule_id]
