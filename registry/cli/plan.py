"""`contracts plan`: what `apply` would do to a registry."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from registry.cli import failures, options
from registry.cli.output import say
from registry.client import RegistryClient
from registry.names import Subject
from registry.plans import Gate, Plan, Tree, make_plan, plan_json, write_plan


@click.command()
@options.subjects
@options.schemas_dir
@options.registry_url
@options.keep_ids
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the plan, for: contracts apply --plan FILE.",
)
@options.output_format
def plan(  # noqa: PLR0913 - the options of one command
    subjects: tuple[str, ...],
    folder: Path,
    registry_url: str,
    *,
    keep_ids: bool,
    out: Path | None,
    output_format: str,
) -> int:
    r"""Say what the registry lacks of the folder, and what speaks against it.

    Levels come before schemas, references before those that refer to them. What
    `contracts check` refuses is refused here: exit status 1, and nothing is saved.

    \b
    Example:
        contracts plan --out plan.json
        contracts apply --plan plan.json
    """
    with options.connect(registry_url) as client:
        made = plan_folder(folder, client, subjects, keeps_ids=keep_ids)
    if out is not None and not made.refusals:
        write_plan(made, out)
    show_plan(made, output_format)
    return failures.REFUSED if made.refusals else failures.ACCEPTED


def plan_folder(
    folder: Path,
    client: RegistryClient,
    subjects: Sequence[str],
    *,
    keeps_ids: bool,
) -> Plan:
    """Return the plan for the folder; the gate judges it unless history is imported."""
    return make_plan(
        Tree(folder),
        client,
        subjects=list(map(Subject, subjects)),
        keeps_ids=keeps_ids,
        judge=None if keeps_ids else Gate(folder, client),
    )


def show_plan(made: Plan, output_format: str) -> None:
    """Print the plan's steps and what speaks against them."""
    if output_format == "json":
        refusals = [each.as_json() for each in made.refusals]
        click.echo(json.dumps({**plan_json(made), "refusals": refusals}))
        return
    for step in made.steps:
        say(f"would {step}")
    for refusal in made.refusals:
        say(f"refused: {refusal}", colour="red")
    if not made.steps and not made.refusals:
        say(f"{made.url} holds all of it; nothing to do")
