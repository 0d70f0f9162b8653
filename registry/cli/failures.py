"""How a failed command ends: one sentence, a hint, an exit status, no traceback."""

import click

from registry.errors import (
    IncompatibleSchema,
    InvalidContract,
    PipelineError,
    RegistryMoved,
)

ACCEPTED = 0
REFUSED = 1
UNDECIDED = 3

_REFUSALS = (InvalidContract, IncompatibleSchema, RegistryMoved)


def run(command: click.Command) -> int:
    """Run the command with the process's arguments and return its exit status."""
    try:
        status = command.main(standalone_mode=False)
    except PipelineError as exc:
        return _say(exc)
    except click.ClickException as exc:
        exc.show()
        return exc.exit_code
    except click.Abort:
        return 130
    return status if isinstance(status, int) else ACCEPTED


def exit_status(error: PipelineError) -> int:
    """Return 1 for what the gate or the registry refuses, else 3."""
    return REFUSED if isinstance(error, _REFUSALS) else UNDECIDED


def _say(error: PipelineError) -> int:
    click.echo(f"Error: {error}", err=True)
    if error.hint:
        click.echo(f"Hint: {error.hint}", err=True)
    return exit_status(error)
