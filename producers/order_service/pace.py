"""At what moments orders are written if there is a rate."""

import time
from collections.abc import Callable

_MOST_CATCH_UP_S = 1.0


class Pace:
    """Spreads orders evenly over time; makes up for at most a second of delay."""

    def __init__(
        self, rate: float | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start now.

        Args:
            rate: Orders a second, > 0; None never waits.
            clock: Seconds, never going back.
        """
        self._gap_s = 0.0 if rate is None else 1 / rate
        self._clock = clock
        self._due = clock()

    @property
    def wait_s(self) -> float:
        """Seconds until the next order is due; 0 if it is."""
        return max(0.0, self._due - self._clock()) if self._gap_s else 0.0

    def advance(self) -> None:
        """Note that an order was written."""
        if self._gap_s:
            earliest = self._clock() - _MOST_CATCH_UP_S
            self._due = max(self._due, earliest) + self._gap_s
