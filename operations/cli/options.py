"""Every option that several commands of `pipeline` share, defined once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from operations.addresses import PipelineAddresses
from runtime.config import KafkaSettings, RegistrySettings, option

DEFAULT_DATA = Path(".local")

data = option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_DATA,
    help="Folder of the stack: logs, databases, mail, Kafka's own data.",
)

output_format = click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, JSON for machines; talk goes to standard error.",
)

bootstrap_servers = option(
    "--bootstrap-servers",
    envvar="KAFKA_BOOTSTRAP_SERVERS",
    metavar="HOST:PORT",
    help="Kafka broker.  [default: that of the pipeline on --data]",
)

kafka_property = option(
    "--kafka-property",
    multiple=True,
    metavar="NAME=VALUE",
    help="Any librdkafka property; also read from KAFKA_SECURITY_*, KAFKA_SASL_* and"
    " KAFKA_SSL_*.",
)

registry_url = option(
    "--registry-url",
    envvar="SCHEMA_REGISTRY_URL",
    metavar="URL",
    help="Schema registry.  [default: that of the pipeline on --data]",
)

registry_property = option(
    "--registry-property",
    multiple=True,
    metavar="NAME=VALUE",
    help="Any property of confluent-kafka's registry client.",
)


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags of a command, and who gave them."""

    context: click.Context
    values: Mapping[str, Any]

    def is_typed(self, name: str) -> bool:
        """True if the flag stands on the command line itself."""
        source = self.context.get_parameter_source(name)
        return source is ParameterSource.COMMANDLINE

    def find_pipeline(self) -> PipelineAddresses | None:
        """Return the addresses of the pipeline that runs on --data, if one does.

        Raises:
            ConfigError: --data was typed, and nothing runs there.
        """
        folder = self.values["data"]
        if self.is_typed("data"):
            return PipelineAddresses.get(folder)
        return PipelineAddresses.find(folder)

    def get_pipeline(self) -> PipelineAddresses:
        """Return the addresses of the pipeline that runs on --data.

        Raises:
            ConfigError: Nothing runs there.
        """
        return PipelineAddresses.get(self.values["data"])

    def choose(self, name: str, running: str | None) -> str | None:
        """Return a flag's value, or the running pipeline's where that is nearer.

        What is typed wins, then the pipeline of a --data that is typed, then the
        environment, then the pipeline on the default folder.
        """
        given: str | None = self.values[name]
        if given is None or (
            running is not None and self.is_typed("data") and not self.is_typed(name)
        ):
            return running
        return given


def kafka_settings(flags: Flags) -> KafkaSettings:
    """Return how to reach the broker.

    Raises:
        ConfigError: No flag, variable or running pipeline tells.
    """
    found = flags.find_pipeline()
    running = found.bootstrap_servers if found else None
    chosen = flags.choose("bootstrap_servers", running)
    if chosen is None:
        chosen = flags.get_pipeline().bootstrap_servers
    return KafkaSettings.from_options({**flags.values, "bootstrap_servers": chosen})


def registry_settings(flags: Flags) -> RegistrySettings:
    """Return how to reach the registry; raises as `kafka_settings` does."""
    found = flags.find_pipeline()
    running = found.registry_url if found else None
    chosen = flags.choose("registry_url", running)
    if chosen is None:
        chosen = flags.get_pipeline().registry_url
    return RegistrySettings.from_options({**flags.values, "registry_url": chosen})
