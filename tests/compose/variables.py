"""Which variables a command reads, as its help tells them."""

import click


def variables_of(command: click.Command) -> set[str]:
    """Return their names."""
    context = click.Context(command, auto_envvar_prefix="ACCORD")
    options = [each for each in command.params if isinstance(each, click.Option)]
    return {
        name
        for each in options
        for name in each.get_help_extra(context).get("envvars", ())
    }
