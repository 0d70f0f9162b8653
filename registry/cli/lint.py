"""`contracts lint`: what one schema alone could say better."""

import json
from pathlib import Path

import click

from registry.cli import failures, options
from registry.gate.findings import Severity
from registry.gate.formats.as_text import render_findings
from registry.gate.linting import lint as lint_version
from registry.gate.references import load_folder


@click.command()
@options.subjects
@options.schemas_dir
@options.output_format
@options.fail_on
def lint(
    subjects: tuple[str, ...], folder: Path, *, output_format: str, fail_on: str
) -> int:
    r"""Look at the newest version of each subject by itself.

    \b
    Example:
        contracts lint --fail-on warning
    """
    loaded = load_folder(folder)
    chosen = options.choose_subjects(loaded, subjects) or loaded.versions
    found = [
        each for name in chosen for each in lint_version(loaded.versions[name][-1])
    ]
    if output_format == "json":
        click.echo(json.dumps([each.as_json() for each in found]))
    else:
        click.echo(render_findings(found) or "no findings")
    threshold = Severity(fail_on).rank
    refused = any(each.severity.rank <= threshold for each in found)
    return failures.REFUSED if refused else failures.ACCEPTED
