"""Where a registry and a folder say different things, seen from both sides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from registry.client import RegistryClient
from registry.errors import NoSuchSubject
from registry.gate.versions import SchemaVersion
from registry.names import Subject, Version
from registry.plans.held import HeldVersions
from registry.plans.model import SubjectState
from registry.plans.tree import Tree


class DriftKind(StrEnum):
    """How the two differ."""

    ONLY_IN_REGISTRY = "only_in_registry"
    ONLY_IN_FOLDER = "only_in_folder"
    DELETED = "deleted_in_registry"
    SCHEMA = "schema"
    REFERENCES = "references"
    LEVEL = "level"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference.

    Attributes:
        version: The version that it is about, or None for the subject as a whole.
    """

    kind: DriftKind
    subject: Subject
    message: str
    version: Version | None = None

    def __str__(self) -> str:
        which = f" version {self.version}" if self.version is not None else ""
        return f"{self.subject}{which}: {self.message}"

    def as_json(self) -> dict[str, str | int | None]:
        """Return the shape of the JSON output."""
        return {
            "kind": str(self.kind),
            "subject": self.subject,
            "version": self.version,
            "message": self.message,
        }


def find_drift(
    tree: Tree, client: RegistryClient, *, subjects: Sequence[Subject] = ()
) -> list[Drift]:
    """Return every difference between folder and registry, by subject.

    Args:
        tree: The folder.
        client: Connection to the registry.
        subjects: Only these; else all of both sides.

    Raises:
        NoSuchSubject: Neither of the two has one of the subjects.
        InvalidContract: A file of the folder cannot be read as a schema.
        RegistryUnavailable: No registry answers.
    """
    chosen = set(subjects) or {*tree.subjects, *client.get_subjects()}
    comparison = _Comparison(tree, client)
    return [drift for each in sorted(chosen) for drift in comparison.compare(each)]


class _Comparison:
    def __init__(self, tree: Tree, client: RegistryClient) -> None:
        self._tree = tree
        self._held = HeldVersions(client)

    def compare(self, subject: Subject) -> Iterator[Drift]:
        files = {each.version: each for each in self._tree.find_versions(subject)}
        state = self._held.get_state(subject)
        is_registered = bool(state.versions or state.deleted)
        if not files and not is_registered:
            place = f"{self._tree.path}, like the registry,"
            raise NoSuchSubject(place, subject, self._tree.subjects)
        if not files:
            message = "the folder has no such subject"
            yield Drift(
                kind=DriftKind.ONLY_IN_REGISTRY, subject=subject, message=message
            )
            return
        if not is_registered:
            message = "the registry has no such subject"
            yield Drift(kind=DriftKind.ONLY_IN_FOLDER, subject=subject, message=message)
            return
        yield from self._levels(state)
        for number in sorted({*files, *state.versions}):
            yield from self._version(number, files.get(number), state)

    def _levels(self, state: SubjectState) -> Iterator[Drift]:
        demanded = self._tree.find_level(state.subject)
        if demanded is not None and demanded is not state.level:
            message = f"the level is {state.level}, not {demanded}"
            yield Drift(kind=DriftKind.LEVEL, subject=state.subject, message=message)

    def _version(
        self, number: Version, file: SchemaVersion | None, state: SubjectState
    ) -> Iterator[Drift]:
        found = self._find_difference(number, file, state)
        if found is not None:
            kind, message = found
            yield Drift(
                kind=kind, subject=state.subject, version=number, message=message
            )

    def _find_difference(
        self, number: Version, file: SchemaVersion | None, state: SubjectState
    ) -> tuple[DriftKind, str] | None:
        if file is None:
            return DriftKind.ONLY_IN_REGISTRY, "the folder has no such version"
        if number in state.deleted:
            return DriftKind.DELETED, "the registry holds it soft-deleted"
        if number not in state.versions:
            return DriftKind.ONLY_IN_FOLDER, "it is not registered"
        if not self._held.holds(state.subject, number, self._tree.parse(file)):
            return (
                DriftKind.SCHEMA,
                f"the registry holds another schema than {file.origin}",
            )
        if self._tree.has_notes(file) and not self._refers_alike(file):
            return DriftKind.REFERENCES, "it refers to other versions in the registry"
        return None

    def _refers_alike(self, file: SchemaVersion) -> bool:
        held = self._held.get(file.subject, file.version)
        ours = {
            (each.subject, each.version) for each in self._tree.find_references(file)
        }
        return ours == {(each.subject, each.version) for each in held.references}
