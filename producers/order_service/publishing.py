"""Orders to Kafka: written once each, and counted when Kafka has them."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from confluent_kafka import KafkaError, KafkaException, Message

from producers.order_service.orders import SourcedOrder
from registry.errors import PipelineError
from registry.serdes import Event
from runtime.config import KafkaSettings
from runtime.errors import BadInput
from runtime.kafka import to_broker_error

_POLL_S = 0.1
_TRACES_AT_ONCE = 256
_TRACE_DIGITS = 32
_IDS_DIGITS = _TRACE_DIGITS + 16
_NO_ID = "0" * 16

BeginTrace = Callable[[str], str]
"""Returns the W3C trace context of a record that is made for a topic."""

OnDelivery = Callable[[KafkaError | None, Message], None]


def new_traceparent(_topic: str = "") -> str:
    """Return the W3C trace context of a trace that begins here, sampled."""
    return next(_traceparents)


def draw_traceparents() -> Iterator[str]:
    """Yield trace contexts without end; none of their ids is all zero."""
    while True:
        # The system is asked for hundreds at once: each time it takes longer than
        # everything else here.
        drawn = os.urandom(_TRACES_AT_ONCE * _IDS_DIGITS // 2).hex()
        if _NO_ID in drawn:
            continue
        for start in range(0, len(drawn), _IDS_DIGITS):
            middle = start + _TRACE_DIGITS
            yield f"00-{drawn[start:middle]}-{drawn[middle : start + _IDS_DIGITS]}-01"


_traceparents = draw_traceparents()


class Producer(Protocol):
    """What publishing needs of confluent-kafka's `Producer`."""

    def produce(
        self,
        topic: str,
        value: bytes,
        key: bytes,
        *,
        headers: list[tuple[str, str | bytes | None]],
        on_delivery: OnDelivery,
    ) -> None:
        """Take a record over, or raise BufferError while there is no room."""
        ...

    def poll(self, timeout: float) -> int:
        """Call what is to be called on delivery; wait so long for it."""
        ...


class OrderPublisher(Protocol):
    """Where a run puts its orders.

    Attributes:
        before_count: Orders of the source that earlier runs have written.
        acknowledged_count: Orders that all in-sync replicas have, of this run.
        in_flight_count: Orders handed over whose outcome is not known yet.
        acknowledged_at: `time.monotonic()` when last nothing was in flight or an
            acknowledgement came.
        address: Where Kafka is looked for.
    """

    before_count: int
    acknowledged_count: int
    acknowledged_at: float

    @property
    def in_flight_count(self) -> int: ...  # noqa: D102 - see Attributes

    @property
    def address(self) -> str: ...  # noqa: D102 - see Attributes

    @property
    def is_settled(self) -> bool:
        """True if nothing is left to wait for."""
        ...

    def publish(self, order: SourcedOrder) -> bool:
        """Hand over what the source gave last; return False if there is no room.

        Raises:
            BadInput: The order is larger than Kafka takes.
            PipelineError: Kafka refused this order, or one handed over before.
        """
        ...

    def pass_over(self) -> None:
        """Note that what the source gave last is skipped for good."""
        ...

    def serve(self, wait_s: float = 0) -> None:
        """Note acknowledgements, waiting up to `wait_s` for the first.

        Raises:
            PipelineError: Kafka refused an order.
        """
        ...

    def settle(self, *, timeout_s: float) -> None:
        """Learn what became of the orders in flight, after one was refused."""
        ...


class Publisher:
    """Writes orders to a topic; key = order id, in the order they are given.

    An `OrderPublisher` that keeps no position: it is for sources that cannot resume.

    Attributes:
        before_count: 0: what earlier runs did is not known.
        acknowledged_count: Orders that all in-sync replicas have.
        in_flight_count: Orders handed over whose outcome is not known yet.
        acknowledged_at: `time.monotonic()` when last nothing was in flight or an
            acknowledgement came.
    """

    def __init__(
        self,
        producer: Producer,
        serialize: Callable[[Event], bytes],
        *,
        topic: str,
        kafka: KafkaSettings,
        begin_trace: BeginTrace = new_traceparent,
    ) -> None:
        self.before_count = 0
        self.acknowledged_count = 0
        self.in_flight_count = 0
        self.acknowledged_at = time.monotonic()
        self._producer = producer
        self._serialize = serialize
        self._topic = topic
        self._kafka = kafka
        self._begin_trace = begin_trace
        self._failure: PipelineError | None = None

    @property
    def address(self) -> str:
        """Where Kafka is looked for."""
        return self._kafka.bootstrap_servers

    @property
    def is_settled(self) -> bool:
        """True if no order is in flight."""
        return not self.in_flight_count

    def pass_over(self) -> None:
        """Do nothing: no position is kept."""

    def publish(self, order: SourcedOrder) -> bool:
        """Hand an order over; return False if there is no room at the moment.

        Raises:
            BadInput: The order is larger than Kafka takes.
            BrokerError: Kafka refused this order, or one handed over before.
        """
        value = self._serialize(order.event)
        try:
            self._producer.produce(
                self._topic,
                value,
                order.event["order_id"].encode(),
                headers=[("traceparent", self._begin_trace(self._topic))],
                on_delivery=self._note,
            )
        except BufferError:
            return False
        except KafkaException as exc:
            raise self._refused(exc.args[0], order, len(value)) from exc
        if not self.in_flight_count:
            self.acknowledged_at = time.monotonic()
        self.in_flight_count += 1
        self.serve()
        return True

    def serve(self, wait_s: float = 0) -> None:
        """Note acknowledgements, waiting up to `wait_s` for the first.

        Raises:
            BrokerError: Kafka refused an order.
        """
        self._producer.poll(wait_s)
        if self._failure is not None:
            raise self._failure

    def settle(self, *, timeout_s: float) -> None:
        """Learn what became of the orders in flight, after one was refused."""
        deadline = time.monotonic() + timeout_s
        while self.in_flight_count and time.monotonic() < deadline:
            self._producer.poll(_POLL_S)

    def _refused(
        self, error: KafkaError, order: SourcedOrder, size_bytes: int
    ) -> PipelineError:
        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            return BadInput(
                order.place, f"takes {size_bytes} bytes as a record, too many for Kafka"
            )
        return to_broker_error(error, self._kafka, "taking an order over")

    def _note(self, error: KafkaError | None, message: Message) -> None:
        self.in_flight_count -= 1
        if error is None:
            self.acknowledged_count += 1
            self.acknowledged_at = time.monotonic()
        elif self._failure is None:
            key = (message.key() or b"").decode()
            doing = f"writing order {key} to {self._topic}"
            self._failure = to_broker_error(error, self._kafka, doing)
