"""A plan as a file: made in one run, looked at by people, applied in another."""

import json
from pathlib import Path
from typing import Any

from registry.errors import InvalidContract
from registry.names import CompatibilityLevel, SchemaId, Subject, Version
from registry.plans.model import Plan, RegisterVersion, SetLevel, Step, SubjectState
from registry.registered import Reference

_FORMAT = 1


def write_plan(plan: Plan, path: Path) -> None:
    """Write the plan, without its refusals: one that has any is not to be applied."""
    path.write_text(json.dumps(plan_json(plan), indent=2) + "\n", encoding="utf-8")


def read_plan(path: Path) -> Plan:
    """Return the plan that `write_plan` wrote.

    Raises:
        InvalidContract: The file is something else.
    """
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        if fields["version"] != _FORMAT:
            reason = f"format {fields['version']!r} is not {_FORMAT}"
            raise InvalidContract(str(path), reason)
        return Plan(
            url=str(fields["registry"]),
            before=tuple(map(_state, fields["before"])),
            steps=tuple(map(_step, fields["steps"])),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OSError) as exc:
        raise InvalidContract(str(path), f"not a plan: {exc!r}") from exc


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON values."""
    return {
        "version": _FORMAT,
        "registry": plan.url,
        "before": [_state_json(each) for each in plan.before],
        "steps": [step_json(each) for each in plan.steps],
    }


def step_json(step: Step) -> dict[str, Any]:
    """Return one step as JSON values."""
    if isinstance(step, SetLevel):
        return {
            "action": "set_level",
            "subject": step.subject,
            "before": step.before,
            "level": step.level,
        }
    return {
        "action": "register",
        "subject": step.subject,
        "version": step.version,
        "schema": step.text,
        "references": [each.as_json() for each in step.references],
        "schema_id": step.schema_id,
    }


def _state_json(state: SubjectState) -> dict[str, Any]:
    return {
        "subject": state.subject,
        "level": state.level,
        "versions": {str(number): found for number, found in state.versions.items()},
        "deleted": list(state.deleted),
    }


def _state(fields: dict[str, Any]) -> SubjectState:
    return SubjectState(
        subject=Subject(str(fields["subject"])),
        level=CompatibilityLevel(fields["level"]),
        versions={
            Version(int(number)): SchemaId(int(found))
            for number, found in fields["versions"].items()
        },
        deleted=tuple(Version(int(number)) for number in fields["deleted"]),
    )


def _step(fields: dict[str, Any]) -> Step:
    subject = Subject(str(fields["subject"]))
    match fields["action"]:
        case "set_level":
            return SetLevel(
                subject=subject,
                before=CompatibilityLevel(fields["before"]),
                level=CompatibilityLevel(fields["level"]),
            )
        case "register":
            schema_id = fields["schema_id"]
            return RegisterVersion(
                subject=subject,
                version=Version(int(fields["version"])),
                text=str(fields["schema"]),
                references=tuple(map(Reference.from_json, fields["references"])),
                schema_id=None if schema_id is None else SchemaId(int(schema_id)),
            )
    raise ValueError(fields["action"])
