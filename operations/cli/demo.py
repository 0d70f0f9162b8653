"""`pipeline demo`: a bounded run that proves itself."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from operations.cli.verify import show_findings
from operations.demo import NORTHWIND_ORDERS, Demo, DemoResult
from operations.pipeline import Pipeline, PipelineSettings
from operations.progress import watching
from operations.services import READERS
from operations.signals import terminate_as_interrupt
from registry.catalog import load_catalog
from registry.errors import ConfigError
from runtime.config import SETTINGS, option, schemas_option

_INTERRUPTED = 130


@click.command(context_settings=SETTINGS)
@option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to keep everything in; must be empty.  [default: a temporary one]",
)
@option(
    "--orders",
    type=click.IntRange(min=2),
    default=5000,
    help="Invented orders, after those of Northwind.",
)
@schemas_option
@click.pass_context
def demo(ctx: click.Context, /, **values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Run the whole pipeline once, verify every order, stop.

    Real Kafka, the 830 orders of Northwind, then invented ones by two producers with
    two contract versions at the same time; one e-mail an order; revenue to the last
    digit. Takes about a minute and leaves nothing behind.

    \b
    Example:
        pipeline demo
        pipeline demo --data demo-data --orders 20000

    \b
    Exit codes:
        0 every order came through, once and right    1 something is wrong
        2 usage
        75 the services stopped making progress
        78 configuration (no Java, folder in use)    130 interrupted
    """  # noqa: D301 - \b is click's mark, not a backslash
    with terminate_as_interrupt():
        try:
            result = _run(values)
        except KeyboardInterrupt:
            click.echo("stopped before its end", err=True)
            ctx.exit(_INTERRUPTED)
    Console().print(_table(result))
    show_findings(result.verdict)
    click.echo(str(result.verdict))
    ctx.exit(0 if result.verdict.is_clean else 1)


def _run(values: dict[str, Any]) -> DemoResult:
    schemas = Path(values["schemas"])
    catalog = load_catalog(schemas)
    with _data_folder(values["data"]) as data, watching() as watcher:
        settings = PipelineSettings(
            data=data, services=READERS, rate=0, schemas=schemas
        )
        with Pipeline.start(settings, watcher.say) as pipeline:
            orders = values["orders"]
            result = Demo(pipeline, catalog, watcher, faker_orders=orders).run()
            watcher.say("stopping")
        return result


@contextmanager
def _data_folder(chosen: Path | None) -> Iterator[Path]:
    """Give an empty folder; a temporary one is kept only if the demo fails."""
    if chosen is not None:
        if chosen.exists() and any(chosen.iterdir()):
            raise ConfigError(
                f"{chosen} is not empty, and the demo counts from nothing",
                hint="name another folder with --data, or none",
            )
        yield chosen
        return
    folder = Path(tempfile.mkdtemp(prefix="accord-demo-"))
    try:
        yield folder
    except Exception:
        click.echo(f"logs and data are kept in {folder}", err=True)
        raise
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _table(result: DemoResult) -> Table:
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("Northwind orders", str(NORTHWIND_ORDERS))
    for currency, amount in result.northwind_revenue.items():
        table.add_row(f"Northwind revenue, {currency}", amount)
    for version, count in result.versions.items():
        table.add_row(f"orders written with contract version {version}", str(count))
    table.add_row("currencies", str(len(result.revenue)))
    table.add_row("e-mails", str(result.mails))
    table.add_row("dead letters", str(result.verdict.dead_letters))
    table.add_row("seconds", f"{result.duration_s:.1f}")
    return table
