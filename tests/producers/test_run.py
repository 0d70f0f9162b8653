"""What a run does when Kafka is slow, silent or refuses."""

import re
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Message

from producers.order_service.orders import SourcedOrder
from producers.order_service.publishing import Publisher
from producers.order_service.run import OnBadLine, OrderRun, RunSettings
from producers.order_service.status import RunStatus
from registry.names import Version
from runtime.config import KafkaSettings
from runtime.errors import BadInput, BrokerRefused, BrokerUnavailable

OnDelivery = Callable[[KafkaError | None, Message], None]


class AcknowledgingProducer:
    """A producer whose broker takes everything, one record each time it is waited for.

    Attributes:
        produced: Keys in the order they were taken over.
    """

    def __init__(self) -> None:
        self.produced: list[str] = []
        self.waiting: deque[tuple[OnDelivery, Message]] = deque()

    def produce(
        self,
        topic: str,
        value: bytes,
        key: bytes,
        *,
        headers: list[tuple[str, str | bytes | None]],  # noqa: ARG002 - real signature
        on_delivery: OnDelivery,
    ) -> None:
        """Take the record over."""
        self.produced.append(key.decode())
        message = Message(topic=topic, key=key, value=value)
        self.waiting.append((on_delivery, message))

    def poll(self, timeout: float) -> int:
        """Acknowledge the oldest record."""
        if not timeout or not self.waiting:
            return 0
        on_delivery, message = self.waiting.popleft()
        on_delivery(self.outcome(message), message)
        return 1

    def outcome(self, message: Message) -> KafkaError | None:  # noqa: ARG002 - for heirs
        """Return the error of the delivery, or None."""
        return None


class RefusingProducer(AcknowledgingProducer):
    """A producer whose broker refuses order 2."""

    def outcome(self, message: Message) -> KafkaError | None:
        """Refuse order 2."""
        code = KafkaError.TOPIC_AUTHORIZATION_FAILED
        return KafkaError(code) if message.key() == b"2" else None


class SilentProducer(AcknowledgingProducer):
    """A producer whose broker has gone; a signal comes after some waiting."""

    def __init__(self, stop: threading.Event, *, polls: int) -> None:
        super().__init__()
        self._stop = stop
        self._polls = polls

    def poll(self, timeout: float) -> int:  # noqa: ARG002 - nothing to wait for
        """Acknowledge nothing."""
        self._polls -= 1
        if self._polls == 0:
            self._stop.set()
        return 0


