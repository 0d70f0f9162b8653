"""Lines for people: folded at the width of their terminal, whole in pipes and files."""

import shutil
import sys
import textwrap

import click

_MARGIN = "    "


def say(line: str, *, colour: str | None = None) -> None:
    """Print the line; on a terminal folded, in colour if one is given."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        line = textwrap.fill(line, width, subsequent_indent=_MARGIN)
    click.secho(line, fg=colour)
