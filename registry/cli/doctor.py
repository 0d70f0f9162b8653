"""`contracts doctor`: what this machine lacks for the gate."""

from pathlib import Path

import click

from registry.cli import failures, options
from registry.cli.output import say
from registry.doctor import examine, is_fit, render_json, render_text
from registry.doctor.gate import (
    baseline_needs,
    contract_need,
    registry_need,
    serve_needs,
)
from registry.doctor.packages import package_needs


@click.command()
@options.schemas_dir_that_may_lack
@options.baselines
@click.option(
    "--registry-url",
    envvar=options.URL_ENVVAR,
    show_envvar=True,
    metavar="URL",
    help="A registry that must answer.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8081,
    show_default=True,
    help="Where `contracts serve` is to listen.",
)
@options.output_format
def doctor(
    folder: Path,
    baselines: tuple[str, ...],
    registry_url: str | None,
    *,
    port: int,
    output_format: str,
) -> int:
    r"""Say what is here, what is missing, and what to do about it.

    Changes nothing. What only some commands need is named with those, and missing it
    fails nothing.

    Exit status: 0 fit, 1 something is missing that is needed, 2 wrong usage.

    \b
    Example:
        contracts doctor --against git:origin/main
    """
    conditions = examine(
        [
            *package_needs(),
            contract_need(folder),
            *baseline_needs(baselines, folder, options.connect),
            *([registry_need(registry_url, options.connect)] if registry_url else []),
            *serve_needs(port),
        ]
    )
    if output_format == "json":
        click.echo(render_json(conditions))
    else:
        for line in render_text(conditions):
            say(line)
    return failures.ACCEPTED if is_fit(conditions) else failures.REFUSED
