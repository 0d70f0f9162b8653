"""Where released versions come from: registry:URL, dir:PATH or git:REF."""

from collections.abc import Callable, Sequence
from pathlib import Path

from registry.client import RegistryClient
from registry.errors import ConfigError, InvalidContract
from registry.gate import git
from registry.gate.folders import folder_of, read_folder
from registry.gate.references import Library, find_names, resolve
from registry.gate.versions import Baseline, Folder, SchemaVersion
from registry.names import CompatibilityLevel, Subject
from registry.registered import Reference, RegisteredSchema

FORMS = "registry:URL, dir:PATH or git:REF"


class FolderBaseline:
    """Every version file of a folder or commit counts as released."""

    def __init__(self, name: str, folder: Folder, *, library: Library) -> None:
        self.name = name
        self._folder = folder
        self._library = library.with_folder(folder)

    def get_subjects(self) -> list[Subject]:
        """Return all subjects, sorted."""
        return sorted(self._folder.versions)

    def find_released(self, subject: Subject) -> list[SchemaVersion]:
        """Return its versions, ascending, with the texts they refer to."""
        return [
            resolve(each, self._library)
            for each in self._folder.versions.get(subject, ())
        ]

    def find_level(self, subject: Subject) -> CompatibilityLevel | None:
        """Return the level of the manifest beside the files."""
        return self._folder.manifest.entry(subject).level

    def find_own_level(self, subject: Subject) -> CompatibilityLevel | None:
        """Return the same: a manifest speaks of each subject."""
        return self.find_level(subject)

    def find_refusals(
        self, _subject: Subject, _candidate: SchemaVersion
    ) -> list[str] | None:
        """Return None: files have no verdict of their own."""
        return None

    def find_mode(self, _subject: Subject) -> str | None:
        """Return None: files have no mode."""
        return None


class RegistryBaseline:
    """What a registry holds, soft-deleted versions included."""

    def __init__(self, client: RegistryClient) -> None:
        self.name = f"registry:{client.url}"
        self._client = client
        self._known: dict[tuple[str, int], tuple[SchemaVersion, ...]] = {}

    def get_subjects(self) -> list[Subject]:
        """Return all subjects, sorted."""
        return self._client.get_subjects()

    def find_released(self, subject: Subject) -> list[SchemaVersion]:
        """Return its versions, ascending; soft-deleted ones are marked."""
        live = set(self._client.find_versions(subject))
        every = live.union(self._client.find_versions(subject, with_deleted=True))
        return [
            self._version(
                self._client.get_version(subject, number, with_deleted=True),
                is_deleted=number not in live,
            )
            for number in sorted(every)
        ]

    def find_level(self, subject: Subject) -> CompatibilityLevel | None:
        """Return the level in force for the subject."""
        return self._client.get_level(subject)

    def find_own_level(self, subject: Subject) -> CompatibilityLevel | None:
        """Return the level set on the subject itself, or None."""
        return self._client.find_level(subject)

    def find_refusals(
        self, subject: Subject, candidate: SchemaVersion
    ) -> list[str] | None:
        """Return the server's own verdict, or None if it lacks what is referred to."""
        references = self._find_references(candidate.text, candidate.references)
        if references is None:
            return None
        return self._client.find_refusals(
            subject, candidate.text, references=references
        )

    def find_mode(self, subject: Subject) -> str | None:
        """Return the mode in force for the subject."""
        return self._client.get_mode(subject)

    def _find_references(
        self, text: str, known: Sequence[SchemaVersion]
    ) -> list[Reference] | None:
        """Return what the text names as the registry holds it, or None if it lacks it.

        Args:
            text: The schema text that names other schemas.
            known: Versions that define the names, each after those that it needs.
        """
        references = []
        for name in sorted(find_names(text).missing):
            defining = [n for n, each in enumerate(known) if _defines(each, name)]
            if not defining:
                continue
            target, needed = known[defining[0]], known[: defining[0]]
            inner = self._find_references(target.text, needed)
            held = None if inner is None else self._find_held(target, inner)
            if held is None:
                return None
            references.append(
                Reference(name=name, subject=held.subject, version=held.version)
            )
        return references

    def _find_held(
        self, target: SchemaVersion, references: Sequence[Reference]
    ) -> RegisteredSchema | None:
        return self._client.find_registered(
            target.subject, target.text, references=references
        )

    def _version(
        self, held: RegisteredSchema, *, is_deleted: bool = False
    ) -> SchemaVersion:
        return SchemaVersion(
            subject=held.subject,
            version=held.version,
            text=held.text,
            origin=f"{self._client.url}/subjects/{held.subject}/versions/{held.version}",
            references=self._referenced(held),
            schema_id=held.schema_id,
            is_deleted=is_deleted,
            has_rule_set=held.has_rule_set,
        )

    def _referenced(self, held: RegisteredSchema) -> tuple[SchemaVersion, ...]:
        found: dict[SchemaVersion, None] = {}
        for each in held.references:
            key = (each.subject, each.version)
            if key not in self._known:
                target = self._client.get_version(*key, with_deleted=True)
                version = self._version(target)
                self._known[key] = (*version.references, version)
            found.update(dict.fromkeys(self._known[key]))
        return tuple(found)


def _defines(version: SchemaVersion, name: str) -> bool:
    return name in find_names(version.text).defined


def open_baseline(
    spec: str, *, folder: Path, connect: Callable[[str], RegistryClient]
) -> Baseline:
    """Return the baseline that `spec` names, for the contracts of `folder`.

    Raises:
        ConfigError: The form is unknown, or folder or commit cannot be read.
        RegistryUnavailable: No registry answers.
    """
    kind, _, rest = spec.partition(":")
    if kind == "registry" and rest:
        return RegistryBaseline(connect(rest))
    library = Library.of_working_tree(folder)
    if kind == "dir" and rest:
        return FolderBaseline(spec, _released_folder(Path(rest)), library=library)
    if kind == "git" and rest:
        return FolderBaseline(spec, _committed_folder(rest, folder), library=library)
    reason = f"the baseline {spec!r} is none of {FORMS}"
    raise ConfigError(reason, hint="for example: --against git:origin/main")


def _released_folder(path: Path) -> Folder:
    if not path.is_dir():
        raise ConfigError(f"the baseline dir:{path} is not a folder")
    try:
        return read_folder(path)
    except InvalidContract as exc:
        raise ConfigError(f"the baseline dir:{path} cannot be read: {exc}") from exc


def _committed_folder(ref: str, folder: Path) -> Folder:
    files, manifest = git.read_tree(ref, folder)
    try:
        return folder_of(_shown(ref, folder), files, manifest=manifest)
    except InvalidContract as exc:
        raise ConfigError(f"the baseline git:{ref} cannot be read: {exc}") from exc


def _shown(ref: str, folder: Path) -> str:
    return f"{ref}:{folder.as_posix()}"
