"""`contracts level`: show or set compatibility levels."""

import json

import click

from registry.cli import options
from registry.cli.completing import complete_subjects
from registry.names import CompatibilityLevel


@click.command()
@click.argument("subject", required=False, shell_complete=complete_subjects)
@options.registry_url
@click.option(
    "--set",
    "new_level",
    type=options.level_value,
    metavar="LEVEL",
    help="The level to set: BACKWARD, FULL_TRANSITIVE, ...",
)
@options.dry_run
@options.output_format
def level(
    subject: str | None,
    registry_url: str,
    new_level: str | None,
    *,
    dry_run: bool,
    output_format: str,
) -> None:
    r"""Show the level in force for SUBJECT (or globally), or set it.

    \b
    Example:
        contracts level order-details-value --set FULL_TRANSITIVE
    """
    with options.connect(registry_url) as client:
        before = client.get_level(subject)
        after = CompatibilityLevel(new_level.upper()) if new_level else before
        if after is not before and not dry_run:
            client.set_level(subject, after)
            after = client.get_level(subject)
    if output_format == "json":
        row = {"subject": subject, "before": before, "level": after}
        click.echo(json.dumps(row))
        return
    change = f"{before} -> {after}" if after is not before else str(after)
    suffix = " (dry run)" if dry_run and after is not before else ""
    click.echo(f"{subject or 'all subjects'}: {change}{suffix}")
