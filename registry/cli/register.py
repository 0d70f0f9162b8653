"""`contracts register`: bring a folder's contracts into a registry."""

import json
from pathlib import Path

import click

from registry.catalog import Catalog, load_catalog
from registry.cli import options
from registry.cli.completing import complete_subjects
from registry.names import Subject
from registry.registration import find_pending, register_contracts


@click.command()
@options.schemas_dir
@options.registry_url
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    shell_complete=complete_subjects,
    help="Only this; repeatable.",
)
@options.dry_run
@options.output_format
def register(
    folder: Path,
    registry_url: str,
    subjects: tuple[str, ...],
    *,
    dry_run: bool,
    output_format: str,
) -> None:
    r"""Register all versions of all contracts, oldest first.

    Sets each subject's level before its versions, and reads back what it wrote.
    Running it again changes nothing.

    \b
    Example:
        contracts register --registry-url http://127.0.0.1:8081
    """
    catalog = _narrow(load_catalog(folder), subjects)
    with options.connect(registry_url) as client:
        if dry_run:
            steps = [str(each) for each in find_pending(catalog, client)]
            lines = [f"would {each}" for each in steps]
            rows: list[dict[str, object]] = [{"would": each} for each in steps]
        else:
            done = register_contracts(catalog, client)
            lines = [
                f"{each.subject} version {each.version}: id {each.schema_id}"
                + (", new" if each.is_new else ", already registered")
                for each in done
            ]
            rows = [
                {
                    "subject": each.subject,
                    "version": each.version,
                    "schema_id": each.schema_id,
                    "is_new": each.is_new,
                }
                for each in done
            ]
    click.echo(json.dumps(rows) if output_format == "json" else "\n".join(lines))


def _narrow(catalog: Catalog, subjects: tuple[str, ...]) -> Catalog:
    if not subjects:
        return catalog
    chosen = {Subject(name): catalog.get_contract(name) for name in subjects}
    return Catalog(catalog.folder, chosen)
