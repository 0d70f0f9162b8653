"""What `make docs` writes into README.md, and the picture beside it.

A block of the README is the source of its own commands: its lines that begin with `$`
are run, and what they say is put below them. Blocks that need a broker are run by
`make docs BROKER=1` alone and stay as they are otherwise; test_readme_walk.py and
tests/operations/test_demo.py hold them against the truth.

    python -m tests.docs.readme >docs/images/refused.svg
"""

import atexit
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol

from click.testing import CliRunner
from rich.console import Console
from rich.text import Text

from registry.cli import contracts
from schemas import CONTRACTS

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PICTURE = ROOT / "docs/images/refused.svg"

_FENCE = "```"
_COLUMNS = 80
_COMMAND_S = 300
_BLOCK = re.compile(r"\[\[\[cog play.*?```console\n(.*?)```", re.DOTALL)
# The bytes of 123.45 then mean 1.2345.
_SCALE = re.compile(r'("precision": 12,\s+"scale": )2')
_FONT_FACE = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


class Cog(Protocol):
    """What a block sees of cog."""

    previous: str

    def out(self, text: str) -> None:
        """Write into the file."""
        ...


class Shell:
    """A shell whose variables outlive a command, in a copy of the contracts.

    Attributes:
        folder: Where it stands; holds `schemas`.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        shutil.copytree(CONTRACTS, folder / "schemas")
        self._state = folder / ".state"
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._environ = {
            **_without_addresses(),
            "PATH": path,
            "COLUMNS": str(_COLUMNS),
            "ACCORD_SCHEMAS": "schemas",
            **(environ or {}),
        }

    def start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a program beside the shell; its standard output is read by us."""
        return subprocess.Popen(
            [Path(sys.executable).with_name(command[0]), *command[1:]],
            cwd=self.folder,
            env=self._environ,
            stdout=subprocess.PIPE,
        )

    def run(self, command: str) -> str:
        """Return what a command says, both streams in their order."""
        script = (
            f"[ -e {self._state} ] && . {self._state}\n"
            f"{command}\n"
            f"export -p >{self._state}"
        )
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_COMMAND_S,
            check=False,
        )
        return done.stdout


@contextmanager
def running_pipeline(shell: Shell) -> Iterator[None]:
    """Run `make up ARGS="--rate 0"` beside the shell, as the README has it."""
    command = ["pipeline", "up", "--rate", "0", "--format", "json"]
    with shell.start(command) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline(), "pipeline up did not start"
            yield
        finally:
            process.terminate()
            process.wait(_COMMAND_S)


def find_blocks(text: str) -> list[str]:
    """Return the blocks of the README that `play` writes, without their fences."""
    return _BLOCK.findall(text)


def play_block(block: str, shell: Shell) -> str:
    """Return the block with what its commands say now."""
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{line}\n{shell.run(line[2:])}" for line in commands)


def play_demo(cog: Cog) -> None:
    """Write what `make demo` prints, as cog's output."""
    if not os.environ.get("BROKER"):
        cog.out(cog.previous)
        return
    with tempfile.TemporaryDirectory() as folder:
        shown = Shell(Path(folder)).run("pipeline demo 2>/dev/null")
    cog.out(f"{_FENCE}\n{shown}{_FENCE}\n")


def play(cog: Cog, *, needs_broker: bool = False) -> None:
    """Write the block anew, as cog's output."""
    if needs_broker and not os.environ.get("BROKER"):
        cog.out(cog.previous)
        return
    block = cog.previous.strip().removeprefix(f"{_FENCE}console\n")
    played = play_block(block.removesuffix(_FENCE), _open_shell())
    cog.out(f"{_FENCE}console\n{played}{_FENCE}\n")


def write_refused(folder: Path) -> Path:
    """Copy the contracts below the folder, with a version 3 that no gate lets in."""
    subject = shutil.copytree(CONTRACTS, folder / "schemas") / "order-details-value"
    text = (subject / "v2.avsc").read_text(encoding="utf-8")
    candidate = subject / "v3.avsc"
    candidate.write_text(_SCALE.sub(r"\g<1>4", text), encoding="utf-8")
    return candidate


def draw_refusal() -> str:
    """Return an SVG picture of a `contracts check` that refuses a change."""
    with tempfile.TemporaryDirectory() as folder:
        write_refused(Path(folder))
        words = ["check", "order-details-value", "--schemas", f"{folder}/schemas"]
        shown = CliRunner().invoke(contracts, words, color=True).output
    console = Console(record=True, width=_COLUMNS + 2, file=io.StringIO())
    console.print(Text("$ contracts check order-details-value", style="bold"))
    console.print(Text.from_ansi(shown.replace(f"{folder}/", "")))
    picture = console.export_svg(title="a refused change", unique_id="refused")
    return _FONT_FACE.sub("", picture)


def _without_addresses() -> dict[str, str]:
    given = ("KAFKA_", "SCHEMA_REGISTRY_", "CONTRACTS_", "ACCORD_")
    return {
        name: value for name, value in os.environ.items() if not name.startswith(given)
    }


@cache
def _open_shell() -> Shell:
    """Return the one shell of a run of cog, beside a pipeline if BROKER is set."""
    kept = ExitStack()
    atexit.register(kept.close)
    folder = kept.enter_context(tempfile.TemporaryDirectory(prefix="accord-readme-"))
    shell = Shell(Path(folder))
    if os.environ.get("BROKER"):
        kept.enter_context(running_pipeline(shell))
    return shell


if __name__ == "__main__":
    sys.stdout.write(draw_refusal())
