"""`contracts show`: one version's schema."""

import json

import click

from registry.cli import options
from registry.errors import VersionNotFound
from registry.gate.versions import SchemaVersion
from registry.names import Subject


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
    baseline = options.open_source(source)
    versions = baseline.find_released(Subject(subject))
    if not versions:
        options.refuse_unknown_subject(baseline, subject)
    version = _pick(versions, number)
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


def _pick(versions: list[SchemaVersion], number: int | None) -> SchemaVersion:
    live = [each for each in versions if not each.is_deleted] or versions
    if number is None:
        return live[-1]
    for version in versions:
        if version.version == number:
            return version
    raise VersionNotFound(versions[0].subject, number)
