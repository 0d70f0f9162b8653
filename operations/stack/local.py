"""The whole local stack: Apache Kafka and the schema registry, in one folder."""

from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from operations.stack.addresses import Addresses
from operations.stack.folder import StackFolder
from operations.stack.kafka import LocalKafka
from operations.stack.registry import LocalRegistry
from operations.stack.topics import READ_BY_PROCESSORS
from registry.catalog import Catalog


class Stack:
    """A running stack; a context manager that stops it.

    Its processes die with this one, also when that is killed. What it knows is in
    `data` and is there again at the next start, on other ports.

    Attributes:
        data: The folder that it keeps everything in, as an absolute path.
        addresses: Where it is reached; `Addresses.find(data)` gives them to others.
        kafka: Its brokers.
        registry: Its registry.
    """

    def __init__(
        self,
        data: Path,
        *,
        kafka: LocalKafka,
        registry: LocalRegistry,
        resources: ExitStack,
    ) -> None:
        self.data = data
        self.kafka = kafka
        self.registry = registry
        self.addresses = Addresses(
            bootstrap_servers=kafka.bootstrap_servers, registry_url=registry.url
        )
        self._resources = resources

    @classmethod
    def start(cls, data: Path, *, brokers: int = 1) -> Self:
        """Start a stack on `data`; return once transactions and registry work.

        Args:
            data: Folder to keep everything in; created if missing.
            brokers: 1, or 3 with every topic on all of them.

        Raises:
            ConfigError: `data` is in use, Java or jars are missing, or `data` holds
                a cluster of another size.
            ProcessEnded: A process ended during its start.
            NotReadyInTime: A process did not get ready.
        """
        resources = ExitStack()
        try:
            return cls._start(data, brokers, resources)
        except BaseException:
            resources.close()
            raise

    @classmethod
    def _start(cls, data: Path, brokers: int, resources: ExitStack) -> Self:
        folder = StackFolder.open(data)
        resources.callback(folder.close)
        Addresses.forget(folder.path)
        registry = LocalRegistry.launch(folder)
        resources.callback(registry.stop)
        kafka = LocalKafka.start(folder, brokers=brokers)
        resources.callback(kafka.stop)
        registry.wait_until_ready()
        stack = cls(folder.path, kafka=kafka, registry=registry, resources=resources)
        resources.enter_context(stack.addresses.published(folder.path))
        return stack

    @property
    def bootstrap_servers(self) -> str:
        """The brokers, "host:port", comma separated."""
        return self.addresses.bootstrap_servers

    @property
    def registry_url(self) -> str:
        """Base URL of the registry."""
        return self.addresses.registry_url

    def create_topics(
        self,
        catalog: Catalog,
        *,
        with_dead_letters: Collection[str] = READ_BY_PROCESSORS,
    ) -> list[str]:
        """Create the topics of the contracts; see `topics.create_topics`."""
        return self.addresses.create_topics(
            catalog, with_dead_letters=with_dead_letters
        )

    def stop(self) -> None:
        """Stop everything and free the folder; safe to call again."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
