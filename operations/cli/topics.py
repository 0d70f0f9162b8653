"""`pipeline topics`: what a cluster that we did not start needs first."""

from pathlib import Path
from typing import Any

import click

from operations.stack.topics import (
    READ_BY_PROCESSORS,
    WRITTEN_EXACTLY_ONCE,
    create_topics,
)
from registry.catalog import load_catalog
from runtime.config import (
    SETTINGS,
    KafkaSettings,
    kafka_options,
    option,
    schemas_option,
)


@click.command(context_settings=SETTINGS)
@kafka_options
@schemas_option
@option(
    "--with-dead-letters",
    multiple=True,
    metavar="TOPIC",
    help="One more topic that a processor reads; repeatable.",
)
@option(
    "--with-positions",
    multiple=True,
    metavar="TOPIC",
    help="One more topic that a processor writes; repeatable.",
)
def topics(**values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Create the topics of the contracts, those of dead letters included.

    A topic that exists is left as it is. Copies of a partition: the cluster's own
    default. A processor of your own needs a place for the dead letters of what it
    reads, and one for how far it came with what it writes.

    \b
    Example:
        pipeline topics --bootstrap-servers kafka:9092
        pipeline topics --with-dead-letters order-processed \\
            --with-positions loyalty-points
    """  # noqa: D301 - \b is click's mark, not a backslash
    created = create_topics(
        KafkaSettings.from_options(values),
        load_catalog(Path(values["schemas"])),
        with_dead_letters=READ_BY_PROCESSORS.union(values["with_dead_letters"]),
        with_positions=WRITTEN_EXACTLY_ONCE.union(values["with_positions"]),
    )
    click.echo("\n".join(created))
