"""Read version files of a commit, through the git command."""

import shutil
import subprocess
from pathlib import Path

from registry.errors import ConfigError
from registry.gate.manifest import MANIFEST

_TIMEOUT_S = 60.0


def read_tree(ref: str, folder: Path) -> tuple[dict[str, str], str | None]:
    """Return the folder's version files at `ref`, by relative path, and its manifest.

    A folder that did not exist at `ref` has no files.

    Raises:
        ConfigError: There is no git, no repository, or no such commit.
    """
    commit = _resolve(ref, folder)
    names = _git(folder, "ls-tree", "-r", "-z", "--name-only", commit, ".").split("\0")
    wanted = [name for name in names if _is_version_file(name)]
    files = {name: _git(folder, "show", f"{commit}:./{name}") for name in wanted}
    manifest = MANIFEST if MANIFEST in names else None
    text = _git(folder, "show", f"{commit}:./{MANIFEST}") if manifest else None
    return files, text


def _is_version_file(name: str) -> bool:
    return name.count("/") == 1 and name.endswith(".avsc")


def _resolve(ref: str, folder: Path) -> str:
    """Return the commit's full hash; nothing in `ref` can pass for an option."""
    return _git(
        folder,
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        f"{ref}^{{commit}}",
    ).strip()


def _git(folder: Path, *arguments: str) -> str:
    command = shutil.which("git")
    if command is None:
        raise ConfigError("the baseline git: needs the git command, which is missing")
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the reference is resolved first
            [command, "-C", str(folder), *arguments],
            capture_output=True,
            check=True,
            timeout=_TIMEOUT_S,
        )
        return done.stdout.decode("utf-8")
    except subprocess.CalledProcessError as exc:
        said = exc.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ConfigError(_reason(arguments, said)) from exc
    except (subprocess.TimeoutExpired, UnicodeDecodeError) as exc:
        raise ConfigError(f"git {arguments[0]} gave no usable answer: {exc}") from exc


def _reason(arguments: tuple[str, ...], said: list[str]) -> str:
    if said:
        return f"git {arguments[0]} failed: {said[-1]}"
    return f"git knows no commit {arguments[-1].removesuffix('^{commit}')!r}"
