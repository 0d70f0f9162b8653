"""`pipeline verify`: was every order priced exactly once, in order, and rightly?"""

import json
from pathlib import Path
from typing import Any

import click

from operations.cli import options
from operations.verify.command import Request, verify_topics
from operations.verify.evidence import TopicNames
from operations.verify.verdict import Verdict
from registry.catalog import load_catalog
from runtime.config import SETTINGS, option, schemas_option

_SHOWN = 20


def show_findings(verdict: Verdict) -> None:
    """Print the first findings on standard error, and how many more there are."""
    for sentence in verdict.findings[:_SHOWN]:
        click.echo(sentence, err=True)
    more_count = len(verdict.findings) - _SHOWN
    if more_count > 0:
        click.echo(f"... and {more_count} more", err=True)


@click.command(context_settings=SETTINGS)
@options.data
@options.bootstrap_servers
@options.kafka_property
@options.registry_url
@options.registry_property
@schemas_option
@option("--input-topic", default="order-details", help="Topic of orders.")
@option("--output-topic", default="order-processed", help="Topic of priced orders.")
@click.option(
    "--input",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON Lines file whose every order must be among the inputs.",
)
@options.output_format
@click.pass_context
def verify(ctx: click.Context, /, **values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Recompute every output from every input and compare.

    Reads both topics and the dead letters to their ends, decodes them with
    confluent-kafka's own deserializer, and shares nothing with the services. Run it
    while the pipeline rests: an order that is under way counts as missing.

    \b
    Example:
        pipeline verify --input orders.jsonl --format json

    \b
    Exit codes:
        0 nothing is missing, duplicate, wrong or out of order    1 something is
        2 usage    65 the file has a line that is no order
        75 broker or registry do not answer    78 nothing runs on --data
    """  # noqa: D301 - \b is click's mark, not a backslash
    flags = options.Flags(ctx, values)
    verdict = verify_topics(
        Request(
            kafka=options.kafka_settings(flags),
            registry=options.registry_settings(flags),
            catalog=load_catalog(Path(values["schemas"])),
            names=TopicNames(
                inputs=values["input_topic"], outputs=values["output_topic"]
            ),
            source=values["source"],
        )
    )
    show_findings(verdict)
    is_json = values["output_format"] == "json"
    click.echo(json.dumps(verdict.to_json()) if is_json else verdict.to_text())
    ctx.exit(0 if verdict.is_clean else 1)
