"""`pipeline env`: the running pipeline's addresses, for a shell."""

import shlex
from typing import Any

import click

from operations.addresses import PipelineAddresses
from operations.cli import options
from runtime.config import SETTINGS


@click.command(context_settings=SETTINGS)
@options.data
def env(**values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Print the addresses of the running pipeline as variables of a shell.

    After it `contracts` and every service, started by hand, talk to that pipeline.

    \b
    Example:
        eval "$(pipeline env)"

    \b
    Exit codes:
        0 printed    2 usage    78 nothing runs on --data
    """  # noqa: D301 - \b is click's mark, not a backslash
    addresses = PipelineAddresses.get(values["data"])
    click.echo(_export("KAFKA_BOOTSTRAP_SERVERS", addresses.bootstrap_servers))
    click.echo(_export("SCHEMA_REGISTRY_URL", addresses.registry_url))


def _export(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"
