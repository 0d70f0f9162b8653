"""`contracts drift`: where a registry and the folder say different things."""

import json
from pathlib import Path

import click

from registry.cli import failures, options
from registry.cli.output import say
from registry.names import Subject
from registry.plans import Tree, find_drift


@click.command()
@options.subjects
@options.schemas_dir
@options.registry_url
@click.option(
    "--known-only", is_flag=True, help="Leave out subjects the folder does not have."
)
@options.output_format
def drift(
    subjects: tuple[str, ...],
    folder: Path,
    registry_url: str,
    *,
    known_only: bool,
    output_format: str,
) -> int:
    r"""Compare registry and folder in both directions: versions, schemas, levels.

    Exit status 1 if they differ.

    \b
    Example:
        contracts drift --registry-url http://127.0.0.1:8081
    """
    tree = Tree(folder)
    chosen = list(map(Subject, subjects)) or (tree.subjects if known_only else [])
    with options.connect(registry_url) as client:
        found = find_drift(tree, client, subjects=chosen)
    if output_format == "json":
        click.echo(json.dumps([each.as_json() for each in found]))
    else:
        for each in found:
            say(str(each))
        say(f"{len(found)} differences" if found else "no difference")
    return failures.REFUSED if found else failures.ACCEPTED
