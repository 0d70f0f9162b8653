"""Conditions for people and for machines."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from registry.doctor.needs import Condition, is_fit

_STATE_WIDTH = 9
_NAME_WIDTH = 17


def render_text(conditions: Sequence[Condition]) -> list[str]:
    """Return a line a condition, and one that sums them up."""
    return [*map(_line, conditions), _sum_up(conditions)]


def render_json(conditions: Sequence[Condition]) -> str:
    """Return one object: `version`, `fit` and `conditions`."""
    rows = [asdict(each) | {"needed": not each.serves} for each in conditions]
    return json.dumps({"version": 1, "fit": is_fit(conditions), "conditions": rows})


def _line(condition: Condition) -> str:
    state = "ok" if condition.is_met else "missing"
    head = f"{state:<{_STATE_WIDTH}}{condition.name:<{_NAME_WIDTH}}"
    if condition.is_met:
        return f"{head}{condition.said}"
    wanted = f" (only for {condition.serves})" if condition.serves else ""
    remedy = f"; {condition.remedy}" if condition.remedy else ""
    return f"{head}{condition.said}{wanted}{remedy}"


def _sum_up(conditions: Sequence[Condition]) -> str:
    missing = [each for each in conditions if not each.is_met]
    needed = sum(not each.serves for each in missing)
    if needed:
        return f"missing: {needed} of what is needed"
    if missing:
        return f"fit: all that is needed is here; {len(missing)} optional missing"
    return "fit: everything is here"
