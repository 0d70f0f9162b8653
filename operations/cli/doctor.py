"""`pipeline doctor`: what this machine lacks for the pipeline."""

from pathlib import Path
from typing import Any

import click

from operations.cli import options
from operations.doctor import Wanted, pipeline_needs
from registry.cli.output import say
from registry.doctor import examine, is_fit, render_json, render_text
from runtime.config import SETTINGS, KafkaSettings, option, state_dir_option
from schemas import CONTRACTS


@click.command(context_settings=SETTINGS)
@options.data
@state_dir_option
@option(
    "--schemas",
    type=click.Path(file_okay=False, path_type=Path),
    default=CONTRACTS,
    show_default="the schemas installed with Accord",
    help="Folder of contracts.toml and the version files.",
)
@option(
    "--bootstrap-servers",
    envvar="KAFKA_BOOTSTRAP_SERVERS",
    metavar="HOST:PORT",
    help="A broker that must answer.",
)
@options.kafka_property
@option(
    "--registry-url",
    envvar="SCHEMA_REGISTRY_URL",
    metavar="URL",
    help="A registry that must answer.",
)
@options.output_format
@click.pass_context
def doctor(ctx: click.Context, /, **values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Say what is here, what is missing, and what to do about it.

    Changes nothing, and needs network only if Kafka was not fetched yet. What only
    some commands or tests need is named with those, and missing it fails nothing.

    \b
    Example:
        pipeline doctor
        pipeline doctor --format json

    \b
    Exit codes:
        0 fit    1 something is missing that is needed    2 usage
    """  # noqa: D301 - \b is click's mark, not a backslash
    conditions = examine(pipeline_needs(_wanted(values)))
    if values["output_format"] == "json":
        click.echo(render_json(conditions))
    else:
        for line in render_text(conditions):
            say(line)
    ctx.exit(0 if is_fit(conditions) else 1)


def _wanted(values: dict[str, Any]) -> Wanted:
    servers = values["bootstrap_servers"]
    return Wanted(
        data=values["data"],
        state_dir=values["state_dir"],
        schemas=values["schemas"],
        kafka=KafkaSettings.from_options(values) if servers else None,
        registry_url=values["registry_url"],
    )
