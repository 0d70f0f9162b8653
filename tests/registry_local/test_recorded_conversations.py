"""What the reference answered, step by step, the registry answers too."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

FIDELITY = Path(__file__).parents[1] / "fidelity"

_SCENARIOS = json.loads((FIDELITY / "rest_transcripts.json").read_text())["scenarios"]
_WALKS = [
    json.loads(line)
    for line in (FIDELITY / "registry_walks.jsonl").read_text("utf-8").split("\n")
    if line
]


class Registry(Protocol):
    """What the conversations are held with."""

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str | None] | None = None,
    ) -> httpx.Response:
        """Send a request."""
        ...


@dataclass(frozen=True)
class Difference:
    """One step that was answered otherwise than recorded."""

    step: int
    request: str
    recorded: object
    answered: object


@pytest.mark.parametrize("scenario", _SCENARIOS, ids=lambda it: it["scenario"])
def test_transcript_is_answered_as_recorded(
    scenario: dict[str, Any], registry: Registry
) -> None:
    """Every step has the recorded status, content type and body."""
    differences = list(_replay_transcript(registry, scenario["steps"]))

    assert differences == []


@pytest.mark.parametrize("walk", _WALKS, ids=range(len(_WALKS)))
def test_walk_is_answered_as_recorded(
    walk: list[list[Any]], registry: Registry
) -> None:
    """Every step of a random walk has the recorded status and body."""
    differences = list(_replay_walk(registry, walk))

    assert differences == []


def _replay_walk(registry: Registry, walk: list[list[Any]]) -> Iterator[Difference]:
    for number, (method, path, body, status, recorded) in enumerate(walk):
        response = registry.ask(method, path, body)
        answered = (response.status_code, _scrub(_parse(response)))
        if answered != (status, _scrub(recorded)):
            request = f"{method} {path} {json.dumps(body)}"
            yield Difference(number, request, (status, recorded), answered)


def _replay_transcript(
    registry: Registry, steps: list[dict[str, Any]]
) -> Iterator[Difference]:
    for number, step in enumerate(steps):
        response = _ask_step(registry, step)
        recorded = _recorded(step)
        answered = (
            response.status_code,
            response.headers.get("content-type"),
            _comparable(response, step),
        )
        if answered != recorded:
            request = f"{step['method']} {step['path']} {step.get('body')}"
            yield Difference(number, request, recorded, answered)


def _ask_step(registry: Registry, step: dict[str, Any]) -> httpx.Response:
    names = {"req_ct": "content-type", "req_accept": "accept"}
    headers = {header: step[key] for key, header in names.items() if key in step}
    raw = step["raw_body"].encode() if "raw_body" in step else None
    return registry.ask(
        step["method"], step["path"], step.get("body"), raw=raw, headers=headers
    )


def _recorded(step: dict[str, Any]) -> tuple[int, str | None, object]:
    body = _scrub(step.get("response_text", step.get("response")))
    return step["status"], step["content_type"], body


def _comparable(response: httpx.Response, step: dict[str, Any]) -> object:
    if step.get("response_text") == "<html page>":
        return "<html page>" if "<html>" in response.text else response.text
    if "response_text" in step:
        return response.text
    body = response.json()
    if step["path"] == "/v1/metadata/id":
        body["scope"]["clusters"] = dict.fromkeys(body["scope"]["clusters"], "<any>")
    return _scrub(body)


def _parse(response: httpx.Response) -> object:
    try:
        return response.json()
    except ValueError:
        return {"raw": response.text}


def _scrub(value: object) -> object:
    """Return the value with every time made the same."""
    if isinstance(value, dict):
        return {key: 0 if key == "ts" else _scrub(it) for key, it in value.items()}
    if isinstance(value, list):
        return [_scrub(each) for each in value]
    return value
