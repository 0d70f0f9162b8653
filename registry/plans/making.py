"""From a folder and a registry to the steps that bring the registry up to it."""

from collections.abc import Sequence
from typing import Protocol

from registry.client import RegistryClient
from registry.compatibility import (
    AvroSchema,
    are_equivalent,
    find_incompatibilities,
)
from registry.errors import InvalidContract, InvalidSchema, UnprintableMessage
from registry.gate.versions import SchemaVersion
from registry.names import CompatibilityLevel, Subject, Version
from registry.plans.held import HeldVersions
from registry.plans.model import (
    Plan,
    Refusal,
    RegisterVersion,
    SetLevel,
    Step,
    SubjectState,
)
from registry.plans.tree import Tree

_WRITABLE_MODES = frozenset({"READWRITE", "READWRITE_OVERRIDE"})
_IMPORT = "IMPORT"


class Judge(Protocol):
    """Says what speaks against a folder's candidates, before any step is planned."""

    def find_refusals(self, subjects: Sequence[Subject]) -> list[Refusal]:
        """Return why the subjects' candidates must not be registered."""
        ...


def make_plan(
    tree: Tree,
    client: RegistryClient,
    *,
    subjects: Sequence[Subject] = (),
    keeps_ids: bool = False,
    judge: Judge | None = None,
) -> Plan:
    """Return what the registry lacks of the folder; change nothing.

    Levels come before versions, a version after all it refers to. What the judge, the
    registry's algorithm or the registry itself refuses is among the refusals.

    Args:
        tree: The folder.
        client: Connection to the registry.
        subjects: Only these, and what they refer to; all if empty.
        keeps_ids: True registers under the ids of the folder's notes, which takes
            subjects in mode IMPORT.
        judge: Asked first, if there is one.

    Raises:
        ConfigError: The folder has no such subject.
        InvalidContract: A file cannot be read as a schema.
        RegistryUnavailable: No registry answers.
    """
    wanted = tree.in_order(subjects or tree.subjects)
    names = list(dict.fromkeys(each.subject for each in wanted))
    refusals = judge.find_refusals(names) if judge is not None else []
    planner = _Planner(tree, client, keeps_ids=keeps_ids)
    for subject in names:
        planner.open(subject)
    judged = {each.subject for each in refusals}
    for version in wanted:
        if version.subject not in judged:
            planner.consider(version)
    return Plan(
        url=client.url,
        before=planner.before,
        steps=planner.steps,
        refusals=(*refusals, *planner.refusals),
    )


class _Subject:
    """One subject while the plan grows."""

    def __init__(
        self, state: SubjectState, level: CompatibilityLevel, *, sets_level: bool
    ) -> None:
        self.state = state
        self.level = level
        self.sets_level = sets_level
        self.next_version = state.next_version
        self.history: list[tuple[Version, AvroSchema]] = []  # newest first
        self.is_refused = False
        self.has_steps = False


