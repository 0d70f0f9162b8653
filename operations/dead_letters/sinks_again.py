"""The sinks, put together so that they process a dead letter instead of a topic."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from operations.dead_letters.marks import Marks
from registry.serdes import Deserializer
from runtime.sink_loop import Sink
from sinks.analytics_service.sink import AnalyticsSink
from sinks.analytics_service.tables import open_store
from sinks.notification_service.ledger import LETTERS, Ledger, State
from sinks.notification_service.letter import Composer, Letter
from sinks.notification_service.mailer import Mailer
from sinks.notification_service.sink import LetterSource, NotificationSink, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkAgain:
    """A sink whose transactions mark dead letters."""

    sink: Sink
    marks: Marks


OpenSink = Callable[[], SinkAgain]


def open_analytics(address: str, group: str, deserialize: Deserializer) -> SinkAgain:
    """Return analytics-service's sink.

    Raises:
        ConfigError: The database can never be written.
        DatabaseUnavailable: It does not answer. Retryable.
    """
    store = open_store(address, group=group)
    store.create_tables()
    marks = Marks(store.database, group=group)
    sink = AnalyticsSink(replace(store, offsets=marks), deserialize)
    return SinkAgain(sink=sink, marks=marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """How notification-service sends letters."""

    mailer: Mailer
    composer: Composer
    policy: Policy


def open_notifications(
    address: str,
    group: str,
    deserialize: Deserializer,
    *,
    post: Post,
    stop: threading.Event,
) -> SinkAgain:
    """Return notification-service's sink.

    Raises:
        ConfigError: Database or mail folder can never be written.
        DatabaseUnavailable: The database does not answer. Retryable.
    """
    post.mailer.check()
    ledger = SecondLedger(address, group=group)
    ledger.create_tables()
    source = LetterSource(deserialize, post.composer)
    sink = NotificationSink(ledger, post.mailer, source, post.policy, stop)
    return SinkAgain(sink=sink, marks=ledger.marks)


class SecondLedger(Ledger):
    """A ledger in which a letter that was refused may be claimed once more."""

    def __init__(self, address: str, *, group: str) -> None:
        super().__init__(address, group=group)
        self.marks = Marks(self._database, group=group)
        self._offsets = self.marks

    def find_states(self, keys: Sequence[bytes]) -> dict[bytes, State]:
        """Return the state of those letters that are known and were not refused.

        Raises:
            DatabaseUnavailable: Ask again later. Retryable.
        """
        found = super().find_states(keys)
        return {key: state for key, state in found.items() if state != State.REFUSED}

    def _claim(self, connection: Connection, letters: Sequence[Letter]) -> None:
        row = LETTERS.c
        refused = row.letter_key.in_([each.key for each in letters])
        connection.execute(
            LETTERS.delete().where(refused, row.state == State.REFUSED.value)
        )
        super()._claim(connection, letters)
