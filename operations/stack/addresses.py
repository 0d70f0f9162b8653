"""Where a stack is reached, whoever runs it."""

from collections.abc import Collection
from dataclasses import dataclass

from operations.stack.topics import READ_BY_PROCESSORS, create_topics
from registry.catalog import Catalog
from runtime.config import KafkaSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a stack is reached, whoever runs it.

    Attributes:
        bootstrap_servers: "host:port" of the brokers, comma separated.
        registry_url: Base URL of the schema registry.
    """

    bootstrap_servers: str
    registry_url: str

    def create_topics(
        self,
        catalog: Catalog,
        *,
        with_dead_letters: Collection[str] = READ_BY_PROCESSORS,
    ) -> list[str]:
        """Create the topics of the contracts; see `topics.create_topics`."""
        settings = KafkaSettings(bootstrap_servers=self.bootstrap_servers)
        return create_topics(settings, catalog, with_dead_letters=with_dead_letters)