class _Planner:
    def __init__(self, tree: Tree, client: RegistryClient, *, keeps_ids: bool) -> None:
        self._tree = tree
        self._client = client
        self._held = HeldVersions(client)
        self._keeps_ids = keeps_ids
        self._subjects: dict[Subject, _Subject] = {}
        self._steps: list[Step] = []
        self.refusals: list[Refusal] = []

    @property
    def before(self) -> tuple[SubjectState, ...]:
        return tuple(each.state for each in self._subjects.values())

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(self._steps)

    def open(self, subject: Subject) -> None:
        """Read what the registry holds, and plan the level."""
        state = self._held.get_state(subject)
        demanded = self._tree.find_level(subject)
        sets_level = demanded is not None and demanded is not state.level
        if demanded is not None and sets_level:
            step = SetLevel(subject=subject, before=state.level, level=demanded)
            self._steps.append(step)
        level = demanded or state.level
        self._subjects[subject] = _Subject(state, level, sets_level=sets_level)
        self._subjects[subject].history = self._read_history(state)

    def consider(self, version: SchemaVersion) -> None:
        """Plan the version's registration, or say what speaks against it."""
        subject = self._subjects[version.subject]
        schema = self._tree.parse(version)
        if version.version in subject.state.versions:
            if not self._held.holds(version.subject, version.version, schema):
                self._refuse(
                    version, "the registry holds another schema as this version"
                )
            return
        reason = self._find_obstacle(version, schema)
        if reason:
            self._refuse(version, reason)
            return
        self._steps.append(self._registration(version))
        subject.has_steps = True
        subject.next_version = Version(max(subject.next_version, version.version + 1))
        subject.history.insert(0, (version.version, schema))

    def _find_obstacle(self, version: SchemaVersion, schema: AvroSchema) -> str:
        """Return why the version cannot be registered now, or ""."""
        subject = self._subjects[version.subject]
        if subject.is_refused:
            return "an earlier version of the subject is refused"
        return (
            self._find_number_trouble(version, schema)
            or self._find_mode_trouble(version)
            or self._find_incompatibility(version)
        )

    def _find_number_trouble(self, version: SchemaVersion, schema: AvroSchema) -> str:
        subject = self._subjects[version.subject]
        if version.version in subject.state.deleted:
            return "the registry holds this version soft-deleted"
        for number, known in subject.history:
            if are_equivalent(schema, known):
                return f"would not become a version: the registry takes it for {number}"
        if not self._keeps_ids and version.version != subject.next_version:
            return f"would become version {subject.next_version} in the registry"
        return ""

    def _find_mode_trouble(self, version: SchemaVersion) -> str:
        mode = self._client.get_mode(version.subject)
        if not self._keeps_ids:
            writes = mode in _WRITABLE_MODES
            return "" if writes else f"the registry is in mode {mode} for the subject"
        if mode != _IMPORT:
            return f"keeping ids takes mode IMPORT, the registry is in {mode}"
        has_id = self._tree.find_id(version) is not None
        return "" if has_id else "the notes of the pull have no id for it"

    def _find_incompatibility(self, version: SchemaVersion) -> str:
        """Ask the algorithm, and the registry where it stands as it would then."""
        subject = self._subjects[version.subject]
        if self._keeps_ids:
            return ""  # history is imported as it was
        try:
            candidate = self._tree.parse(version, is_new=True)
            messages = find_incompatibilities(candidate, subject.history, subject.level)
        except InvalidContract as exc:
            return exc.reason
        except (InvalidSchema, UnprintableMessage) as exc:
            return str(exc)
        if messages:
            return f"{subject.level} refuses it: {'; '.join(messages)}"
        if subject.has_steps or subject.sets_level or not self._is_resolved(version):
            return ""
        refusals = self._client.find_refusals(
            version.subject,
            version.text,
            references=self._tree.find_references(version),
        )
        return f"the registry refuses it: {'; '.join(refusals)}" if refusals else ""

    def _is_resolved(self, version: SchemaVersion) -> bool:
        """Return whether the registry holds all that the version refers to."""
        return all(
            each.version in self._subjects[Subject(each.subject)].state.versions
            for each in self._tree.find_references(version)
        )

    def _registration(self, version: SchemaVersion) -> RegisterVersion:
        return RegisterVersion(
            subject=version.subject,
            version=version.version,
            text=version.text,
            references=self._tree.find_references(version),
            schema_id=self._tree.find_id(version) if self._keeps_ids else None,
        )

    def _refuse(self, version: SchemaVersion, reason: str) -> None:
        self._subjects[version.subject].is_refused = True
        self.refusals.append(
            Refusal(
                subject=version.subject,
                origin=version.origin,
                reason=reason,
            )
        )

    def _read_history(self, state: SubjectState) -> list[tuple[Version, AvroSchema]]:
        return [
            (number, self._held.parse(self._held.get(state.subject, number)))
            for number in sorted(state.versions, reverse=True)
        ]
