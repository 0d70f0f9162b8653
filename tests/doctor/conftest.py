"""`contracts doctor` and `pipeline doctor`, run as people run them."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.operations.conftest import kafka_works

__all__ = ["kafka_works"]

_BIN = Path(sys.executable).parent
_ADDRESSES = ("SCHEMA_REGISTRY_URL", "KAFKA_BOOTSTRAP_SERVERS", "CONTRACTS_AGAINST")


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What a doctor said.

    Attributes:
        conditions: By name; the later of two of the same name.
    """

    status: int
    fit: bool
    conditions: Mapping[str, Mapping[str, Any]]


Diagnose = Callable[..., Diagnosis]


@pytest.fixture
def diagnose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Diagnose:
    """Return what asks a doctor, from an empty folder and without addresses."""
    for name in _ADDRESSES:
        monkeypatch.delenv(name, raising=False)

    def ask(program: str, *flags: object) -> Diagnosis:
        done = subprocess.run(
            [_BIN / program, "doctor", "--format", "json", *map(str, flags)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        shown = json.loads(done.stdout)
        return Diagnosis(
            status=done.returncode,
            fit=shown["fit"],
            conditions={each["name"]: each for each in shown["conditions"]},
        )

    return ask
