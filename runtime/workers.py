"""`--workers N`: one service as several processes of one consumer group.

The supervisor has no consumer of its own. It starts the workers with the command line
that it was given, starts them again when they die, and answers for all of them.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx
import structlog
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from starlette.routing import BaseRoute

from runtime import health
from runtime.config import ServiceSettings
from runtime.logs import configure_logs
from runtime.processes import Child
from runtime.processes.restarts import Restarts
from runtime.service import stop_on_signals

log = structlog.get_logger()

_Answer = TypeVar("_Answer")

_TICK_S = 0.2
_ASK_S = 2.0
# Drained, or what a restart does not cure: usage, bad input, a bug, configuration.
_FINAL = frozenset({0, 2, 65, 70, 78})
_BUG = 70
# From here on a status tells of a signal.
_LARGEST_CODE = 128


class _Run:
    """One start of a worker: its process, and what is known of this process alone.

    Others ask from threads of their own, and what they find out must not outlive it.
    """

    def __init__(self, child: Child) -> None:
        self.child = child
        self._forwarded_bytes = 0
        self._url: str | None = None

    @property
    def url(self) -> str | None:
        """Where it listens, or None while that is not known."""
        if self._url is None:
            listening = self.child.find_logged("event", "service.listening")
            self._url = None if listening is None else str(listening["url"])
        return self._url

    def forward_log(self) -> None:
        """Pass on what it has logged since the last time."""
        lines = self.child.read_lines(after_bytes=self._forwarded_bytes)
        if lines:
            sys.stderr.write(lines.decode("utf-8", errors="replace"))
            sys.stderr.flush()
            self._forwarded_bytes += len(lines)


class Worker:
    """One worker process, started again when it dies.

    Attributes:
        ending: Its exit status once it will not be started again: 0 if it has
            drained, else what a restart does not cure. None until then.
    """

    def __init__(self, name: str, command: Sequence[str], *, log_path: Path) -> None:
        self.name = name
        self._command = command
        self._log_path = log_path
        self._restarts = Restarts()
        self._start_at: float | None = None
        self.ending: int | None = None
        self._run = self._start()

    def check(self) -> None:
        """Pass its log on, and start it again if it is due; returns at once."""
        if self.ending is not None:
            return
        if self._start_at is None:
            status = self._run.child.exit_status
            self._run.forward_log()
            if status is not None:
                self._note_end(status)
        elif time.monotonic() >= self._start_at:
            self._start_at = None
            self._run = self._start()

    def stop(self) -> None:
        """Let it drain and end; safe to call again."""
        self._run.child.stop(grace_s=30)
        self._run.forward_log()

    def get(self, path: str) -> str | None:
        """Return what it answers on `path`, or None if it does not."""
        url = self._run.url
        if url is None or self.ending is not None:
            return None
        try:
            answer = httpx.get(f"{url}{path}", timeout=_ASK_S)
        except httpx.TransportError:
            return None
        return answer.text if answer.is_success else None

    def status(self) -> dict[str, Any]:
        """Return its /status; empty if it does not answer."""
        answer: dict[str, Any] = json.loads(self.get("/status") or "{}")
        return answer

    def _start(self) -> _Run:
        return _Run(Child.start(self.name, self._command, log_path=self._log_path))

    def _note_end(self, status: int) -> None:
        self._run.child.stop()
        if status in _FINAL:
            self.ending = status
            return
        pause_s = self._restarts.note_death(time.monotonic())
        if self._restarts.is_crash_loop:
            log.error("worker.crash_loop", worker=self.name, status=status)
            self.ending = _BUG if status > _LARGEST_CODE else status
            return
        log.warning("worker.died", worker=self.name, status=status, pause_s=pause_s)
        self._start_at = time.monotonic() + pause_s


class Workers:
    """All workers of a service.

    Attributes:
        workers: In the order of their numbers.
    """

    def __init__(self, settings: ServiceSettings, *, count: int) -> None:
        self._settings = settings
        self.workers = [
            Worker(
                f"{settings.name}-{number}",
                _worker_command(settings, number),
                log_path=settings.state_dir / f"{settings.name}-{number}.log",
            )
            for number in range(count)
        ]

    @property
    def probes(self) -> health.Probes:
        """What the supervisor's endpoints ask."""
        return health.Probes(
            is_alive=lambda: self._all("/livez"),
            is_ready=lambda: self._all("/readyz"),
            status=self._status,
        )

    def run(self, stop: threading.Event) -> int:
        """Run until a signal, until every worker has drained, or until one failed.

        Returns:
            0, or the exit status of a worker that a restart does not cure: then the
            others are stopped, too.
        """
        try:
            while not stop.is_set() and not self._has_ended():
                for worker in self.workers:
                    worker.check()
                stop.wait(_TICK_S)
        finally:
            _at_once(Worker.stop, self.workers)
        return max(worker.ending or 0 for worker in self.workers)

    def _has_ended(self) -> bool:
        endings = [worker.ending for worker in self.workers]
        return None not in endings or any(endings)

    def _all(self, path: str) -> bool:
        answers = _at_once(lambda worker: worker.get(path), self._running())
        return None not in answers

    def _running(self) -> list[Worker]:
        return [worker for worker in self.workers if worker.ending is None]

    def _status(self) -> dict[str, Any]:
        answers = _at_once(Worker.status, self.workers)
        states = {str(each.get("state", "starting")) for each in answers}
        sums = ("records_processed", "records_written", "dead_letters", "lag_total")
        return {
            "service": self._settings.name,
            "state": states.pop() if len(states) == 1 else "mixed",
            **{name: sum(each.get(name, 0) for each in answers) for name in sums},
            "stalled": [stall for each in answers for stall in each.get("stalled", [])],
            "workers": answers,
        }


