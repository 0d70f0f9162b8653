"""Services as children: started, waited for, started again when they die."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from operations.services import ServicePlan
from operations.stack import Child, wait_for_service
from runtime.processes.restarts import Restarts

Talk = Callable[[str], None]
"""Says a sentence to the person who watches."""

_READY_S = 60.0


class Supervised:
    """A service that must run.

    A restart keeps the port of the first start, so that its addresses stay true.
    """

    def __init__(
        self,
        plan: ServicePlan,
        *,
        logs: Path,
        talk: Talk,
        first_pause_s: float = 0.5,
    ) -> None:
        self.name = plan.name
        self.url = ""
        self._plan = plan
        self._log_path = logs / f"{plan.name}.log"
        self._talk = talk
        self._restarts = Restarts(first_pause_s=first_pause_s)
        self._start_at: float | None = None
        self._child = self._start()

    @property
    def pid(self) -> int:
        """Process id of the service itself."""
        return self._child.pid

    def wait_until_ready(self) -> str:
        """Return the URL that it listens on once it is ready.

        Raises:
            ProcessEnded: It ended before.
            NotReadyInTime: It was not ready within a minute.
        """
        self.url = wait_for_service(self._child, timeout_s=_READY_S)
        self._plan = replace(self._plan, listen=urlsplit(self.url).netloc)
        return self.url

    def check(self) -> None:
        """Start it again if it is dead and its pause is over; returns at once."""
        now = time.monotonic()
        if self._start_at is not None:
            if now >= self._start_at:
                self._start_at = None
                self._child = self._start()
                self._talk(f"{self.name} is started again")
        elif self._child.exit_status is not None:
            self._note_death(now, self._child.exit_status)

    def stop(self) -> None:
        """Let it drain and end; safe to call again."""
        self._child.stop()

    def _start(self) -> Child:
        return Child.start(self.name, self._plan.command, log_path=self._log_path)

    def _note_death(self, now: float, status: int) -> None:
        self._child.stop()
        pause_s = self._restarts.note_death(now)
        self._start_at = now + pause_s
        self._talk(f"{self._child.to_ended(status)}; again in {pause_s:g} s")
        if self._restarts.is_crash_loop:
            times = self._restarts.death_count
            self._talk(
                f"{self.name} has died {times} times within a minute;"
                f" read {self._log_path}"
            )


def stop_together(services: Sequence[Supervised]) -> None:
    """Stop several services at the same time."""
    if services:
        with ThreadPoolExecutor(len(services)) as pool:
            list(pool.map(Supervised.stop, services))
