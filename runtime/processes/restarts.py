"""When a process that died is started again."""

from collections import deque

_LONGEST_PAUSE_S = 30.0
_CRASHES = 5
_CRASH_WINDOW_S = 60.0


class Restarts:
    """Counts the deaths of one process.

    Each death doubles the pause before the next start, up to 30 s; a minute without
    one makes it short again.
    """

    def __init__(self, *, first_pause_s: float = 0.5) -> None:
        self._first_pause_s = first_pause_s
        self._deaths: deque[float] = deque()

    @property
    def death_count(self) -> int:
        """Deaths within the last minute, as of the last one."""
        return len(self._deaths)

    @property
    def is_crash_loop(self) -> bool:
        """True if it has died five times within a minute."""
        return self.death_count >= _CRASHES

    def note_death(self, now: float) -> float:
        """Note a death at `now`, in seconds of any clock; return the pause after it."""
        self._deaths.append(now)
        while now - self._deaths[0] > _CRASH_WINDOW_S:
            self._deaths.popleft()
        return float(
            min(self._first_pause_s * 2 ** (self.death_count - 1), _LONGEST_PAUSE_S)
        )
