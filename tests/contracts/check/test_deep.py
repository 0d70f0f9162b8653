"""Schemas that are nested as deeply as JSON is read: no mistake, no traceback."""

import subprocess
import sys
from functools import reduce
from pathlib import Path

import pytest

from tests.contracts.conftest import Write

_PROGRAM = "from registry.cli import main; main()"
_ARRAY = '{{"type":"array","items":{inner}}}'
_ARRAY_START = '{"type":"array","items":'
_RECORD = (
    '{{"type":"record","name":"R{level}","fields":[{{"name":"f","type":{inner}}}]}}'
)


def _nested(form: str, depth: int) -> str:
    return reduce(
        lambda inner, level: form.format(inner=inner, level=level),
        range(depth),
        '"int"',
    )


def _run(folder: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_nested(_ARRAY, 1000), id="arrays"),
        pytest.param(_nested(_RECORD, 333), id="records"),
    ],
)
def test_deepest_schema_that_a_registry_reads_is_judged(
    tmp_path: Path, write: Write, text: str
) -> None:
    """What is wrong at its bottom is found, proved and placed."""
    write("schemas/s/v1.avsc", text.replace('"int"', '"long"'))
    write("schemas/s/v2.avsc", text.replace('"int"', '"double"'))

    status, out = _run(tmp_path, "check")

    assert status == 0
    column = text.index('"int"') + 1
    assert f"schemas/s/v2.avsc:1:{column}\n  warning NUMBER_LOSES_DIGITS" in out
    assert "reads: 9007199254740993 -> 9007199254740992.0" in out


@pytest.mark.parametrize("command", ["check", "lint", "fmt", "codegen"])
def test_deeper_schema_is_refused_where_it_becomes_too_deep(
    tmp_path: Path, write: Write, command: str
) -> None:
    """One level more: a sentence with file, line and column."""
    write("schemas/s/v1.avsc", "\n" + _nested(_ARRAY, 1001))

    status, out = _run(tmp_path, command)

    assert status == 1
    place = f"schemas/s/v1.avsc:2:{len(_ARRAY_START) * 1000 + 1}"
    assert place in out
    assert "Document nesting depth (1001) exceeds the maximum" in " ".join(out.split())
