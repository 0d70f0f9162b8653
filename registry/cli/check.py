"""`contracts check`: may these candidates become the next versions?"""

import json
from pathlib import Path

import click

from registry.cli import failures, options
from registry.errors import PipelineError
from registry.gate.baselines import open_baseline
from registry.gate.findings import Severity
from registry.gate.formats import RENDERERS
from registry.gate.judge import Settings, judge
from registry.gate.references import load_folder
from registry.gate.report import Report, Verdict, undecided_json
from registry.names import CompatibilityLevel


@click.command()
@options.subjects
@options.schemas_dir
@options.baselines
@options.level
@click.option(
    "--format",
    "output_format",
    type=click.Choice(list(RENDERERS)),
    default="text",
    show_default=True,
    help="For people: text, markdown. For machines: the others.",
)
@options.fail_on
def check(  # noqa: PLR0913 - one parameter an option
    subjects: tuple[str, ...],
    folder: Path,
    baselines: tuple[str, ...],
    *,
    level: str | None,
    output_format: str,
    fail_on: str,
) -> int:
    r"""Refuse contract changes that would break a reader or a writer.

    Compares every version file that is not released yet with what is, at each
    subject's compatibility level. Changes nothing.

    Exit status: 0 accepted, 1 refused, 2 wrong usage, 3 could not decide.

    \b
    Example:
        contracts check --against git:origin/main
        contracts check orders-value --against registry:http://127.0.0.1:8081
    """
    settings = Settings(
        level=CompatibilityLevel(level.upper()) if level else None,
        threshold=Severity(fail_on),
    )
    try:
        report = _judge(folder, baselines, subjects, settings)
    except PipelineError as exc:
        if output_format == "json" and failures.exit_status(exc) == failures.UNDECIDED:
            click.echo(json.dumps(undecided_json(str(exc))))
        raise
    click.echo(RENDERERS[output_format](report))
    is_refused = report.verdict is Verdict.REFUSED
    return failures.REFUSED if is_refused else failures.ACCEPTED


def _judge(
    path: Path,
    specs: tuple[str, ...],
    subjects: tuple[str, ...],
    settings: Settings,
) -> Report:
    folder = load_folder(path)
    chosen = options.choose_subjects(folder, subjects)
    baselines = [
        open_baseline(spec, folder=path, connect=options.connect) for spec in specs
    ]
    return judge(folder, baselines, subjects=chosen, settings=settings)
