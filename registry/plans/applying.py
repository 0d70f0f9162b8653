"""Do what a plan says, step by step, and read back every one."""

from collections.abc import Iterator
from dataclasses import dataclass

from registry.client import RegistryClient
from registry.compatibility import parse_schema
from registry.errors import InvalidSchema, RegistryMoved
from registry.plans.held import HeldVersions
from registry.plans.model import Plan, RegisterVersion, SetLevel, Step, SubjectState
from registry.registered import RegisteredSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One step that holds now.

    Attributes:
        is_new: False if it was done before this run.
    """

    step: Step
    is_new: bool

    def __str__(self) -> str:
        return str(self.step) if self.is_new else f"{self.step}: already done"


def apply_plan(plan: Plan, client: RegistryClient) -> Iterator[Applied]:
    """Do the plan's steps in order, each read back before the next.

    Nothing is written unless the registry is as the plan found it, but for steps of
    the plan itself: so an interrupted run is simply run again.

    Yields:
        Every step as soon as it holds.

    Raises:
        RegistryMoved: Somebody else changed the registry since, or meanwhile.
        IncompatibleSchema: The registry refuses a version.
        RegistryUnavailable: No registry answers; run it again.
    """
    if plan.refusals:
        raise ValueError(plan.refusals)
    _require_unmoved(plan, client)
    for step in plan.steps:
        is_new = not _is_done(step, client)
        if is_new:
            _do(step, client)
            if not _is_done(step, client):
                raise RegistryMoved(step.subject, f"it did not take: {step}")
        yield Applied(step=step, is_new=is_new)


def _do(step: Step, client: RegistryClient) -> None:
    if isinstance(step, SetLevel):
        client.set_level(step.subject, step.level)
    elif step.schema_id is None:
        client.register(step.subject, step.text, references=step.references)
    else:
        client.import_version(
            RegisteredSchema(
                subject=step.subject,
                version=step.version,
                schema_id=step.schema_id,
                text=step.text,
                references=step.references,
            )
        )


def _is_done(step: Step, client: RegistryClient) -> bool:
    if isinstance(step, SetLevel):
        return client.get_level(step.subject) is step.level
    if step.version not in client.find_versions(step.subject):
        return False
    return _holds(step, HeldVersions(client))


def _holds(step: RegisterVersion, held: HeldVersions) -> bool:
    """Return whether the registry's version is the step's, under the step's id."""
    found = held.get(step.subject, step.version)
    if step.schema_id is not None and found.schema_id != step.schema_id:
        return False
    try:
        schema = parse_schema(
            step.text, references=held.find_texts(found), is_new=False
        )
    except InvalidSchema:
        return False  # what it refers to is not what the step refers to
    return held.holds(step.subject, step.version, schema)


def _require_unmoved(plan: Plan, client: RegistryClient) -> None:
    if plan.url != client.url:
        reason = f"the plan was made for the registry {plan.url}"
        raise RegistryMoved("the address", reason)
    held = HeldVersions(client)
    for before in plan.before:
        now = held.get_state(before.subject)
        steps = [step for step in plan.steps if step.subject == before.subject]
        reason = _find_movement(before, now, steps, held)
        if reason:
            raise RegistryMoved(before.subject, reason)


def _find_movement(
    before: SubjectState, now: SubjectState, steps: list[Step], held: HeldVersions
) -> str:
    """Return what is neither as before nor the work of a step, or ""."""
    levels = {
        before.level,
        *(step.level for step in steps if isinstance(step, SetLevel)),
    }
    if now.level not in levels:
        return f"its level is {now.level}"
    planned = {
        step.version: step for step in steps if isinstance(step, RegisterVersion)
    }
    rest = {each: found for each, found in now.versions.items() if each not in planned}
    if rest != before.versions or now.deleted != before.deleted:
        return "other versions are there than when the plan was made"
    for number in now.versions.keys() & planned.keys():
        if not _holds(planned[number], held):
            return f"its version {number} is another schema than the plan's"
    return ""
