"""Orders to Kafka in transactions, each with the place its source has come to."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from typing import NamedTuple, Protocol

from producers.order_service.orders import SourcedOrder
from producers.order_service.positions import Bookmark, Mark, ResumableSource
from producers.order_service.publishing import BeginTrace, new_traceparent
from registry.serdes import Event
from runtime.errors import BadInput, BrokerRefused, TransactionAborted
from runtime.records import Output

_BATCH_ORDERS = 2000
_COLLECT_S = 0.05
# librdkafka's default of message.max.bytes, and room for headers and framing.
_MOST_BYTES = 1_000_000
_FRAME_BYTES = 256

# A named tuple's own constructor takes several times as long.
_new = tuple.__new__


class Transactions(Protocol):
    """What publishing needs of `SourceTransactions`."""

    def commit(self, outputs: Sequence[Output], mark: Mark) -> None:
        """Write the outputs and the mark, however long Kafka is away.

        Raises:
            TransactionAborted: Kafka refuses one of the outputs.
            PipelineError: The run cannot go on.
        """
        ...


class OrderEncoder:
    """Makes records of orders."""

    def __init__(
        self,
        serialize: Callable[[Event], bytes],
        *,
        topic: str,
        most_bytes: int = _MOST_BYTES,
        begin_trace: BeginTrace = new_traceparent,
    ) -> None:
        self._serialize = serialize
        self._topic = topic
        self._most_bytes = most_bytes
        self._begin_trace = begin_trace

    def encode(self, order: SourcedOrder) -> Output:
        """Return the order's record.

        Raises:
            BadInput: It is larger than Kafka takes.
        """
        place, event = order
        value = self._serialize(event)
        key = event["order_id"].encode()
        if len(value) + len(key) + _FRAME_BYTES > self._most_bytes:
            raise BadInput(
                place, f"takes {len(value)} bytes as a record, too many for Kafka"
            )
        topic = self._topic
        trace = self._begin_trace(topic).encode()
        return _new(Output, (topic, key, value, [("traceparent", trace)], -1, 0))


class Entry(NamedTuple):
    """An order on its way.

    Attributes:
        bookmark: Gives how far the source is written once this order is.
    """

    place: str
    output: Output
    bookmark: Bookmark


class TransactionalPublisher:
    """An `OrderPublisher` whose orders commit together with their source's position.

    One transaction commits in the background while the next batch is collected: up
    to 2,000 orders, for 50 ms. The first transaction holds the mark alone: it tells
    every other run of the source that this one has it.

    Attributes:
        before_count: Orders of the source that earlier runs have written.
        acknowledged_count: Orders that are committed, of this run.
        acknowledged_at: `time.monotonic()` when last nothing was in flight or a
            transaction committed.
        address: Where Kafka is looked for.
    """

    def __init__(
        self,
        transactions: Transactions,
        source: ResumableSource,
        encoder: OrderEncoder,
        *,
        mark: Mark,
        address: str,
    ) -> None:
        self.before_count = mark.order_count
        self.acknowledged_count = 0
        self.acknowledged_at = time.monotonic()
        self.address = address
        self._transactions = transactions
        self._source = source
        self._encoder = encoder
        self._start = mark
        self._order_count = mark.order_count
        self._bookmark = source.bookmark()
        self._begun: Mark | None = None
        self._committed: Mark | None = None
        self._batch: list[Entry] = []
        self._changed_at: float | None = None
        self._running: Future[Mark] | None = None

    @property
    def in_flight_count(self) -> int:
        """Orders handed over that are not committed yet."""
        return self._order_count - self.before_count - self.acknowledged_count

    @property
    def is_settled(self) -> bool:
        """True if everything handed over or passed over is committed."""
        return not self._has_changed and self._begun is self._committed

    def publish(self, order: SourcedOrder) -> bool:
        """Hand over what the source gave last; return False if there is no room.

        Raises:
            BadInput: The order is larger than Kafka takes.
        """
        batch = self._batch
        if len(batch) >= _BATCH_ORDERS:
            return False
        output = self._encoder.encode(order)
        if not batch and not self.in_flight_count:
            self.acknowledged_at = time.monotonic()
        self._order_count += 1
        self._note_place()
        batch.append(_new(Entry, (order.place, output, self._bookmark)))
        return True

    def pass_over(self) -> None:
        """Note that what the source gave last is skipped for good."""
        self._note_place()

    def serve(self, wait_s: float = 0) -> None:
        """Commit what is due; wait up to `wait_s` for the end of a transaction.

        Raises:
            SourceTaken: Another run has taken the source over.
            BrokerRefused: Kafka refused an order.
        """
        self._commit_what_is_due()
        if self._running is not None:
            self._note_end(self._running, wait_s)
        elif wait_s:
            time.sleep(min(wait_s, self._due_in_s()))
        self._commit_what_is_due()

    def settle(self, *, timeout_s: float) -> None:
        """Do nothing: a transaction that was refused leaves nothing in flight."""

    @property
    def _has_changed(self) -> bool:
        """True if there is something that no transaction has taken up."""
        return self._begun is None or self._changed_at is not None

    def _note_place(self) -> None:
        self._bookmark = self._source.bookmark()
        if self._changed_at is None:
            self._changed_at = time.monotonic()

    def _due_in_s(self) -> float:
        if self._changed_at is None:
            return _COLLECT_S
        return max(0.0, self._changed_at + _COLLECT_S - time.monotonic())

    def _commit_what_is_due(self) -> None:
        if self._running is not None or not self._has_changed:
            return
        is_first = self._begun is None
        if is_first or len(self._batch) >= _BATCH_ORDERS or not self._due_in_s():
            position, batch = self._bookmark(), self._batch
            mark = replace(
                self._start, order_count=self._order_count, position=position
            )
            self._batch, self._changed_at, self._begun = [], None, mark
            self._running = _in_background(lambda: self._commit(batch, mark))

    def _note_end(self, running: Future[Mark], wait_s: float) -> None:
        if wait_s:
            wait([running], wait_s)
        if running.done():
            self._running = None
            self._committed = running.result()

    def _commit(self, batch: Sequence[Entry], mark: Mark) -> Mark:
        """Commit a batch; return the mark that it ends with."""
        try:
            self._transactions.commit([entry.output for entry in batch], mark)
        except TransactionAborted:
            self._commit_singly(batch, mark)
            self._transactions.commit([], mark)
        else:
            self._note_committed(len(batch))
        return mark

    def _commit_singly(self, batch: Sequence[Entry], end: Mark) -> None:
        """Commit what comes before the order that Kafka refuses, and name that."""
        first_count = end.order_count - len(batch) + 1
        for order_count, entry in enumerate(batch, first_count):
            mark = replace(end, order_count=order_count, position=entry.bookmark())
            try:
                self._transactions.commit([entry.output], mark)
            except TransactionAborted as exc:
                doing = f"writing {entry.place} to {entry.output.topic}"
                raise BrokerRefused(doing, exc.reason) from exc
            self._note_committed(1)

    def _note_committed(self, order_count: int) -> None:
        self.acknowledged_count += order_count
        self.acknowledged_at = time.monotonic()


def _in_background(commit: Callable[[], Mark]) -> Future[Mark]:
    """Run `commit` in a thread that does not keep the process alive.

    A call into librdkafka cannot be interrupted; a signal must end the wait for it.
    """
    future: Future[Mark] = Future()

    def run() -> None:
        try:
            future.set_result(commit())
        except BaseException as exc:  # noqa: BLE001 - raised again where it is waited for
            future.set_exception(exc)

    threading.Thread(target=run, name="commit", daemon=True).start()
    return future
