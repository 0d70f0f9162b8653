"""`contracts serve`: the embedded registry."""

import click

from registry.errors import ConfigError
from registry.installed import to_install


@click.command(
    context_settings={"ignore_unknown_options": True},
    add_help_option=False,  # the server's own help says more
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def serve(arguments: tuple[str, ...]) -> None:
    """Serve a Confluent-compatible schema registry until Ctrl-C.

    \b
    Example:
        contracts serve --port 8081 --store registry.db
    """  # noqa: D301 - \b is click's mark, not a backslash
    try:
        # Its packages are an extra, which the gate does without.
        from registry.local.command import serve as command  # noqa: PLC0415 - above
    except ImportError as exc:
        hint = to_install("pipeline")
        reason = f"the registry needs packages that are not installed: {exc}"
        raise ConfigError(reason, hint=hint) from exc
    command.main(list(arguments), prog_name="contracts serve")
