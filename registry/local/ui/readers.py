"""Who reads a subject, as the folder of contracts declares it."""

from pathlib import Path

from registry.errors import InvalidContract
from registry.gate.folders import read_folder
from registry.gate.manifest import SubjectEntry
from registry.names import Subject


class Readers:
    """Looks into a folder's contracts.toml, anew each time."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find_entry(self, subject: str) -> tuple[SubjectEntry, str]:
        """Return what is declared about the subject, and why it cannot be told."""
        if self._folder is None:
            return SubjectEntry(), "start the registry with --schemas DIR to see them"
        try:
            manifest = read_folder(self._folder).manifest
        except InvalidContract as exc:
            return SubjectEntry(), str(exc)
        found = manifest.entry(Subject(subject))
        missing = "" if found.readers else f"{manifest.name} names none"
        return found, missing
