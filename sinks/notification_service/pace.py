"""No more letters a second than the mail server wants, and none too soon."""

import random
import threading
import time

_UNLIMITED = 1_000_000
_JITTER_S = 1.0


class Pace:
    """Spreads letters evenly over time."""

    def __init__(self, rate: float | None, stop: threading.Event) -> None:
        """Take the most letters a second, > 0; None is no limit."""
        self._interval_s = 0.0 if rate is None else 1 / rate
        self._stop = stop
        self._due = 0.0
        self.limit_a_second = _UNLIMITED if rate is None else max(1, int(rate))

    def wait(self) -> None:
        """Return when the next letter may go, or at once when the service stops."""
        wait_s = self._due - time.monotonic()
        if wait_s > 0:
            self._stop.wait(wait_s)
        if self._interval_s:
            self._due = max(self._due, time.monotonic()) + self._interval_s

    def slow_down(self) -> None:
        """Put the next letter off by up to a second.

        By chance, so that several workers do not come back to a busy server at once.
        """
        jitter_s = random.uniform(0, _JITTER_S)  # noqa: S311 - no secret
        self._due = max(self._due, time.monotonic() + jitter_s)
