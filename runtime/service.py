"""From a command line to a running service, and from its end to an exit code."""

import gc
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
from runtime.errors import StoppedWaiting
from runtime.intake import Intake
from runtime.log_ends import LogEnds
from runtime.logs import configure_logs
from runtime.metrics import LoopMetrics
from runtime.tracing import OpenSpans, open_tracer, trace_rounds
from runtime.watch import Watch

log = structlog.get_logger()

Built = TypeVar("Built")

_RETRY_S = 0.5
# More than a batch of 2,000 records is at once.
_OBJECTS_BEFORE_COLLECTION = 50_000
_STALE_S = 60.0
_LAG_EVERY_S = 1.0


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

    What it waits for is logged once, and again when it is something else.

    Raises:
        StoppedWaiting: The service is being stopped.
        PipelineError: What `build` raised last, if it is not retryable or the time is
            up.
    """
    deadline = time.monotonic() + timeout_s
    told = ""
    while True:
        try:
            return build()
        except PipelineError as exc:
            if not exc.retryable or time.monotonic() > deadline:
                raise
            if stop.is_set():
                raise StoppedWaiting(str(exc)) from exc
            if str(exc) != told:
                told = str(exc)
                log.info("service.waiting", reason=told, timeout_s=timeout_s)
        stop.wait(_RETRY_S)


def spare_what_stays() -> None:
    """Have the garbage collector pass over what lives as long as the service.

    A batch is thousands of objects, all of which end by themselves: looking for cycles
    among them, again and again, was a tenth of a service's CPU. Calling again is safe.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)


class LoopService:
    """Runs a loop until a signal or silence, and tells how it is doing."""

    def __init__(self, settings: ServiceSettings, parts: LoopParts) -> None:
        self._settings = settings
        self._metrics = parts.metrics
        self._stop = parts.stop
        self._spans = parts.spans
        self._intake: Intake | None = None
        self._watch: Watch | None = None
        self._started = time.monotonic()

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
            details: More fields for /status; called about once a second, from
                another thread.

        Raises:
            PipelineError: What ends the service.
        """
        self._watch = Watch(
            intake,
            self._metrics,
            LogEnds(intake.kafka),
            stall_after_s=self._settings.stall_after_s,
            details=details,
        )
        self._intake = intake
        spare_what_stays()
        try:
            with self._watch.running():
                self._run(loop, intake)
        finally:
            self._stop.set()
            loop.close()
        log.info("service.drained", input_count=self._metrics.counts.input)

    def _run(self, loop: Loop, intake: Intake) -> None:
        last_record = time.monotonic()
        last_lag = 0.0
        run_once = trace_rounds(loop.run_once, self._spans)
        while not self._stop.is_set():
            count = run_once()
            now = time.monotonic()
            if count or not intake.is_drained:
                last_record = now
            if now - last_lag >= _LAG_EVERY_S:
                intake.lags()
                last_lag = now
            idle_s = self._settings.until_idle_s
            if idle_s is not None and now - last_record >= idle_s:
                return

    def _tell_status(self) -> dict[str, Any]:
        held = self._intake.held if self._intake is not None else ""
        return {
            "service": self._settings.name,
            "pid": os.getpid(),
            "state": self._find_state(),
            **({"held": held} if held else {}),
            "uptime_s": round(time.monotonic() - self._started, 1),
            **(self._watch.tell() if self._watch is not None else {}),
        }

    def _find_state(self) -> str:
        intake = self._intake
        if self._stop.is_set():
            return "stopping"
        if intake is None:
            return "starting"
        if intake.held:
            return "holding"
        return "running" if intake.assigned.is_set() else "joining"

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
