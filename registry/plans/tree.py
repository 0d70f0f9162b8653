"""The folder's side: its versions, what each refers to, and the order of both."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from registry.compatibility import AvroSchema
from registry.errors import InvalidContract, NoSuchSubject
from registry.gate.folders import read_folder
from registry.gate.references import Library, find_names
from registry.gate.versions import SchemaVersion
from registry.names import CompatibilityLevel, SchemaId, Subject
from registry.plans.notes import Note, read_notes
from registry.registered import Reference
from registry.sources import parse_version


class Tree:
    """The version files of a folder, with their references.

    A version refers to exactly what the notes of a pull say; without notes, to the
    newest version of the folder that defines the name.

    Args:
        path: The folder.

    Raises:
        InvalidContract: A file, the manifest or the notes cannot be read.
    """

    def __init__(self, path: Path) -> None:
        folder = read_folder(path)
        self._manifest = folder.manifest
        self._library = Library().with_folder(folder)
        self._notes = read_notes(path).by_version
        self._by_subject = folder.versions
        self._references: dict[tuple[str, int], tuple[Reference, ...]] = {}
        self.path = path
        self.subjects = list(folder.versions)

    def find_versions(self, subject: Subject) -> list[SchemaVersion]:
        """Return the subject's versions, ascending."""
        return list(self._by_subject.get(subject, ()))

    def find_level(self, subject: Subject) -> CompatibilityLevel | None:
        """Return the level that the manifest demands, or None if it says nothing."""
        return self._manifest.entry(subject).level

    def find_id(self, version: SchemaVersion) -> SchemaId | None:
        """Return the id that the notes have for the version, if any."""
        note = self._find_note(version)
        return None if note is None else note.schema_id

    def parse(self, version: SchemaVersion, *, is_new: bool = False) -> AvroSchema:
        """Return the version's schema, or raise InvalidContract with its place."""
        needed = version.with_references(tuple(self._needed(version)))
        return parse_version(needed, is_new=is_new)

    def find_references(self, version: SchemaVersion) -> tuple[Reference, ...]:
        """Return what the version itself names, one reference a version."""
        key = (version.subject, version.version)
        if key not in self._references:
            note = self._find_note(version)
            self._references[key] = (
                self._named(version) if note is None else note.references
            )
        return self._references[key]

    def has_notes(self, version: SchemaVersion) -> bool:
        """Return whether the references are exact, not the newest there are."""
        return self._find_note(version) is not None

    def in_order(self, subjects: Iterable[Subject]) -> list[SchemaVersion]:
        """Return the subjects' versions and all they need, each after what it needs.

        Raises:
            NoSuchSubject: The folder does not have one of them.
            InvalidContract: Versions refer to each other in a circle.
        """
        done: dict[tuple[str, int], SchemaVersion] = {}
        for subject in subjects:
            versions = self.find_versions(subject)
            if not versions:
                raise NoSuchSubject(str(self.path), subject, self.subjects)
            self._visit(versions[-1], done, ())
        return list(done.values())

    def _visit(
        self,
        version: SchemaVersion,
        done: dict[tuple[str, int], SchemaVersion],
        above: tuple[tuple[str, int], ...],
    ) -> None:
        key = (version.subject, version.version)
        if key in done:
            return
        if key in above:
            circle = " -> ".join(f"{name}@{number}" for name, number in (*above, key))
            raise InvalidContract(version.origin, f"refers to itself: {circle}")
        for needed in self._predecessors(version):
            self._visit(needed, done, (*above, key))
        done[key] = version

    def _predecessors(self, version: SchemaVersion) -> Iterator[SchemaVersion]:
        for each in self.find_versions(version.subject):
            if each.version < version.version:
                yield each
        yield from self._targets(version)

    def _needed(self, version: SchemaVersion) -> list[SchemaVersion]:
        """Return what the version refers to, each after what it refers to itself."""
        found: dict[tuple[str, int], SchemaVersion] = {}
        self._collect(version, found, ())
        found.pop((version.subject, version.version))
        return list(found.values())

    def _collect(
        self,
        version: SchemaVersion,
        found: dict[tuple[str, int], SchemaVersion],
        above: tuple[SchemaVersion, ...],
    ) -> None:
        key = (version.subject, version.version)
        if key in found or version in above:
            return
        for target in self._targets(version):
            self._collect(target, found, (*above, version))
        found[key] = version

    def _targets(self, version: SchemaVersion) -> Iterator[SchemaVersion]:
        for each in self.find_references(version):
            yield self._get_target(each, version)

    def _get_target(
        self, reference: Reference, version: SchemaVersion
    ) -> SchemaVersion:
        for each in self.find_versions(Subject(reference.subject)):
            if each.version == reference.version:
                return each
        reason = (
            f"refers to {reference.subject}@{reference.version}, which is not there"
        )
        raise InvalidContract(version.origin, reason)

    def _named(self, version: SchemaVersion) -> tuple[Reference, ...]:
        """Return references to the newest versions that define the names."""
        found: dict[tuple[str, int], Reference] = {}
        for name in sorted(find_names(version.text).missing):
            target = self._library.get(name)
            if target is None or target.subject == version.subject:
                continue
            found.setdefault(
                (target.subject, target.version),
                Reference(name=name, subject=target.subject, version=target.version),
            )
        return tuple(found.values())

    def _find_note(self, version: SchemaVersion) -> Note | None:
        return self._notes.get((version.subject, version.version))
