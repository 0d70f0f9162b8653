"""`registry-ids.json`: what a pulled folder's versions were called in their registry.

Ids, for those who bring the versions into another registry under the same ids, and the
exact versions that each refers to. A folder needs no such file.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.errors import InvalidContract
from registry.names import SchemaId, Subject, Version
from registry.registered import Reference, RegisteredSchema

NOTES = "registry-ids.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One version as its registry had it."""

    schema_id: SchemaId
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of a folder, by subject and version."""

    by_version: dict[tuple[Subject, Version], Note] = field(default_factory=dict)


def read_notes(folder: Path) -> Notes:
    """Return the folder's notes; none if there is no file.

    Raises:
        InvalidContract: The file is not what `write_notes` writes.
    """
    path = folder / NOTES
    if not path.is_file():
        return Notes()
    try:
        subjects = json.loads(path.read_text(encoding="utf-8"))["subjects"]
        notes = {
            (Subject(subject), Version(int(number))): _note(fields)
            for subject, versions in subjects.items()
            for number, fields in versions.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError, OSError) as exc:
        raise InvalidContract(str(path), f"not the notes of a pull: {exc!r}") from exc
    return Notes(notes)


def notes_text(versions: Iterable[RegisteredSchema]) -> str:
    """Return the notes on the versions as a file holds them."""
    subjects: dict[str, dict[str, Any]] = {}
    for each in versions:
        note: dict[str, Any] = {"schema_id": each.schema_id}
        if each.references:
            note["references"] = [one.as_json() for one in each.references]
        subjects.setdefault(each.subject, {})[str(each.version)] = note
    return json.dumps({"subjects": subjects}, indent=2, ensure_ascii=False) + "\n"


def _note(fields: dict[str, Any]) -> Note:
    return Note(
        schema_id=SchemaId(int(fields["schema_id"])),
        references=tuple(map(Reference.from_json, fields.get("references", ()))),
    )
