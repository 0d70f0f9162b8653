"""`pipeline up`: run everything until Ctrl-C."""

import json
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from operations.addresses import PipelineAddresses
from operations.cli import options
from operations.pipeline import Pipeline, PipelineSettings
from operations.services import NAMES, parse_services
from operations.signals import terminate_as_interrupt
from runtime.config import SETTINGS, Address, option, schemas_option

_LABELS = {
    "bootstrap_servers": "Kafka",
    "registry_url": "schema registry",
    "dashboard_url": "dashboard",
    "analytics_url": "analytics",
    "mail": "mail",
    "database_url": "database",
    "data": "data",
}


def complete_services(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return what --services may become: a list that goes on with one more name."""
    before, comma, last = incomplete.rpartition(",")
    words = NAMES if comma else ("all", "none", *NAMES)
    taken = before.split(",")
    return [
        CompletionItem(f"{before}{comma}{each}")
        for each in words
        if each.startswith(last) and each not in taken
    ]


@click.command(context_settings=SETTINGS)
@options.data
@option(
    "--rate",
    type=click.FloatRange(min=0),
    default=5.0,
    help="Faker orders a second; 0 is none.",
)
@option(
    "--services",
    default="all",
    metavar="all|none|NAME,...",
    shell_complete=complete_services,
    help="What to start besides broker, registry, topics and contracts.",
)
@schemas_option
@option("--mail", metavar="URL", help="maildir:PATH or smtp://HOST:PORT.")
@option("--database", metavar="URL", help="Database of analytics-service.")
@option(
    "--dashboard-listen",
    type=Address(),
    default="127.0.0.1:0",
    help="Where the dashboard answers; port 0 takes a free one.",
)
@options.output_format
def up(**values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Run the pipeline until Ctrl-C.

    Starts Kafka and a registry, creates the topics, registers the contracts, starts
    the services, and starts again what dies. Prints where everything is reached once
    all of it is ready; with --format json that is one line. Started again on the same
    folder it goes on where it was stopped.

    \b
    Example:
        pipeline up --rate 50
        pipeline up --services none --format json

    \b
    Exit codes:
        0 stopped by Ctrl-C or SIGTERM    2 usage    70 Kafka or the registry died
        75 a service did not get ready
        78 configuration (folder in use, no Java)
    """  # noqa: D301 - \b is click's mark, not a backslash
    settings = _settings(values)
    with terminate_as_interrupt():
        try:
            with Pipeline.start(settings, _talk) as pipeline:
                click.echo(_render(pipeline.addresses, values["output_format"]))
                _talk("Ctrl-C stops everything")
                pipeline.watch()
        except KeyboardInterrupt:
            _talk("stopped")


def _settings(values: dict[str, Any]) -> PipelineSettings:
    host, port = values["dashboard_listen"]
    return PipelineSettings(
        data=values["data"],
        services=parse_services(values["services"]),
        rate=values["rate"],
        schemas=Path(values["schemas"]),
        mail=values["mail"],
        database_url=values["database"],
        dashboard_listen=f"{host}:{port}",
    )


def _talk(sentence: str) -> None:
    click.echo(sentence, err=True)


def _render(addresses: PipelineAddresses, output_format: str) -> str:
    public = addresses.to_public()
    if output_format == "json":
        return json.dumps(public)
    return "\n".join(
        f"{label:<16}{public[name]}"
        for name, label in _LABELS.items()
        if public[name] is not None
    )
