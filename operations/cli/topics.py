"""`pipeline topics`: what a cluster that we did not start needs first."""

from pathlib import Path
from typing import Any

import click

from operations.stack.topics import create_topics
from registry.catalog import load_catalog
from runtime.config import SETTINGS, KafkaSettings, kafka_options, schemas_option


@click.command(context_settings=SETTINGS)
@kafka_options
@schemas_option
def topics(**options: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Create the topics of the contracts, those of dead letters included.

    A topic that exists is left as it is. Copies of a partition: the cluster's own
    default.

    \b
    Example:
        pipeline topics --bootstrap-servers kafka:9092
    """  # noqa: D301 - \b is click's mark, not a backslash
    created = create_topics(
        KafkaSettings.from_options(options),
        load_catalog(Path(options["schemas"])),
    )
    click.echo("\n".join(created))
