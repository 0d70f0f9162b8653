"""`pipeline report`: what has been done so far."""

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from operations.cli import options
from operations.report import Report, Sources, make_report
from operations.verify import TopicNames
from runtime.config import SETTINGS, option


@click.command(context_settings=SETTINGS)
@options.data
@options.bootstrap_servers
@options.kafka_property
@option("--input-topic", default="order-details", help="Topic of orders.")
@option("--output-topic", default="order-processed", help="Topic of priced orders.")
@option("--analytics-url", metavar="URL", help="Where analytics-service listens.")
@option("--database", metavar="URL", help="Its database, where it does not run.")
@option("--mail", metavar="URL", help="Where mail goes, such as maildir:PATH.")
@options.output_format
@click.pass_context
def report(ctx: click.Context, /, **values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Show orders, revenue, mails, dead letters and lag.

    Asks the pipeline that runs on --data, or the addresses given. A figure that
    nobody can tell is null.

    \b
    Example:
        pipeline report --format json

    \b
    Exit codes:
        0 shown    2 usage    75 broker or service do not answer
        78 nothing runs on --data
    """  # noqa: D301 - \b is click's mark, not a backslash
    found = make_report(_sources(options.Flags(ctx, values)))
    if values["output_format"] == "json":
        click.echo(json.dumps(found.to_json()))
    else:
        Console().print(_table(found))


def _sources(flags: options.Flags) -> Sources:
    values = flags.values
    running = flags.find_pipeline()
    found = running.to_public() if running else {}
    return Sources(
        kafka=options.kafka_settings(flags),
        names=TopicNames(inputs=values["input_topic"], outputs=values["output_topic"]),
        analytics_url=flags.choose("analytics_url", found.get("analytics_url")),
        database_url=flags.choose("database", found.get("database_url")),
        mail=flags.choose("mail", found.get("mail")),
        services=running.services if running else {},
    )


def _table(found: Report) -> Table:
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in found.to_json().items():
        if name == "revenue":
            for currency, amount in value.items():
                table.add_row(f"revenue {currency}", amount)
        else:
            shown = "unknown" if value is None else str(value)
            table.add_row(name.replace("_", " "), shown)
    return table
