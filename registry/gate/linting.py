"""What the lint rules say of one version, whatever came before it."""

from collections.abc import Iterator

from registry.compatibility.depth import refuse_deep_recursion
from registry.errors import InvalidSchema
from registry.gate.findings import Finding
from registry.gate.lint_table import LINT_RULES
from registry.gate.parsing import ParsedVersion, invalid_finding, parse_stored
from registry.gate.rules.lint import Parts
from registry.gate.rules.repeated import find_repeated
from registry.gate.versions import SchemaVersion


def lint(version: SchemaVersion) -> list[Finding]:
    """Return what the lint rules find in one version, or that it is no schema."""
    try:
        return _collect_lint(parse_stored(version))
    except InvalidSchema as exc:
        return [invalid_finding(version, exc)]


def find_lint(version: ParsedVersion) -> Iterator[Finding]:
    """Yield what the lint rules see; in parts that another file defines, nothing."""
    yield from find_repeated(version.version)
    parts = Parts.of(version.root)
    for rule in LINT_RULES:
        for seen in rule.find(parts):
            if id(seen.reader) in version.foreign:
                continue
            yield Finding(
                rule_id=rule.rule_id,
                severity=rule.severity,
                subject=version.version.subject,
                path=seen.reader_path.names,
                place=version.place_of(seen.reader),
                message=seen.message,
            )


@refuse_deep_recursion
def _collect_lint(version: ParsedVersion) -> list[Finding]:
    return list(find_lint(version))
