"""SARIF 2.1.0, for code scanning."""

import json
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from registry.gate.findings import Finding, Severity
from registry.gate.report import Report
from registry.gate.table import find_entry

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}


def render_sarif(report: Report) -> str:
    """Return one run."""
    findings = report.findings
    rule_ids = sorted({each.rule_id for each in findings})
    driver = {
        "name": "contracts",
        "version": version("accord"),
        "rules": [_rule(each) for each in rule_ids],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, rule_ids) for each in findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _rule(rule_id: str) -> dict[str, Any]:
    entry = find_entry(rule_id)
    return {
        "id": rule_id,
        "shortDescription": {"text": entry.says},
        "fullDescription": {"text": entry.because},
        "help": {"text": entry.remedy},
        "defaultConfiguration": {"level": _LEVELS[entry.severity]},
    }


def _result(finding: Finding, rule_ids: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule_id,
        "ruleIndex": rule_ids.index(finding.rule_id),
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(finding)],
        "partialFingerprints": {"contracts/v1": finding.fingerprint},
    }
    if finding.is_suppressed:
        result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.place.file)}}
    if finding.place.line:
        physical["region"] = {
            "startLine": finding.place.line,
            "startColumn": max(finding.place.column, 1),
        }
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.path:
        name = {"fullyQualifiedName": f"{finding.subject}:{finding.path}"}
        location["logicalLocations"] = [name]
    return location


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
