"""Where a stack is reached, whoever runs it."""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from operations.stack.folder import is_in_use
from operations.stack.topics import READ_BY_PROCESSORS, create_topics
from registry.catalog import Catalog
from runtime.config import KafkaSettings

_FILE = "addresses.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a stack is reached, whoever runs it.

    Attributes:
        bootstrap_servers: "host:port" of the brokers, comma separated.
        registry_url: Base URL of the schema registry.
    """

    bootstrap_servers: str
    registry_url: str

    @classmethod
    def find(cls, data: Path) -> Self | None:
        """Return the addresses of the stack that runs on `data`, if one does."""
        if not is_in_use(data):
            return None
        try:
            return cls(**json.loads((data / _FILE).read_text(encoding="utf-8")))
        except FileNotFoundError:  # it is on its way up or down
            return None

    @staticmethod
    def forget(data: Path) -> None:
        """Remove what a killed predecessor published."""
        (data / _FILE).unlink(missing_ok=True)

    @contextmanager
    def published(self, data: Path) -> Iterator[None]:
        """Let `find` see these addresses while inside."""
        path = data / _FILE
        staged = path.with_suffix(".new")
        staged.write_text(json.dumps(asdict(self)), encoding="utf-8")
        staged.replace(path)
        try:
            yield
        finally:
            self.forget(data)

    def create_topics(
        self,
        catalog: Catalog,
        *,
        with_dead_letters: Collection[str] = READ_BY_PROCESSORS,
    ) -> list[str]:
        """Create the topics of the contracts; see `topics.create_topics`."""
        settings = KafkaSettings(bootstrap_servers=self.bootstrap_servers)
        return create_topics(settings, catalog, with_dead_letters=with_dead_letters)
