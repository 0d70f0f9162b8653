"""Version files of a folder, DIR/<subject>/v<number>.avsc; no manifest is needed."""

import re
from collections.abc import Mapping
from pathlib import Path, PurePath

from registry.errors import InvalidContract
from registry.gate.manifest import MANIFEST, Manifest, parse_manifest
from registry.gate.versions import Folder, SchemaVersion
from registry.names import Subject, Version

MISNAMED = "a version file is named v<number>.avsc"
_VERSION_FILE = re.compile(r"v([1-9][0-9]{0,8})\.avsc")


def read_folder(path: Path) -> Folder:
    """Return the folder's version files, unparsed.

    Raises:
        InvalidContract: A file is not UTF-8 or not named v<number>.avsc, or the
            manifest is malformed.
    """
    files = {
        file.relative_to(path).as_posix(): _read(file)
        for file in sorted(path.glob("*/*.avsc"))
    }
    manifest = path / MANIFEST
    text = _read(manifest) if manifest.is_file() else None
    return folder_of(str(path), files, manifest=text)


def folder_of(name: str, files: Mapping[str, str], *, manifest: str | None) -> Folder:
    """Return the folder with those texts by relative path `<subject>/v<number>.avsc`.

    Raises:
        InvalidContract: A file is misnamed, or the manifest is malformed.
    """
    where = f"{name}/{MANIFEST}"
    known = Manifest() if manifest is None else parse_manifest(manifest, name=where)
    found: dict[Subject, list[SchemaVersion]] = {}
    for relative in files.keys() - known.reader_files:
        version = _version_of(name, relative, files[relative])
        found.setdefault(version.subject, []).append(version)
    return Folder(
        name=name,
        manifest=known,
        versions={
            subject: tuple(sorted(versions, key=lambda each: each.version))
            for subject, versions in sorted(found.items())
        },
    )


def find_number(file_name: str) -> Version | None:
    """Return the number in a version file's name, or None if it has another form."""
    match = _VERSION_FILE.fullmatch(file_name)
    return None if match is None else Version(int(match[1]))


def _version_of(name: str, relative: str, text: str) -> SchemaVersion:
    subject, _, file_name = relative.replace("\\", "/").rpartition("/")
    number = find_number(file_name)
    origin = str(PurePath(name) / relative)
    if number is None:
        raise InvalidContract(origin, MISNAMED)
    return SchemaVersion(
        subject=Subject(subject),
        version=number,
        text=text,
        origin=origin,
    )


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as exc:
        raise InvalidContract(str(path), f"not UTF-8 at byte {exc.start}") from exc
    except OSError as exc:
        raise InvalidContract(str(path), f"cannot be read: {exc.strerror}") from exc
