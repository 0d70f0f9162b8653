"""`contracts serve`: the embedded registry."""

import click

from registry.cli.deferred import Deferred
from registry.errors import ConfigError
from registry.installed import to_install


def load() -> click.Command:
    """Return the server's own command.

    Raises:
        ConfigError: Its packages are not installed.
    """
    try:
        # They are an extra, which the gate does without.
        from registry.local.command import serve as command  # noqa: PLC0415 - above
    except ImportError as exc:
        hint = to_install("pipeline")
        reason = f"the registry needs packages that are not installed: {exc}"
        raise ConfigError(reason, hint=hint) from exc
    return command


serve = Deferred(
    "serve",
    load,
    summary="Serve a Confluent-compatible schema registry until Ctrl-C.",
)
