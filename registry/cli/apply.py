"""`contracts apply`: bring a registry up to the folder."""

import json
from pathlib import Path

import click

from registry.cli import failures, options
from registry.cli.output import say
from registry.cli.plan import plan_folder, show_plan
from registry.client import RegistryClient
from registry.plans import Applied, Plan, apply_plan, read_plan, step_json


@click.command()
@options.subjects
@options.schemas_dir
@options.registry_url
@options.keep_ids
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Apply this saved plan, if the registry is still as it was.",
)
@options.dry_run
@options.output_format
def apply(  # noqa: PLR0913 - the options of one command
    subjects: tuple[str, ...],
    folder: Path,
    registry_url: str,
    *,
    keep_ids: bool,
    plan_file: Path | None,
    dry_run: bool,
    output_format: str,
) -> int:
    r"""Do what `contracts plan` says, and read back every step.

    Running it again does what is left to do: after an interruption too.

    \b
    Example:
        contracts apply --registry-url http://127.0.0.1:8081
        contracts apply --plan plan.json
    """
    if plan_file is not None and (subjects or keep_ids):
        raise click.UsageError("a saved plan knows its subjects and ids already")
    with options.connect(registry_url) as client:
        if plan_file is None:
            made = plan_folder(folder, client, subjects, keeps_ids=keep_ids)
        else:
            made = read_plan(plan_file)
        if made.refusals or dry_run:
            show_plan(made, output_format)
            return failures.REFUSED if made.refusals else failures.ACCEPTED
        _apply(made, client, output_format)
    return failures.ACCEPTED


def _apply(made: Plan, client: RegistryClient, output_format: str) -> None:
    done: list[Applied] = []
    for each in apply_plan(made, client):
        done.append(each)
        if output_format == "text":
            say(str(each))
    if output_format == "json":
        rows = [{**step_json(each.step), "is_new": each.is_new} for each in done]
        click.echo(json.dumps(rows))
    elif not done:
        say(f"{client.url} holds all of it; nothing to do")
