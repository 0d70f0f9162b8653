"""How far a source is written, kept in Kafka beside the orders themselves.

A compacted topic holds the newest mark of each source under the source's name. A mark
is written in the same transaction as the orders before it, so that neither is ever
there without the other.
"""

import json
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Protocol, Self

from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaError,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public all the same
    AdminClient,
    OffsetSpec,
)

from producers.order_service.orders import OrderSource
from registry.errors import ConfigError
from runtime.config import KafkaSettings
from runtime.errors import BrokerUnavailable
from runtime.kafka import broker_errors, client_properties, to_broker_error

_CLIENT_ID = "accord-positions"
_READ_AT_ONCE = 500
_POLL_S = 0.1
_ANSWER_S = 10.0


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

    def resume(self, position: Position) -> None:
        """Go to a place that `position` once gave; nothing was taken yet.

        Raises:
            SourceChanged: What lies before the place is no longer the same.
        """
        ...


class PositionsTopic:
    """The compacted topic of marks."""

    def __init__(
        self, kafka: KafkaSettings, name: str, *, patience_s: float = 5.0
    ) -> None:
        """Take the address; nothing is opened yet.

        Args:
            kafka: How to reach the broker.
            name: Of the topic.
            patience_s: Longest wait for the end of transactions of other sources.
        """
        self.name = name
        self._kafka = kafka
        self._patience_s = patience_s

    def find_mark(self, source_name: str) -> Mark | None:
        """Return the newest mark of a source that no transaction is open before.

        Raises:
            ConfigError: What the topic holds under the name is no mark.
            BrokerError: The topic cannot be read.
        """
        return self._find(source_name, IsolationLevel.READ_COMMITTED)

    def get_last_mark(self, source_name: str) -> Mark | None:
        """Return the newest mark of a source that has no transaction open itself.

        The transactions of other sources that are open in the topic are waited for.

        Raises:
            ConfigError: What the topic holds under the name is no mark.
            BrokerUnavailable: They did not end in time. Retryable.
            BrokerError: The topic cannot be read.
        """
        return self._find(source_name, IsolationLevel.READ_UNCOMMITTED)

    def _find(self, source_name: str, ends_at: IsolationLevel) -> Mark | None:
        with broker_errors(self._kafka, f"reading {self.name}"):
            # OFFSET_BEGINNING would cost librdkafka half a second to look up.
            starts = self._list_offsets(OffsetSpec.earliest(), ends_at)  # type: ignore[no-untyped-call] # the library's
            ends = self._list_offsets(OffsetSpec.latest(), ends_at)  # type: ignore[no-untyped-call] # same
            with closing(self._open_consumer()) as consumer:
                consumer.assign(
                    [TopicPartition(self.name, *place) for place in starts.items()]
                )
                newest = self._read(consumer, ends, source_name.encode())
        if not newest:
            return None
        try:
            return Mark.from_json(newest)
        except (ValueError, TypeError, KeyError) as exc:
            raise ConfigError(
                f"topic {self.name} holds no position under {source_name}",
                hint="name a topic of positions with --positions-topic",
            ) from exc

    def _list_offsets(
        self, which: OffsetSpec, isolation: IsolationLevel
    ) -> dict[int, int]:
        """Return an offset of each partition, for readers of that isolation."""
        admin = AdminClient(client_properties(self._kafka, client_id=_CLIENT_ID))
        partitions = admin.list_topics(self.name, timeout=_ANSWER_S).topics[self.name]
        places = [TopicPartition(self.name, each) for each in partitions.partitions]
        answers = admin.list_offsets(
            dict.fromkeys(places, which),
            isolation_level=isolation,
            request_timeout=_ANSWER_S,
        )
        return {
            place.partition: answer.result().offset for place, answer in answers.items()
        }

    def _open_consumer(self) -> Consumer:
        return Consumer(
            {
                **client_properties(self._kafka, client_id=_CLIENT_ID),
                # Of no meaning, as partitions are assigned by hand; it must be there.
                "group.id": _CLIENT_ID,
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 10,  # the end is told at once
                "auto.offset.reset": "earliest",
            }
        )

    def _read(
        self, consumer: Consumer, ends: dict[int, int], key: bytes
    ) -> bytes | None:
        """Return the newest value under a key once every end is reached."""
        newest: bytes | None = None
        unfinished = set(ends)
        last_heard = time.monotonic()
        while unfinished:
            messages = consumer.consume(_READ_AT_ONCE, _POLL_S)
            if messages:
                last_heard = time.monotonic()
            elif time.monotonic() - last_heard > self._patience_s:
                reason = f"the end of {self.name} was not reached: is the transaction"
                raise BrokerUnavailable(
                    self._kafka.bootstrap_servers,
                    f"{reason} of another source open?",
                )
            for message in messages:
                if self._is_record(message):
                    newest = message.value() if message.key() == key else newest
                elif (message.offset() or 0) >= ends[message.partition() or 0]:
                    unfinished.discard(message.partition() or 0)
        return newest

    def _is_record(self, message: Message) -> bool:
        """Tell a record from the end of its partition.

        Raises:
            BrokerError: It is neither.
        """
        error = message.error()
        if error is None:
            return True
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its name
            return False
        raise to_broker_error(error, self._kafka, f"reading {self.name}")
