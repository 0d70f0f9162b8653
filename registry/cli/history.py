"""`contracts history`: the versions of subjects."""

import json

import click

from registry.cli import options
from registry.gate.versions import SchemaVersion
from registry.sources import get_versions


@click.command()
@options.subjects
@options.source
@options.output_format
def history(subjects: tuple[str, ...], source: str, output_format: str) -> None:
    r"""List the versions of subjects, oldest first.

    \b
    Example:
        contracts history order-details-value --from git:main
    """
    baseline = options.open_source(source)
    rows = [
        _row(version)
        for subject in subjects or baseline.get_subjects()
        for version in get_versions(baseline, subject)
    ]
    if output_format == "json":
        click.echo(json.dumps(rows))
        return
    for row in rows:
        deleted = ", deleted" if row["is_deleted"] else ""
        identity = f"id {row['schema_id']}" if row["schema_id"] else row["origin"]
        click.echo(f"{row['subject']} version {row['version']}: {identity}{deleted}")


def _row(version: SchemaVersion) -> dict[str, object]:
    return {
        "subject": version.subject,
        "version": version.version,
        "schema_id": version.schema_id,
        "origin": version.origin,
        "is_deleted": version.is_deleted,
    }
