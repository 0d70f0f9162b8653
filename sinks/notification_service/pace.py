"""No more letters a second than the mail server wants."""

import threading
import time

_UNLIMITED = 1_000_000


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
        if not self._interval_s:
            return
        self._stop.wait(max(0.0, self._due - time.monotonic()))
        self._due = max(self._due, time.monotonic()) + self._interval_s
