"""The command line, as `--help` tells it."""

from collections.abc import Iterator, Sequence

from operations.reference.programs import Program


def render_commands(title: str, programs: Sequence[Program]) -> str:
    """Return a page with the help of every command of the programs."""
    head = f"# {title}\n\nWhat `--help` says. Made by `make docs`.\n"
    return "\n".join([head, *_sections(programs)])


def _sections(programs: Sequence[Program]) -> Iterator[str]:
    for program in programs:
        for context in program.contexts():
            text = context.command.get_help(context)
            yield f"## {context.command_path}\n\n```text\n{text}\n```\n"
