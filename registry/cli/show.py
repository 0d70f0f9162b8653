"""`contracts show`: one version's schema."""

import json

import click

from registry.cli import options
from registry.sources import get_versions, pick_version


@click.command()
@options.subject
@click.option(
    "--version", "number", type=click.IntRange(1), help="Which one; else the newest."
)
@options.source
@options.output_format
def show(subject: str, number: int | None, source: str, output_format: str) -> None:
    r"""Print the schema of a subject's version.

    \b
    Example:
        contracts show order-details-value --version 1
    """
    versions = get_versions(options.open_source(source), subject)
    version = pick_version(versions, number)
    if output_format == "json":
        row = {
            "subject": version.subject,
            "version": version.version,
            "schema_id": version.schema_id,
            "origin": version.origin,
            "schema": version.text,
        }
        click.echo(json.dumps(row))
        return
    click.echo(version.text.rstrip("\n"))
