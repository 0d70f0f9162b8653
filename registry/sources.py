"""One schema, named as people name it: a file, or SUBJECT@VERSION of somewhere."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from registry.compatibility import AvroSchema, AvroVersion, parse_schema
from registry.errors import (
    ConfigError,
    InvalidContract,
    InvalidSchema,
    NoSuchSubject,
    VersionNotFound,
)
from registry.gate.folders import find_number, read_folder
from registry.gate.references import Library, find_names, resolve
from registry.gate.versions import Baseline, SchemaVersion
from registry.names import Subject, Version
from registry.plain_reasons import place_of, plain_reason

_VERSIONED = re.compile(r"(?P<subject>.+)@(?P<version>[1-9][0-9]*|latest)")


class Source:
    """Where versions named by subject come from; opened only if one is.

    Args:
        open_baseline: Opens the folder, commit or registry.
    """

    def __init__(self, open_baseline: Callable[[], Baseline]) -> None:
        self._open_baseline = open_baseline
        self._baseline: Baseline | None = None

    def get_version(self, subject: str, version: str) -> SchemaVersion:
        """Return that version, "latest" for the newest that is not deleted.

        Raises:
            NoSuchSubject: There is no such subject.
            VersionNotFound: The subject has no such version.
        """
        self._baseline = self._baseline or self._open_baseline()
        versions = get_versions(self._baseline, subject)
        return pick_version(versions, None if version == "latest" else int(version))


def get_versions(baseline: Baseline, subject: str) -> list[SchemaVersion]:
    """Return the subject's versions, ascending, soft-deleted ones included.

    Raises:
        NoSuchSubject: There is no such subject.
    """
    versions = baseline.find_released(Subject(subject))
    if not versions:
        raise NoSuchSubject(baseline.name, subject, baseline.get_subjects())
    return versions


def pick_version(
    versions: Sequence[SchemaVersion], number: int | None
) -> SchemaVersion:
    """Return the version of that number, or the newest that is not deleted for None.

    Args:
        versions: Of one subject, ascending, at least one. If all are deleted, the
            newest is the last of them.
        number: From 1.

    Raises:
        VersionNotFound: There is no such version.
    """
    if number is None:
        return ([each for each in versions if not each.is_deleted] or versions)[-1]
    for each in versions:
        if each.version == number:
            return each
    raise VersionNotFound(versions[-1].subject, number)


def find_version(name: str, source: Source) -> SchemaVersion:
    """Return what `name` names: an existing file, else SUBJECT@VERSION.

    Raises:
        ConfigError: It is neither.
        NoSuchSubject: The source has no such subject.
        InvalidContract: The file cannot be read.
        VersionNotFound: The subject has no such version.
    """
    if Path(name).is_file():
        return read_file(Path(name))
    match = _VERSIONED.fullmatch(name)
    if match is None:
        reason = f"{name} is neither a file nor SUBJECT@VERSION"
        hint = "for example: order-details-value@1, or order-details-value@latest"
        raise ConfigError(reason, hint=hint)
    return source.get_version(match["subject"], match["version"])


def read_file(path: Path) -> SchemaVersion:
    """Return the file's text; DIR/<subject>/v<number>.avsc finds references in DIR.

    Raises:
        InvalidContract: It cannot be read, or is not UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as exc:
        raise InvalidContract(str(path), f"not UTF-8 at byte {exc.start}") from exc
    except OSError as exc:
        raise InvalidContract(str(path), f"cannot be read: {exc.strerror}") from exc
    number = find_number(path.name)
    version = SchemaVersion(
        subject=Subject(path.resolve().parent.name),
        version=number or Version(1),
        text=text,
        origin=str(path),
    )
    if number is None or not find_names(text).missing:
        return version
    return resolve(version, _library_around(path))


def parse_version(
    version: SchemaVersion,
    *,
    is_new: bool = False,
    avro: AvroVersion = AvroVersion.V1_12,
) -> AvroSchema:
    """Return the version's schema.

    Raises:
        InvalidContract: It is none; the sentence says where it stops being one.
    """
    try:
        return parse_schema(
            version.text, references=version.reference_texts, is_new=is_new, avro=avro
        )
    except InvalidSchema as exc:
        where = place_of(exc, version.origin)
        raise InvalidContract(where, plain_reason(exc)) from exc


def _library_around(path: Path) -> Library:
    try:
        return Library().with_folder(read_folder(path.resolve().parent.parent))
    except InvalidContract:
        return Library()  # the files around it are not what was asked about