def _at_once(
    act: Callable[[Worker], _Answer], workers: Sequence[Worker]
) -> list[_Answer]:
    """Return what `act` gives for each: several that hang take no longer than one."""
    with ThreadPoolExecutor(max(len(workers), 1)) as pool:
        return list(pool.map(act, workers))


class _WorkerMetrics(Collector):
    """The metrics of every worker, each with its name as the label `worker`."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = workers

    def collect(self) -> Iterator[Metric]:
        """Ask every worker; one that does not answer is left out."""
        families: dict[str, Metric] = {}
        texts = _at_once(lambda worker: worker.get("/metrics"), self._workers)
        for worker, text in zip(self._workers, texts, strict=True):
            for family in text_string_to_metric_families(text or ""):
                merged = families.setdefault(
                    family.name,
                    Metric(family.name, family.documentation, family.type),
                )
                merged.samples += [
                    sample._replace(labels={**sample.labels, "worker": worker.name})
                    for sample in family.samples
                ]
        yield from families.values()


def run_workers(
    settings: ServiceSettings, *, count: int, routes: Sequence[BaseRoute] = ()
) -> None:
    """Run a service as `count` processes, until a signal or until all have drained.

    Raises:
        SystemExit: A worker failed for good; with its status.
        ConfigError: The address cannot be listened on.
    """
    configure_logs(settings.name, log_format=settings.log_format)
    registry = CollectorRegistry()
    with stop_on_signals() as stop:
        workers = Workers(settings, count=count)
        registry.register(_WorkerMetrics(workers.workers))
        with health.serve(settings, workers.probes, registry, routes):
            status = workers.run(stop)
    if status:
        sys.exit(status)


def _worker_command(settings: ServiceSettings, number: int) -> list[str]:
    """Return this very command line, for one worker; later flags win."""
    command = [sys.executable, *sys.argv]
    command += ["--workers", "1", "--listen", "127.0.0.1:0", "--log-format", "json"]
    if settings.replica_id is not None:
        command += ["--replica-id", f"{settings.replica_id}-{number}"]
    return command
