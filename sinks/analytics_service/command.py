"""The command line of analytics-service."""

from functools import partial
from typing import Any

import click

from registry.installed import version_option
from runtime.config import SETTINGS, Options, option
from runtime.service import exits
from runtime.topic_ids import find_topic_ids
from sinks.analytics_service.api import api_routes
from sinks.analytics_service.export import export
from sinks.analytics_service.figures import Figures
from sinks.analytics_service.sink import NUMBERS, AnalyticsSink
from sinks.analytics_service.tables import open_store
from sinks.worker import WorkerSettings, run_worker, worker_options

NAME = "analytics-service"

# What a transaction costs does not depend on its size, and large batches name the same
# minutes and customers more often.
_BATCH_RECORDS = 20_000


@click.group(
    NAME,
    invoke_without_command=True,
    context_settings=SETTINGS,
)
@version_option()
@worker_options(NAME, batch_records=_BATCH_RECORDS)
@option(
    "--database",
    default="sqlite:///analytics.db",
    help="Where the figures are kept: sqlite:///PATH or"
    " postgresql://USER:PASSWORD@HOST/NAME.",
)
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Count orders and revenue, per currency, minute and customer, exactly once.

    Reads order-processed. Figures and offsets are written in one transaction of the
    database. The listener also answers /api/totals, /api/minutes, /api/customers and
    /api/dead-letters, as /api/openapi.json describes.

    \b
    Example:
        analytics-service --database sqlite:///analytics.db \\
            --listen 127.0.0.1:8090

    \b
    Exit codes:
        0 drained    2 usage    70 bug or too many dead letters
        75 try again (broker, registry or database absent, offsets taken)
        78 configuration (port taken, contract not registered, database not
           writable)
    """  # noqa: D301 - \b is click's mark, not a backslash
    if context.invoked_subcommand is None:
        with exits(NAME):
            _run(options)


def _run(options: Options) -> None:
    settings = WorkerSettings.from_options(NAME, options)
    store = open_store(
        options["database"],
        group=settings.loop.group,
        find_topic_ids=partial(find_topic_ids, settings.kafka),
    )
    run_worker(
        settings,
        open_storage=store.create_tables,
        build_sink=lambda deserialize, _stop: AnalyticsSink(store, deserialize),
        routes=api_routes(Figures(store)),
        numbers=NUMBERS,
    )


main.add_command(export)
