"""A rule about the text: a name that stands twice in one object."""

from collections.abc import Iterator

from registry.gate.findings import Finding, Place, Severity
from registry.gate.versions import SchemaVersion
from registry.json_tokens import find_repeated_names

REPEATED = "LINT_NAME_REPEATED"


def find_repeated(version: SchemaVersion) -> Iterator[Finding]:
    """An object has two members of one name; every reader takes the last."""
    for each in find_repeated_names(version.text):
        line, column = each.position
        yield Finding(
            rule_id=REPEATED,
            severity=Severity.WARNING,
            subject=version.subject,
            path="",
            place=Place(file=version.origin, line=line, column=column),
            message=f'"{each.name}" stands twice in one object; only the last counts',
        )
