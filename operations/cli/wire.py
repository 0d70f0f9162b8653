"""`pipeline wire`: which contract versions are on the wire."""

import json
from typing import Any

import click

from operations.cli import options
from operations.wire import find_shares
from runtime.config import SETTINGS, option
from runtime.registry import connect_registry


@click.command(context_settings=SETTINGS)
@options.data
@options.bootstrap_servers
@options.kafka_property
@options.registry_url
@options.registry_property
@option(
    "--topic",
    "topics",
    multiple=True,
    default=("order-details", "order-processed"),
    help="Topic to count; repeatable.",
)
@options.output_format
@click.pass_context
def wire(ctx: click.Context, /, **values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Count the records of each topic by the contract version that wrote them.

    Reads the topics to their ends.

    \b
    Example:
        pipeline wire
        pipeline wire --topic order-details --format json

    \b
    Exit codes:
        0 counted    2 usage    75 broker or registry do not answer
        78 nothing runs on --data
    """  # noqa: D301 - \b is click's mark, not a backslash
    flags = options.Flags(ctx, values)
    kafka = options.kafka_settings(flags)
    with connect_registry(options.registry_settings(flags)) as registry:
        shares = list(find_shares(kafka, registry, values["topics"]))
    if values["output_format"] == "json":
        click.echo(json.dumps([each.to_json() for each in shares]))
    else:
        click.echo("\n".join(map(str, shares)) or "no records")
