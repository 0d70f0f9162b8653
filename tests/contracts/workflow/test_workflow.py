"""The action, the workflow and the hooks, as far as they run without their hosts."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from registry.cli import contracts as command_line
from tests.contracts.folders import MONEY, MONEY_2, with_field, write_schema

ROOT = Path(__file__).parents[3]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/contracts.yml").read_text())
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
BREAKING = with_field(MONEY, name="code", type="string")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a step of the action left behind."""

    status: int
    out: str
    err: str
    outputs: dict[str, str]
    summary: str

    @property
    def annotations(self) -> list[str]:
        """The lines that a host shows beside the code."""
        return [line for line in self.out.splitlines() if line.startswith("::error ")]


@dataclass(frozen=True)
class Repository:
    """A repository as a checkout of a pull request leaves it, and its origin."""

    path: Path
    home: Path

    def git(self, *arguments: str) -> str:
        """Run git there."""
        environ = {
            "PATH": PATH,
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{role}_NAME": "t" for role in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{role}_EMAIL": "t@t" for role in ("AUTHOR", "COMMITTER")},
        }
        done = subprocess.run(
            ["git", "-C", self.path, *arguments],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self) -> str:
        """Commit everything and return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "change")
        return self.git("rev-parse", "HEAD")

    def run_action(self, inputs: dict[str, str], **environ: str) -> Ran:
        """Run the action's own last step, as its host would."""
        step = ACTION["runs"]["steps"][-1]
        given = {
            **{
                name: each.get("default", "") for name, each in ACTION["inputs"].items()
            },
            **inputs,
        }
        files = {name: self.home / name for name in ("output", "summary")}
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=self.path,
            env={
                "PATH": PATH,
                "HOME": str(self.home),
                "RUNNER_TEMP": str(self.home),
                "GITHUB_OUTPUT": str(files["output"]),
                "GITHUB_STEP_SUMMARY": str(files["summary"]),
                **{name: fill(text, given) for name, text in step["env"].items()},
                **environ,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        lines = files["output"].read_text().splitlines()
        return Ran(
            status=done.returncode,
            out=done.stdout,
            err=done.stderr,
            outputs=dict(line.split("=", 1) for line in lines),
            summary=files["summary"].read_text(),
        )


def fill(text: str, inputs: dict[str, str]) -> str:
    """Put values in place of the expressions that the action uses."""
    known = {f"inputs.{name}": value for name, value in inputs.items()}
    known["github.action_path"] = str(ROOT)
    return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda match: known[match[1]], text)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Clone a repository whose main branch has one released version."""
    home = tmp_path / "home"
    home.mkdir()
    origin = Repository(tmp_path / "origin", home)
    origin.path.mkdir()
    origin.git("init", "--quiet", "--initial-branch", "main")
    write_schema(origin.path / "schemas", "money-value", 1, MONEY)
    origin.commit()
    clone = Repository(tmp_path / "clone", home)
    origin.git("clone", "--quiet", str(origin.path), str(clone.path))
    return clone


def change(repository: Repository, schema: object) -> str:
    """Commit a second version."""
    write_schema(repository.path / "schemas", "money-value", 2, schema)
    return repository.commit()


def test_breaking_change_of_a_pull_request_is_annotated_and_refused(
    repository: Repository,
) -> None:
    """Status 1, the file and line in an annotation, the findings in the summary."""
    change(repository, BREAKING)

    ran = repository.run_action({}, GITHUB_BASE_REF="main")

    assert ran.status == 1
    assert ran.outputs["verdict"] == "refused"
    assert re.search(r"file=schemas/money-value/v2\.avsc,.*line=\d", ran.annotations[0])
    assert "code" in ran.summary
    assert Path(ran.outputs["report"]).read_text() == ran.summary


def test_safe_change_of_a_pull_request_is_accepted(repository: Repository) -> None:
    """Status 0 and no error annotation."""
    change(repository, MONEY_2)

    ran = repository.run_action({}, GITHUB_BASE_REF="main")

    assert ran.status == 0, ran.out + ran.err
    assert ran.outputs["verdict"] == "accepted"
    assert ran.annotations == []


def test_base_branch_is_fetched_into_a_shallow_checkout(repository: Repository) -> None:
    """A checkout of the one commit is enough."""
    change(repository, BREAKING)
    repository.git("update-ref", "-d", "refs/remotes/origin/main")

    ran = repository.run_action({}, GITHUB_BASE_REF="main")

    assert ran.status == 1
    assert ran.outputs["verdict"] == "refused"


def test_unknown_base_branch_leaves_it_undecided(repository: Repository) -> None:
    """Status 3: what cannot be compared is not accepted."""
    change(repository, MONEY_2)

    ran = repository.run_action({}, GITHUB_BASE_REF="absent")

    assert ran.status == 3
    assert ran.outputs["verdict"] == "undecided"
    assert "absent" in ran.summary


def test_push_is_compared_with_what_was_there_before(
    repository: Repository, tmp_path: Path
) -> None:
    """The event names the commit."""
    before = repository.git("rev-parse", "HEAD")
    change(repository, BREAKING)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"before": before}))

    ran = repository.run_action({}, GITHUB_EVENT_PATH=str(event))

    assert ran.status == 1


@pytest.mark.parametrize("before", ["0" * 40, None])
def test_push_without_a_before_compares_versions_with_each_other(
    repository: Repository, tmp_path: Path, before: str | None
) -> None:
    """The first push of a branch has nothing before it."""
    change(repository, BREAKING)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"before": before} if before else {}))

    ran = repository.run_action({}, GITHUB_EVENT_PATH=str(event))

    assert ran.outputs["verdict"] == "refused"


def test_inputs_reach_the_gate(repository: Repository) -> None:
    """Folder, baseline and level are the workflow's to choose."""
    write_schema(repository.path / "other", "money-value", 1, MONEY)
    write_schema(repository.path / "other", "money-value", 2, BREAKING)
    repository.commit()
    inputs = {"dir": "other", "against": "git:HEAD~1\ndir:schemas"}

    refused = repository.run_action(inputs)
    accepted = repository.run_action({**inputs, "level": "NONE"})

    assert refused.status == 1
    assert accepted.status == 0, accepted.out + accepted.err


