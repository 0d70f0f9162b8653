"""From a command line to a running service, and from its end to an exit code."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol, TypeVar

import click
import structlog
from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute

from registry.errors import PipelineError
from runtime import health
from runtime.config import ServiceSettings
from runtime.intake import Intake
from runtime.logs import configure_logs
from runtime.metrics import LoopMetrics
from runtime.tracing import OpenSpans, open_tracer, trace_rounds

log = structlog.get_logger()

Built = TypeVar("Built")

_RETRY_S = 0.5
_STALE_S = 60.0
_STATUS_EVERY_S = 1.0


class Loop(Protocol):
    """A loop that processes a batch at a time: transactional, or of a sink."""

    def run_once(self) -> int:
        """Process one batch; return the number of records done."""
        ...

    def close(self) -> None:
        """Let go of what the loop holds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopParts:
    """What a loop is built with that its service owns.

    Attributes:
        spans: Spans of the batch under way; None unless tracing is configured.
    """

    metrics: LoopMetrics
    stop: threading.Event
    spans: OpenSpans | None = None


@contextmanager
def exits(service: str) -> Iterator[None]:
    """End the process with one sentence and an exit code if a PipelineError escapes."""
    try:
        yield
    except PipelineError as exc:
        click.echo(f"{service}: {exc}", err=True)
        if exc.hint:
            click.echo(f"  {exc.hint}", err=True)
        sys.exit(exc.exit_code)


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Yield an event that SIGTERM and SIGINT set; nothing else happens on them."""
    stop = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    previous = {
        each: signal.signal(each, note) for each in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def wait_for(
    build: Callable[[], Built], *, timeout_s: float, stop: threading.Event
) -> Built:
    """Return what `build` returns once broker, registry and database are there.

    Raises:
        PipelineError: What `build` raised last, if it is not retryable, the time is
            up, or the service is being stopped.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return build()
        except PipelineError as exc:
            if not exc.retryable or stop.is_set() or time.monotonic() > deadline:
                raise
            log.info("service.waiting", reason=str(exc))
        stop.wait(_RETRY_S)


class LoopService:
    """Runs a loop until a signal or silence, and tells how it is doing."""

    def __init__(self, settings: ServiceSettings, parts: LoopParts) -> None:
        self._settings = settings
        self._metrics = parts.metrics
        self._stop = parts.stop
        self._spans = parts.spans
        self._intake: Intake | None = None
        self._started = time.monotonic()
        self._details: Callable[[], dict[str, Any]] = dict
        self._status: dict[str, Any] = {
            "service": settings.name,
            "pid": os.getpid(),
            "state": "starting",
        }

    @property
    def probes(self) -> health.Probes:
        """What the service's endpoints ask."""
        return health.Probes(
            is_alive=self._is_alive,
            is_ready=self._is_ready,
            status=self._tell_status,
        )

    def run(
        self, loop: Loop, intake: Intake, details: Callable[[], dict[str, Any]] = dict
    ) -> None:
        """Run batches until a signal, or until nothing came for `until_idle_s`.

        Args:
            loop: Closed at the end, however it ends.
            intake: Where the loop takes its batches from.
            details: More fields for /status; called about once a second.

        Raises:
            PipelineError: What ends the service.
        """
        self._intake, self._details = intake, details
        try:
            self._run(loop, intake)
        finally:
            self._status = {**self._status, "state": "stopping"}
            loop.close()
        log.info("service.drained", input_count=self._metrics.counts.input)

    def _run(self, loop: Loop, intake: Intake) -> None:
        last_record = time.monotonic()
        last_status = 0.0
        run_once = trace_rounds(loop.run_once, self._spans)
        while not self._stop.is_set():
            count = run_once()
            now = time.monotonic()
            self._metrics.held.set(bool(intake.held))
            if count or not intake.is_drained:
                last_record = now
            if now - last_status >= _STATUS_EVERY_S:
                self._note_status(intake)
                last_status = now
            idle_s = self._settings.until_idle_s
            if idle_s is not None and now - last_record >= idle_s:
                return

    def _note_status(self, intake: Intake) -> None:
        lags = intake.lags()
        for (topic, partition), lag in lags.items():
            self._metrics.lag.labels(topic, str(partition)).set(lag)
        counts = self._metrics.counts
        self._status = {
            **self._status,
            "state": "running",
            "uptime_s": round(time.monotonic() - self._started, 1),
            "records_processed": counts.input,
            "records_written": counts.output,
            "dead_letters": counts.dead_letter,
            "transactions_committed": counts.transaction,
            "transactions_aborted": counts.abort,
            "next_offsets": _nested(intake.next_offsets),
            "lag": _nested(lags),
            "lag_total": sum(lags.values()),
            **self._details(),
        }

    def _tell_status(self) -> dict[str, Any]:
        intake = self._intake
        if intake is None or self._stop.is_set():
            return self._status
        if intake.held:
            return {**self._status, "state": "holding", "held": intake.held}
        if not intake.assigned.is_set():
            return {**self._status, "state": "joining"}
        return self._status

    def _is_alive(self) -> bool:
        intake = self._intake
        return intake is None or time.monotonic() - intake.ticked < _STALE_S

    def _is_ready(self) -> bool:
        intake = self._intake
        return intake is not None and intake.assigned.is_set() and not intake.held


@contextmanager
def loop_service(
    settings: ServiceSettings, routes: Sequence[BaseRoute] = ()
) -> Iterator[tuple[LoopService, LoopParts]]:
    """Set a service up around its loop: logs, signals, metrics and health.

    Raises:
        SystemExit: A PipelineError came out of the block: one sentence was printed.
    """
    configure_logs(settings.name, log_format=settings.log_format)
    with (
        exits(settings.name),
        stop_on_signals() as stop,
        open_tracer(settings.name) as tracer,
    ):
        registry = CollectorRegistry()
        parts = LoopParts(
            metrics=LoopMetrics(registry),
            stop=stop,
            spans=None if tracer is None else OpenSpans(tracer),
        )
        service = LoopService(settings, parts)
        with health.serve(settings, service.probes, registry, routes):
            yield service, parts


def _nested(by_partition: dict[tuple[str, int], int]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (topic, partition), value in sorted(by_partition.items()):
        nested.setdefault(topic, {})[str(partition)] = value
    return nested
