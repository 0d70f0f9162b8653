"""What the shell completes beyond click's own: subjects and baselines.

Asks files and git alone, never a registry: a key press must not wait for a network.
"""

import subprocess
from pathlib import Path

from click import Context, Parameter
from click.shell_completion import CompletionItem

_GIT_S = 2.0
_KINDS = ("dir:", "git:", "registry:")
_FOLDER = Path("schemas")


def complete_subjects(
    ctx: Context, _param: Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the subjects of --schemas that begin so and are not there yet."""
    folder = Path(ctx.params.get("folder") or _FOLDER)
    taken = ctx.params.get("subjects") or ()
    names = {path.parent.name for path in folder.glob("*/v*.avsc")}
    return _items(sorted(names.difference(taken)), incomplete)


def complete_baselines(
    _ctx: Context, _param: Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return git:REF and dir:PATH that begin so; the kinds first."""
    kind, colon, rest = incomplete.partition(":")
    if not colon:
        return _items(list(_KINDS), incomplete)
    if kind == "git":
        return _items([f"git:{ref}" for ref in _find_refs()], incomplete)
    if kind == "dir":
        folder = Path(rest) if rest.endswith("/") else Path(rest).parent
        found = sorted(path for path in folder.glob("*") if path.is_dir())
        return _items([f"dir:{path}" for path in found], incomplete)
    return []


def _items(values: list[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(each) for each in values if each.startswith(incomplete)]


def _find_refs() -> list[str]:
    """Return branches and tags; none outside a repository."""
    command = ["git", "for-each-ref", "--format=%(refname:short)"]
    try:
        answer = subprocess.run(  # noqa: S603 - a command of our own, no shell
            command, capture_output=True, text=True, timeout=_GIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return ["HEAD", *answer.stdout.split()]
