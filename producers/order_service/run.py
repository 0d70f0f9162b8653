"""The loop of order-service: from the source to Kafka, at a rate, until the end."""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import click

from producers.order_service.orders import OrderSource, SourcedOrder
from producers.order_service.pace import Pace
from producers.order_service.publishing import OrderPublisher
from producers.order_service.status import RunStatus
from runtime.errors import BadInput, BrokerError, BrokerUnavailable

_WAIT_S = 0.1
_MOMENT_S = 0.01
_SHOW_EVERY_S = 0.1
_SETTLE_S = 5.0

Show = Callable[[int, float | None], None]
"""Takes the number of acknowledged orders and how much is done, 0 to 1 if known."""


class OnBadLine(StrEnum):
    """What a line that is no legal order does to the run."""

    STOP = "stop"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How many orders are written, how fast, and what ends the run.

    Attributes:
        count: Most orders, those of earlier runs included; None has no limit.
        rate: Orders a second, > 0; None is as fast as Kafka takes them.
        until_idle_s: End after so long without an order; None waits on.
        stop_timeout_s: Longest wait for acknowledgements after a signal, >= 0.
    """

    count: int | None = None
    rate: float | None = None
    on_bad_line: OnBadLine = OnBadLine.STOP
    until_idle_s: float | None = None
    stop_timeout_s: float = 8.0


class OrderRun:
    """Writes what a source gives until it ends, a signal comes or Kafka refuses."""

    def __init__(
        self,
        source: OrderSource,
        publisher: OrderPublisher,
        *,
        settings: RunSettings,
        status: RunStatus,
        stop: threading.Event,
    ) -> None:
        self._source = source
        self._publisher = publisher
        self._settings = settings
        self._status = status
        self._stop = stop
        self._pace = Pace(settings.rate)
        self._pending: SourcedOrder | None = None
        self._written_count = publisher.before_count
        self._idle_since: float | None = None
        self._last_shown = time.monotonic()

    def run(self, show: Show) -> None:
        """Write orders and wait until they are acknowledged.

        Raises:
            BadInput: A line is no legal order, and bad lines stop the run. What
                was written before it is acknowledged.
            BrokerError: Kafka refused an order, or a signal came and Kafka did not
                acknowledge in time.
        """
        try:
            self._write(show)
            self._drain(show)
        except BadInput:
            self._drain(show)
            raise
        except BrokerError:
            if not self._stop.is_set():
                self._publisher.settle(timeout_s=_SETTLE_S)
            raise

    def _write(self, show: Show) -> None:
        while not self._has_ended():
            self._tell(show)
            self._publisher.serve(min(self._pace.wait_s, _WAIT_S))
            self._write_what_is_due()

    def _write_what_is_due(self) -> None:
        """Write orders for a moment; wait for none but the first."""
        wait_s, ends_at = _WAIT_S, time.monotonic() + _MOMENT_S
        while (count := self._count_due()) and self._write_some(count, wait_s, ends_at):
            wait_s = 0
            if time.monotonic() > ends_at:
                return

    def _count_due(self) -> int:
        """Return how many orders may be written without another look at the pace."""
        if self._pace.wait_s:
            return 0
        return self._left_count if self._settings.rate is None else 1

    def _write_some(self, count: int, wait_s: float, ends_at: float) -> bool:
        """Write orders or pass a bad line over; return False if there is none."""
        try:
            return self._write_orders(count, wait_s, ends_at)
        except BadInput as exc:
            self._idle_since = None
            self._note_bad_line(exc)
            return True

    def _write_orders(self, count: int, wait_s: float, ends_at: float) -> bool:
        """Write orders until one is missing or there is no room: that is False."""
        find_order, publish = self._source.find_order, self._publisher.publish
        for _ in range(count):
            order, self._pending = self._pending or find_order(wait_s=wait_s), None
            if order is None:
                self._note_silence()
                return False
            self._idle_since = None
            if not publish(order):
                self._pending = order
                self._publisher.serve(_WAIT_S)
                return False
            self._written_count += 1
            self._pace.advance()
            wait_s = 0
            if time.monotonic() > ends_at:
                break
        return True

    def _note_silence(self) -> None:
        if self._idle_since is None:
            self._idle_since = time.monotonic()

    def _note_bad_line(self, bad: BadInput) -> None:
        if self._settings.on_bad_line is OnBadLine.STOP:
            bad.hint = "mend it, or pass over such lines with --on-bad-line skip"
            raise bad
        self._publisher.pass_over()
        self._status.skipped_count += 1
        click.echo(f"order-service: skipped {bad}", err=True)

    @property
    def _left_count(self) -> int:
        """How many orders may still be written."""
        most = self._settings.count
        return sys.maxsize if most is None else max(0, most - self._written_count)

    def _has_ended(self) -> bool:
        settings = self._settings
        if self._stop.is_set() or not self._left_count:
            return True
        if self._pending is None and self._source.is_exhausted:
            return True
        if settings.until_idle_s is None or self._idle_since is None:
            return False
        return time.monotonic() - self._idle_since >= settings.until_idle_s

    def _drain(self, show: Show) -> None:
        """Wait for acknowledgements, without limit as long as no signal comes."""
        stopped_at: float | None = None
        while not self._publisher.is_settled:
            self._tell(show)
            self._publisher.serve(_WAIT_S)
            now = time.monotonic()
            if self._stop.is_set() and stopped_at is None:
                stopped_at = now
            if stopped_at is not None:
                self._check_stop_time(now - stopped_at)

    def _check_stop_time(self, stopping_s: float) -> None:
        publisher, longest_s = self._publisher, self._settings.stop_timeout_s
        if not publisher.is_settled and stopping_s >= longest_s:
            raise BrokerUnavailable(
                publisher.address,
                f"{publisher.in_flight_count} orders in flight were not acknowledged"
                f" within {longest_s:g} s after the signal",
            )

    def _tell(self, show: Show) -> None:
        self._status.tick()
        now = time.monotonic()
        if now - self._last_shown >= _SHOW_EVERY_S:
            self._last_shown = now
            show(self._publisher.acknowledged_count, self._share_done())

    def _share_done(self) -> float | None:
        if self._settings.count:
            return self._written_count / self._settings.count
        return self._source.share_done
