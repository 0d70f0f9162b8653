"""`contracts evolve`: propose the next version of a subject from a change."""

import json
from pathlib import Path

import click

from registry.cli import failures, options
from registry.cli.completing import complete_baselines
from registry.errors import ConfigError
from registry.gate.baselines import open_baseline
from registry.gate.evolution.edits import (
    AddField,
    AddSymbol,
    Deprecate,
    Edit,
    RenameField,
)
from registry.gate.evolution.proposal import (
    Proposal,
    draft,
    first_rename_step,
    propose,
    rename_steps,
)
from registry.gate.findings import Severity
from registry.gate.formats.as_text import fold, render_findings, render_text
from registry.gate.judge import Settings
from registry.gate.references import load_folder
from registry.gate.versions import Baseline, Folder
from registry.names import CompatibilityLevel, Subject


@click.command()
@options.subject
@click.option(
    "--add-field",
    "fields",
    multiple=True,
    metavar="'NAME: TYPE = DEFAULT'",
    help="Append a field; NAME may be a path such as items[].note.",
)
@click.option(
    "--add-symbol",
    "symbols",
    nargs=2,
    multiple=True,
    metavar="FIELD SYMBOL",
    help="Append a symbol to an enum.",
)
@click.option(
    "--rename-field",
    "renames",
    nargs=2,
    multiple=True,
    metavar="OLD NEW",
    help="Rename a field, keeping the old name as its alias.",
)
@click.option(
    "--deprecate",
    "deprecated",
    multiple=True,
    metavar="FIELD",
    help="Say so in its doc.",
)
@click.option(
    "--since", default="the next version", help="Since when; for --deprecate."
)
@click.option("--doc", default="", help="Doc of the added fields.")
@click.option(
    "--first-step",
    is_flag=True,
    help="For a rename that the level forbids: write the first of its steps.",
)
@options.schemas_dir
@click.option(
    "--against",
    shell_complete=complete_baselines,
    metavar="registry:URL|dir:PATH|git:REF",
    help="What is released.",
)
@options.level
@options.dry_run
@options.output_format
def evolve(  # noqa: PLR0913 - one parameter an option
    subject: str,
    *,
    fields: tuple[str, ...],
    symbols: tuple[tuple[str, str], ...],
    renames: tuple[tuple[str, str], ...],
    deprecated: tuple[str, ...],
    since: str,
    doc: str,
    first_step: bool,
    folder: Path,
    against: str | None,
    level: str | None,
    dry_run: bool,
    output_format: str,
) -> int:
    r"""Write the next version file of SUBJECT, if the gate accepts it.

    \b
    Types:
        int, string, ..., decimal(9,2), timestamp-millis, date, uuid,
        array<string>, map<long>, a named type; with ? for nullable; or JSON
    Defaults of logical types are given as values: 0.00, 2026-01-31, 12:30.

    \b
    Example:
        contracts evolve orders-value --add-field 'note: string = ""' --dry-run
        contracts evolve orders-value --rename-field note remark
    """
    tree = load_folder(folder)
    name = Subject(subject)
    moved = [RenameField(path=old, new_name=new) for old, new in renames]
    try:
        edits: list[Edit] = [
            *(
                AddField.parse(each, doc=doc or f"Added to {subject}.")
                for each in fields
            ),
            *(AddSymbol(path=path, symbol=symbol) for path, symbol in symbols),
            *_renames(tree, name, moved, first_step=first_step),
            *(Deprecate(path=each, since=since) for each in deprecated),
        ]
        drafted = draft(tree, name, _require(edits))
    except ConfigError as exc:
        raise click.UsageError(f"{exc}. {exc.hint}".rstrip(" .") + ".") from exc
    proposal = propose(
        tree,
        drafted,
        baseline=_baseline(against, folder),
        settings=Settings(level=CompatibilityLevel(level.upper()) if level else None),
    )
    steps = [] if proposal.is_accepted else _steps(tree, name, moved)
    if proposal.is_accepted and not dry_run:
        Path(proposal.after.origin).write_text(proposal.after.text, encoding="utf-8")
    _show(proposal, steps, dry_run=dry_run, output_format=output_format)
    return failures.ACCEPTED if proposal.is_accepted else failures.REFUSED


def _require(edits: list[Edit]) -> list[Edit]:
    if not edits:
        raise click.UsageError("name a change, such as --add-field 'note: string'")
    return edits


def _renames(
    tree: Folder, subject: Subject, renames: list[RenameField], *, first_step: bool
) -> list[Edit]:
    if first_step:
        return [first_rename_step(tree, subject, each) for each in renames]
    return list(renames)


def _steps(tree: Folder, subject: Subject, renames: list[RenameField]) -> list[str]:
    return [step for each in renames for step in rename_steps(tree, subject, each)]


def _baseline(spec: str | None, folder: Path) -> Baseline | None:
    if spec is None:
        return None
    return open_baseline(spec, folder=folder, connect=options.connect)


def _show(
    proposal: Proposal, steps: list[str], *, dry_run: bool, output_format: str
) -> None:
    if output_format == "json":
        click.echo(json.dumps(_as_json(proposal, steps, dry_run=dry_run)))
        return
    if not proposal.is_accepted:
        click.echo(render_text(proposal.report))
        if steps:
            click.echo("\nNot in one step. These lead there:")
            listed = [f"{number}. {step}" for number, step in enumerate(steps, start=1)]
            click.echo("\n".join(fold(each) for each in listed))
            click.echo("Write the first with --first-step.")
        return
    if dry_run:
        click.echo(proposal.diff)
    verb = "would write" if dry_run else "wrote"
    click.echo(f"{verb} {proposal.after.origin}: {'; '.join(proposal.done)}")
    grave = [
        each for each in proposal.report.findings if each.severity is not Severity.INFO
    ]
    if grave:
        click.echo(render_findings(grave))


def _as_json(
    proposal: Proposal, steps: list[str], *, dry_run: bool
) -> dict[str, object]:
    return {
        "file": proposal.after.origin,
        "written": proposal.is_accepted and not dry_run,
        "done": list(proposal.done),
        "schema": proposal.after.text,
        "diff": proposal.diff,
        "steps": steps,
        "report": proposal.report.as_json(),
    }
