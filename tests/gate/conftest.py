"""Cases of the gate's rules, one folder a rule, and the registry that some need."""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from registry.gate.baselines import FolderBaseline
from registry.gate.judge import Settings, judge
from registry.gate.references import Library, load_folder
from registry.gate.report import Report
from registry.gate.versions import Baseline, Folder, SchemaVersion
from registry.names import CompatibilityLevel, Subject

CASES = Path(__file__).parents[1] / "compatibility" / "cases"

JudgeCase = Callable[[str, str], Report]
JudgePath = Callable[[Path, Path], Report]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRegistry:
    """A registry that holds a folder's first versions, and is in a given state."""

    name: str = "registry:http://registry.example"
    folder: Folder
    released: int
    deleted: Sequence[int] = ()
    rule_sets: Sequence[int] = ()
    refusals: Sequence[str] = ()
    mode: str = "READWRITE"
    level: CompatibilityLevel = field(default=CompatibilityLevel.BACKWARD)

    def get_subjects(self) -> list[Subject]:
        """Return those of the folder."""
        return sorted(self.folder.versions)

    def find_released(self, subject: Subject) -> list[SchemaVersion]:
        """Return the folder's first versions, marked as the state says."""
        return [
            replace(
                each,
                is_deleted=each.version in self.deleted,
                has_rule_set=each.version in self.rule_sets,
            )
            for each in self.folder.versions.get(subject, ())
            if each.version <= self.released
        ]

    def find_level(self, _subject: Subject) -> CompatibilityLevel | None:
        """Return BACKWARD."""
        return self.level

    def find_own_level(self, _subject: Subject) -> CompatibilityLevel | None:
        """Return None: no subject has a level of its own."""
        return None

    def find_refusals(
        self, _subject: Subject, _candidate: SchemaVersion
    ) -> list[str] | None:
        """Return what was recorded."""
        return list(self.refusals)

    def find_mode(self, _subject: Subject) -> str | None:
        """Return what was recorded."""
        return self.mode


@pytest.fixture(scope="session")
def judge_path() -> JudgePath:
    """Return what judges a folder against what is released in a case."""
    return _judge_path


@pytest.fixture(scope="session")
def judge_case() -> JudgeCase:
    """Return what judges a case's folder, `fires` or `twin`."""
    return _judge_case


def _judge_case(rule_id: str, kind: str) -> Report:
    return _judge_path(CASES / rule_id / kind, CASES / rule_id)


def _judge_path(path: Path, case: Path) -> Report:
    folder = load_folder(path)
    return judge(folder, _baselines(path, folder, case), settings=Settings())


def _baselines(path: Path, folder: Folder, case: Path) -> list[Baseline]:
    state = path / "registry.toml"
    if state.is_file():
        settings = tomllib.loads(state.read_text(encoding="utf-8"))
        return [RecordedRegistry(folder=folder, **settings)]
    released = case / "baseline"
    if released.is_dir():
        baseline = load_folder(released)
        name = f"dir:{released}"
        return [FolderBaseline(name, baseline, library=Library())]
    return []
