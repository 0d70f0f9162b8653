"""README.md says what is so; `make docs` writes what can be written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from schemas import CONTRACTS
from tests.docs.readme import PICTURE, README, ROOT, draw_refusal, write_refused
from tests.docs.test_docs import COMMANDS

TEXT = README.read_text(encoding="utf-8")
SHOWN = re.findall(r"^```(?:sh|console)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
TYPED = re.findall(
    r"^(?:\$ )?((?:contracts|pipeline)(?: [a-z]+)+)", "\n".join(SHOWN), re.MULTILINE
)
TREE = re.findall(r"^([a-z]+)/ {2,}\S", TEXT, re.MULTILINE)
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def test_blocks_are_what_their_commands_say() -> None:
    """What a command printed when the README was made, it prints now: `make docs`."""
    cog = str(Path(sys.executable).with_name("cog"))
    prologue = ("-p", "from tests.docs.readme import play, play_demo")
    checked = subprocess.run(
        [cog, "--check", "--diff", "-I", ".", *prologue, "README.md"],
        cwd=ROOT,
        env={**os.environ, "BROKER": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_picture_of_a_refused_change_is_up_to_date() -> None:
    """`contracts check` prints what the picture shows: `make docs`."""
    assert PICTURE.read_text(encoding="utf-8") == draw_refusal()


def test_registry_alone_would_let_the_pictured_change_in(tmp_path: Path) -> None:
    """By the reference's own rules either version reads the other."""
    refused = write_refused(tmp_path)
    before = CONTRACTS / "order-details-value/v2.avsc"
    contracts = Path(sys.executable).with_name("contracts")

    for reader, writer in ((refused, before), (before, refused)):
        subprocess.run(
            [contracts, "compat", "--reader", reader, "--writer", writer], check=True
        )


@pytest.mark.parametrize("words", TYPED)
def test_command_that_is_typed_exists(words: str) -> None:
    """Nothing that a block has one type is unknown."""
    program, command, *_ = words.split()

    assert f"{program} {command}" in COMMANDS


def test_tree_has_every_room() -> None:
    """The folders of the tree are those of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--", "*/*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    rooms = {path.split("/")[0] for path in listed.stdout.splitlines()}

    assert set(TREE) == {each for each in rooms if not each.startswith(".")}


def test_gate_for_other_repositories_is_offered() -> None:
    """The hooks and the input that the README names are there."""
    named = set(re.findall(r"\{ id: ([a-z-]+) \}", TEXT))

    assert named
    assert named <= {each["id"] for each in HOOKS}
    assert "dir" in ACTION["inputs"]
