"""Every rule in a git repository of five subjects that refer to each other."""

import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.client import RegistryClient
from registry.gate.table import ENTRIES
from registry.names import CompatibilityLevel
from tests.contracts.conftest import Contracts, serve_registry
from tests.contracts.folders import write_depot

_CASES = Path(__file__).parents[2] / "compatibility" / "cases"
_SUBJECT = "orders-value"
_SHOWN = ("severity", "path", "line", "column", "versions", "message")
Check = Callable[[str, str], list[dict[str, Any]]]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a git repository, the current folder, with four subjects in schemas/."""
    monkeypatch.chdir(tmp_path)
    _git("init", "-q", "-b", "main")
    write_depot(tmp_path / "schemas")
    return tmp_path


@pytest.fixture
def check_case(repository: Path, contracts: Contracts) -> Check:
    """Return what adds a case's subject, releases it, and checks the change."""

    def check(rule_id: str, kind: str) -> list[dict[str, Any]]:
        case = _CASES / rule_id
        _add(case / "baseline", repository)
        _commit()
        _add(case / kind, repository)
        with _baseline(case / kind) as against:
            words = ("check", "--against", against, "--format", "json")
            found: list[dict[str, Any]] = contracts(*words).json["findings"]
        return found

    return check


@pytest.mark.parametrize("rule_id", sorted(ENTRIES))
def test_rule_fires_at_the_right_place_among_other_subjects(
    rule_id: str, check_case: Check
) -> None:
    """File, line, column and words are the case's; the other subjects stay clear."""
    expected = tomllib.loads((_CASES / rule_id / "expect.toml").read_text())

    found = check_case(rule_id, "fires")

    fired = [each for each in found if each["rule_id"] == rule_id]
    assert [_shown(each) for each in fired] == [_shown(expected)]
    assert [each["file"] for each in fired] == [f"schemas/{expected['file']}"]
    assert {each["subject"] for each in found} == {_SUBJECT}


@pytest.mark.parametrize("rule_id", sorted(ENTRIES))
def test_rule_is_silent_on_the_twin_among_other_subjects(
    rule_id: str, check_case: Check
) -> None:
    """The nearest harmless change gives no finding of the rule."""
    found = check_case(rule_id, "twin")

    assert [each for each in found if each["rule_id"] == rule_id] == []


def _shown(finding: Mapping[str, Any]) -> dict[str, Any]:
    fix = finding["fix"]
    sentence = fix["sentence"] if isinstance(fix, dict) else fix or ""
    shown = {key: finding[key] for key in _SHOWN}
    return {**shown, "fix": sentence, "direction": finding["direction"] or ""}


def _add(case: Path, repository: Path) -> None:
    """Make the subject and its lines of the manifest those of the case."""
    schemas = repository / "schemas"
    if not case.is_dir():
        return
    shutil.rmtree(schemas / _SUBJECT, ignore_errors=True)
    shutil.copytree(case, schemas, dirs_exist_ok=True)
    depot = write_depot(schemas)
    own = case / "contracts.toml"
    text = own.read_text() if own.is_file() else ""
    (schemas / "contracts.toml").write_text(f"{text}\n{depot}")


def _commit() -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@t.example")
    _git("add", "-A")
    _git(*who, "commit", "-q", "-m", "released")


def _git(*words: str) -> None:
    subprocess.run(["git", *words], check=True)


@contextmanager
def _baseline(case: Path) -> Iterator[str]:
    """Give the commit, or a registry in the state that the case asks for."""
    if not (case / "registry.toml").is_file():
        yield "git:main"
        return
    state = tomllib.loads((case / "registry.toml").read_text())
    with serve_registry(_answers(case, state)) as url:
        _release(url, case, state)
        yield f"registry:{url}"


def _release(url: str, case: Path, state: Mapping[str, Any]) -> None:
    with RegistryClient(url) as client:
        client.set_level(None, CompatibilityLevel.NONE)
        for number in range(1, state["released"] + 1):
            client.register(_SUBJECT, _text(case, number))
        client.set_level(None, CompatibilityLevel.BACKWARD)
    for number in state.get("deleted", ()):
        httpx.delete(f"{url}/subjects/{_SUBJECT}/versions/{number}")
    httpx.put(f"{url}/mode/{_SUBJECT}", json={"mode": state.get("mode", "READWRITE")})


def _answers(case: Path, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what no open registry would say by itself: rule sets, other opinions."""
    answers: dict[str, Any] = {
        f"/subjects/{_SUBJECT}/versions/{number}": {
            "subject": _SUBJECT,
            "version": number,
            "id": number,
            "schema": _text(case, number),
            "ruleSet": {"domainRules": [{"name": "encrypt"}]},
        }
        for number in state.get("rule_sets", ())
    }
    if state.get("refusals"):
        verdict = {"is_compatible": False, "messages": state["refusals"]}
        answers[f"/compatibility/subjects/{_SUBJECT}/versions"] = verdict
    return answers


def _text(case: Path, number: int) -> str:
    return (case / _SUBJECT / f"v{number}.avsc").read_text()