class FullProducer(AcknowledgingProducer):
    """A producer that has room for an order only after some waiting."""

    def __init__(self, *, refusals: int) -> None:
        super().__init__()
        self._refusals = refusals

    def produce(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - passed on
        """Take the record over once there is room."""
        if self._refusals:
            self._refusals -= 1
            raise BufferError
        super().produce(*arguments, **named)


class NarrowProducer(AcknowledgingProducer):
    """A producer that finds order 2 too large."""

    def produce(self, topic: str, value: bytes, key: bytes, **named: Any) -> None:  # noqa: ANN401 - passed on
        """Refuse order 2 on the spot."""
        if key == b"2":
            raise KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
        super().produce(topic, value, key, **named)


class ListSource:
    """Orders, bad lines and pauses (None) of a list."""

    share_done = None

    def __init__(self, entries: Iterable[SourcedOrder | BadInput | None]) -> None:
        self._entries = deque(entries)

    @property
    def is_exhausted(self) -> bool:
        """True once the list is used up."""
        return not self._entries

    def find_order(self, *, wait_s: float) -> SourcedOrder | None:  # noqa: ARG002 - never waits
        """Return or raise the next entry; None after the last."""
        entry = self._entries.popleft() if self._entries else None
        if isinstance(entry, BadInput):
            raise entry
        return entry


class SilentSource:
    """A source that gives one order and then is silent for ever."""

    is_exhausted = False
    share_done = None

    def __init__(self) -> None:
        self._orders = orders("1")

    def find_order(self, *, wait_s: float) -> SourcedOrder | None:  # noqa: ARG002 - never waits
        """Return the order, then None."""
        return self._orders.pop() if self._orders else None


def orders(*ids: str) -> list[SourcedOrder]:
    """Return orders with those ids, each from the line of its id."""
    return [SourcedOrder(f"orders:{each}", {"order_id": each}) for each in ids]


BAD = BadInput("orders:9", "order_id is missing")


@pytest.fixture
def stop() -> threading.Event:
    """Return what a signal sets."""
    return threading.Event()


@pytest.fixture
def status() -> RunStatus:
    """Return the status of a run."""
    return RunStatus("order-service", Version(2))


@pytest.fixture
def make_run(
    stop: threading.Event, status: RunStatus
) -> Callable[..., tuple[OrderRun, Publisher]]:
    """Return what puts a run together; settings are given by name."""

    def make(
        source: Any,  # noqa: ANN401 - any source
        producer: AcknowledgingProducer,
        **settings: Any,  # noqa: ANN401 - any setting
    ) -> tuple[OrderRun, Publisher]:
        kafka = KafkaSettings(bootstrap_servers="broker:9092")
        publisher = Publisher(
            producer, lambda _event: b"value", topic="orders", kafka=kafka
        )
        status.begin(publisher)
        run = OrderRun(
            source,
            publisher,
            settings=RunSettings(**settings),
            status=status,
            stop=stop,
        )
        return run, publisher

    return make


MakeRun = Callable[..., tuple[OrderRun, Publisher]]


def ignore(_acknowledged_count: int, _share_done: float | None) -> None:
    """Show nothing."""


def test_every_order_is_written_in_order_and_acknowledged(make_run: MakeRun) -> None:
    """A run ends when the source is exhausted and Kafka has everything."""
    producer = AcknowledgingProducer()
    run, publisher = make_run(ListSource(orders("1", "2", "3")), producer)

    run.run(ignore)

    assert producer.produced == ["1", "2", "3"]
    assert publisher.acknowledged_count == 3
    assert publisher.in_flight_count == 0


def test_count_ends_a_run_before_its_source(make_run: MakeRun) -> None:
    """No more orders are written than asked for; bad lines do not count."""
    producer = AcknowledgingProducer()
    source = ListSource([*orders("1"), BAD, *orders("2", "3")])
    run, _ = make_run(source, producer, count=2, on_bad_line=OnBadLine.SKIP)

    run.run(ignore)

    assert producer.produced == ["1", "2"]


def test_bad_line_stops_the_run_after_what_came_before_is_acknowledged(
    make_run: MakeRun,
) -> None:
    """What was written stays, what follows is not read."""
    source = ListSource([*orders("1", "2"), BAD, *orders("3")])
    run, publisher = make_run(source, AcknowledgingProducer())

    with pytest.raises(BadInput, match="orders:9: order_id is missing"):
        run.run(ignore)

    assert publisher.acknowledged_count == 2
    assert publisher.in_flight_count == 0


def test_bad_line_is_said_and_passed_over_when_told_so(
    make_run: MakeRun, status: RunStatus, capsys: pytest.CaptureFixture[str]
) -> None:
    """Skipping says each line on standard error and counts it."""
    source = ListSource([*orders("1"), BAD, *orders("2")])
    run, publisher = make_run(
        source, AcknowledgingProducer(), on_bad_line=OnBadLine.SKIP
    )

    run.run(ignore)

    assert publisher.acknowledged_count == 2
    assert status.skipped_count == 1
    assert capsys.readouterr().err == (
        "order-service: skipped orders:9: order_id is missing\n"
    )


def test_order_too_large_for_kafka_is_a_bad_line(make_run: MakeRun) -> None:
    """The line is named, and the sentence says how large its record is."""
    run, publisher = make_run(ListSource(orders("1", "2", "3")), NarrowProducer())

    with pytest.raises(BadInput, match="orders:2: takes 5 bytes as a record"):
        run.run(ignore)

    assert publisher.acknowledged_count == 1


def test_full_buffer_is_waited_for_and_no_order_is_lost(make_run: MakeRun) -> None:
    """While librdkafka has no room the order is kept."""
    producer = FullProducer(refusals=3)
    run, publisher = make_run(ListSource(orders("1", "2")), producer)

    run.run(ignore)

    assert producer.produced == ["1", "2"]
    assert publisher.acknowledged_count == 2


def test_refused_order_fails_the_run_naming_it(make_run: MakeRun) -> None:
    """A delivery that failed ends the run; the others are still counted."""
    run, publisher = make_run(ListSource(orders("1", "2", "3")), RefusingProducer())

    with pytest.raises(
        BrokerRefused,
        match=re.escape(
            "Kafka refused while writing order 2 to orders:"
            " Broker: Topic authorization failed"
        ),
    ) as caught:
        run.run(ignore)

    assert caught.value.exit_code == 75
    assert publisher.acknowledged_count == 2
    assert publisher.in_flight_count == 0


def test_signal_ends_the_wait_for_a_broker_that_has_gone(
    make_run: MakeRun, stop: threading.Event
) -> None:
    """After a signal acknowledgements are waited for only so long."""
    producer = SilentProducer(stop, polls=50)
    run, publisher = make_run(ListSource(orders("1", "2")), producer, stop_timeout_s=0)

    with pytest.raises(
        BrokerUnavailable,
        match="2 orders in flight were not acknowledged within 0 s after the signal",
    ) as caught:
        run.run(ignore)

    assert caught.value.exit_code == 75
    assert publisher.acknowledged_count == 0


def test_signal_ends_a_run_that_would_go_on(
    make_run: MakeRun, stop: threading.Event
) -> None:
    """Nothing is read after a signal."""
    producer = AcknowledgingProducer()
    run, _ = make_run(ListSource(orders("1", "2")), producer)
    stop.set()

    run.run(ignore)

    assert producer.produced == []


def test_silent_source_is_left_after_the_idle_time(make_run: MakeRun) -> None:
    """`--until-idle` ends a run whose standard input stays open."""
    producer = AcknowledgingProducer()
    run, _ = make_run(SilentSource(), producer, until_idle_s=0.05)

    run.run(ignore)

    assert producer.produced == ["1"]


def test_run_keeps_to_its_rate_without_being_idle(make_run: MakeRun) -> None:
    """Waiting for the next order to be due is not silence."""
    producer = AcknowledgingProducer()
    source = ListSource(orders("1", "2", "3"))
    run, _ = make_run(source, producer, rate=20, until_idle_s=0.01)

    run.run(ignore)

    assert producer.produced == ["1", "2", "3"]


def test_service_is_not_ready_before_it_begins(status: RunStatus) -> None:
    """Until broker, topic and contract are there, it is alive and starting."""
    assert status.probes.is_alive()
    assert not status.probes.is_ready()
    assert status.probes.status()["state"] == "starting"


def test_service_holds_while_kafka_does_not_acknowledge(
    make_run: MakeRun, status: RunStatus
) -> None:
    """Live yes, ready no: it goes on by itself when Kafka is back."""
    _, publisher = make_run(ListSource([]), AcknowledgingProducer())
    publisher.publish(*orders("1"))
    before = status.probes.status()["state"]

    publisher.acknowledged_at -= 6

    assert before == "running"
    assert status.probes.status()["state"] == "holding"
    assert status.probes.is_alive()
    assert not status.probes.is_ready()
