"""`contracts pull`: a registry's subjects as a folder of contracts."""

import json
from pathlib import Path

import click

from registry.cli import options
from registry.cli.output import say
from registry.names import Subject
from registry.plans import Pulled, pull_registry, write_folder


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("subjects", metavar="[SUBJECT]...", nargs=-1)
@options.registry_url
@options.dry_run
@options.output_format
def pull(
    folder: Path,
    subjects: tuple[str, ...],
    registry_url: str,
    *,
    dry_run: bool,
    output_format: str,
) -> None:
    r"""Write what a registry holds into a new FOLDER: how a team with one starts.

    One file a version, contracts.toml with the levels, and registry-ids.json with the
    ids and exact references, for `contracts apply --keep-ids`.

    \b
    Example:
        contracts pull schemas --registry-url http://127.0.0.1:8081
    """
    with options.connect(registry_url) as client:
        pulled = pull_registry(client, subjects=list(map(Subject, subjects)))
    if not dry_run:
        write_folder(pulled, folder)
    _show(pulled, folder, verb="would write" if dry_run else "wrote", to=output_format)


def _show(pulled: Pulled, folder: Path, *, verb: str, to: str) -> None:
    if to == "json":
        click.echo(json.dumps(pulled.as_json()))
        return
    for each in pulled.left_out:
        say(f"left out: {each}", colour="yellow")
    subject_count = len({each.subject for each in pulled.versions})
    versions = f"{len(pulled.versions)} versions of {subject_count} subjects"
    say(f"{verb} {versions} to {folder}")
