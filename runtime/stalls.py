"""Partitions on which nothing moves though records wait; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass

from runtime.records import Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A partition of ours whose next record has been waiting too long.

    Attributes:
        lag: Offsets that lie ahead.
        for_s: How long it has not moved.
    """

    topic: str
    partition: int
    next_offset: int
    lag: int
    for_s: float


class StallWatch:
    """Remembers since when each partition has not moved."""

    def __init__(self, after_s: float) -> None:
        """Call a partition stalled after so many seconds without progress."""
        self._after_s = after_s
        # A batch that is aborted over and over takes its partitions out of sight for
        # moments: their offsets stay here, or the stall would never be old enough.
        self._since: dict[Partition, tuple[int, float]] = {}

    def look(
        self,
        next_offsets: Mapping[Partition, int],
        lags: Mapping[Partition, int],
        *,
        now: float,
    ) -> list[Stall]:
        """Return the partitions that are stalled, in their order.

        Args:
            next_offsets: The next offset to process of every partition that is ours.
            lags: How many offsets lie ahead of each.
            now: Seconds on a clock that never goes back.
        """
        stalls = []
        for partition, offset in sorted(next_offsets.items()):
            lag = lags.get(partition, 0)
            known, since = self._since.get(partition, (offset, now))
            if not lag or known != offset:
                since = now
            self._since[partition] = (offset, since)
            if lag and now - since >= self._after_s:
                stalls.append(
                    Stall(
                        topic=partition[0],
                        partition=partition[1],
                        next_offset=offset,
                        lag=lag,
                        for_s=round(now - since, 1),
                    )
                )
        return stalls