def test_input_cannot_run_a_command(repository: Repository) -> None:
    """An input is an argument, whatever it holds."""
    planted = repository.home / "planted"

    ran = repository.run_action({"against": f"$(touch {planted})\n;touch {planted}"})

    assert ran.status == 3
    assert not planted.exists()


def test_action_has_no_expression_in_a_script() -> None:
    """Inputs come through the environment: text in a script could be a command."""
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]

    assert [script for script in scripts if "${{" in script] == []


def workflow_steps() -> list[dict[str, Any]]:
    """Return all steps of the workflow."""
    return [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


SCRIPTS = [step["run"] for step in workflow_steps() if "run" in step]
ENTRIES = [hook["entry"] for hook in HOOKS]
TYPED = [
    line
    for script in (*SCRIPTS, *ENTRIES)
    for line in script.splitlines()
    if line.startswith("contracts ")
]


@pytest.mark.parametrize("line", TYPED)
def test_command_of_workflow_or_hook_exists(line: str) -> None:
    """Every command and option is one of the command line."""
    _, name, *words = line.split()
    command = command_line.commands[name]

    known = {each for param in command.params for each in param.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_workflow_has_no_expression_in_a_script() -> None:
    """Nothing that a pull request holds can become a command."""
    assert [script for script in SCRIPTS if "${{" in script] == []


def test_workflow_may_read_and_nothing_else_by_default() -> None:
    """Only the comment may write."""
    assert WORKFLOW["permissions"] == {"contents": "read"}


def test_inputs_of_the_own_action_exist() -> None:
    """The workflow gives the action nothing that it does not know."""
    used = [step for step in workflow_steps() if step.get("uses") == "./"]

    assert len(used) == 1
    assert set(used[0].get("with", {})) <= set(ACTION["inputs"])


def test_hooks_are_well_formed() -> None:
    """pre-commit accepts the manifest."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pre_commit",
            "validate-manifest",
            ROOT / ".pre-commit-hooks.yaml",
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_hook_runs_in_another_repository(repository: Repository, hook: Any) -> None:  # noqa: ANN401 - YAML
    """Its entry, with the file names it asks for, ends with 0 on good schemas."""
    names = ["schemas/money-value/v1.avsc"] if hook.get("pass_filenames", True) else []

    done = subprocess.run(
        [*hook["entry"].split(), *names],
        cwd=repository.path,
        env={"PATH": PATH, "HOME": str(repository.home)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
