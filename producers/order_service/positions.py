"""How far a source is written, kept in Kafka beside the orders themselves.

A compacted topic holds the newest mark of each source under the source's name. A mark
is written in the same transaction as the orders before it, so that neither is ever
there without the other.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Protocol, Self

from producers.order_service.orders import OrderSource
from registry.errors import ConfigError
from runtime.positions_topic import PositionsTopic

SOURCES_PARTITION = 0
"""Of the topic of positions: all marks stand here, however many partitions it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place between two entries of a source.

    Attributes:
        entry_count: Entries before it: lines of a file, orders of Faker.
        fingerprint: Of those entries, in hexadecimal.
        origin: What else the source needs to give the same entries again, or "".
    """

    entry_count: int
    fingerprint: str
    origin: str = ""


Bookmark = Callable[[], Position]
"""Gives the place where it was put in; it may be asked later and in any thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a source is written, and by whom.

    Attributes:
        owner: The run that wrote the mark; no two runs have the same.
        topic: Where the orders went.
        order_count: Orders written since the source's beginning, by all runs.
    """

    owner: str
    topic: str
    order_count: int
    position: Position

    def to_json(self) -> bytes:
        """Return the mark as the topic holds it."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """Return the mark, or raise ValueError, TypeError or KeyError."""
        fields = json.loads(content)
        return cls(**{**fields, "position": Position(**fields["position"])})


class ResumableSource(OrderSource, Protocol):
    """A source that gives the same orders again, from wherever it is told to."""

    @property
    def position(self) -> Position:
        """The place after what `find_order` returned or refused last."""
        ...

    def bookmark(self) -> Bookmark:
        """Return what gives `position` as it is now; cheap enough for each order."""
        ...

    def resume(self, position: Position) -> None:
        """Go to a place that `position` once gave; nothing was taken yet.

        Raises:
            SourceChanged: What lies before the place is no longer the same.
        """
        ...


class SourceMarks:
    """The newest marks of sources, in a topic of positions."""

    def __init__(self, topic: PositionsTopic) -> None:
        self._topic = topic

    @property
    def topic(self) -> str:
        """The name of the topic."""
        return self._topic.name

    def find_mark(self, source_name: str) -> Mark | None:
        """Return the newest mark of a source that no transaction is open before.

        Raises:
            ConfigError: What the topic holds under the name is no mark.
            BrokerError: The topic cannot be read.
        """
        return self._find(source_name, must_wait=False)

    def get_last_mark(self, source_name: str) -> Mark | None:
        """Return the newest mark of a source that has no transaction open itself.

        The transactions of other sources that are open in the topic are waited for.

        Raises:
            ConfigError: What the topic holds under the name is no mark.
            BrokerUnavailable: They did not end in time. Retryable.
            BrokerError: The topic cannot be read.
        """
        return self._find(source_name, must_wait=True)

    def _find(self, source_name: str, *, must_wait: bool) -> Mark | None:
        key = source_name.encode()
        newest = self._topic.find_newest(
            [key], partitions=[SOURCES_PARTITION], must_wait=must_wait
        )
        if key not in newest:
            return None
        try:
            return Mark.from_json(newest[key])
        except (ValueError, TypeError, KeyError) as exc:
            raise ConfigError(
                f"topic {self.topic} holds no position under {source_name}",
                hint="name a topic of positions with --positions-topic",
            ) from exc
