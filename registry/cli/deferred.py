"""Commands that are loaded once they are named: the others start without them."""

from collections.abc import Callable

import click

from registry.errors import ConfigError


class Deferred(click.Command):
    """Stands in the list of commands for one that is loaded later.

    Args:
        name: What is typed.
        load: Imports the command and returns it; raises ConfigError if it cannot.
        summary: Its line in the list.
    """

    def __init__(
        self, name: str, load: Callable[[], click.Command], *, summary: str
    ) -> None:
        super().__init__(name, help=summary)
        self.load = load


class Commands(click.Group):
    """A group that loads a deferred command as soon as a command line names it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command itself, whether it is to run or to complete a word."""
        name, command, rest = super().resolve_command(ctx, args)
        if isinstance(command, Deferred):
            try:
                command = command.load()
            except ConfigError:
                if not ctx.resilient_parsing:  # a press of the tab key fails in silence
                    raise
        return name, command, rest
