"""JSON: the documented shape, version 1 (docs/rules.md)."""

import json

from registry.gate.report import Report


def render_json(report: Report) -> str:
    """Return one JSON object."""
    return json.dumps(report.as_json(), indent=2, ensure_ascii=False)
