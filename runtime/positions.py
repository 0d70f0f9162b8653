"""Which offset comes next, on each partition that is ours.

Kept here and not by librdkafka, whose own position runs ahead of a batch that is only
partly processed.
"""

from collections.abc import Callable, Iterable, Mapping

from runtime.records import Partition, Record

_NEVER = 1 << 63


class Positions:
    """What the group gave us, and how far we are with it; no I/O.

    A partition is first owned and *unplaced*; once it has a place to begin, it has a
    next offset.

    Attributes:
        unplaced: Partitions that are ours and have no place to begin yet.
        rebalance_count: Grows with each change of what is ours.
    """

    def __init__(self) -> None:
        self.unplaced: set[Partition] = set()
        self.rebalance_count = 0
        self._next: dict[Partition, int] = {}
        # Where the log ended when we placed the partition, and where we met its end.
        self._log_ends: dict[Partition, int] = {}
        self._reached_ends: dict[Partition, int] = {}

    @property
    def next_offsets(self) -> dict[Partition, int]:
        """The next offset to process of every partition that has a place."""
        return dict(self._next)

    def assign(self, partitions: Iterable[Partition]) -> None:
        """Note that partitions are ours from now on."""
        self.rebalance_count += 1
        self.unplaced.update(partitions)

    def revoke(self, partitions: Iterable[Partition]) -> None:
        """Note that partitions are not ours any more."""
        self.rebalance_count += 1
        for partition in partitions:
            self.unplaced.discard(partition)
            self._forget(partition)

    def place(self, partition: Partition, offset: int, *, log_end: int) -> None:
        """Begin at `offset` of a log that ends at `log_end`."""
        self._next[partition] = offset
        self._log_ends[partition] = log_end
        self.unplaced.discard(partition)

    def displace(self, partition: Partition) -> None:
        """Have a partition placed anew, if it is ours."""
        if self._forget(partition):
            self.unplaced.add(partition)

    def advance(self, offsets: Mapping[Partition, int]) -> None:
        """Go on after what has been committed."""
        self._next.update(
            (partition, offset)
            for partition, offset in offsets.items()
            if partition in self._next
        )

    def rewind(self) -> None:
        """Have every partition placed anew."""
        self.unplaced |= self._next.keys()
        self._next.clear()
        self._reached_ends.clear()

    def find_due(self, records: Iterable[Record]) -> list[Record]:
        """Return the records that come next, in their order.

        Left out is what is not ours (any more), has no place yet, or was fetched
        before a seek.
        """
        due = dict(self._next)
        kept = []
        for record in records:
            partition = (record.topic, record.partition)
            if record.offset >= due.get(partition, _NEVER):
                kept.append(record)
                due[partition] = record.offset + 1
        return kept

    def reach_end(self, partition: Partition, offset: int) -> None:
        """Note that all before `offset` was handed out: markers may lie between."""
        if partition in self._next:
            self._reached_ends[partition] = offset

    def lags(self, find_log_end: Callable[[Partition], int]) -> dict[Partition, int]:
        """Return, per partition, how many offsets lie ahead.

        Args:
            find_log_end: The end of the log that is known to the client; below 0
                while it is unknown.
        """
        return {
            partition: self._lag(partition, offset, find_log_end(partition))
            for partition, offset in self._next.items()
        }

    def _lag(self, partition: Partition, offset: int, fetched_end: int) -> int:
        log_end = max(fetched_end, self._log_ends.get(partition, 0))
        return max(0, log_end - max(offset, self._reached_ends.get(partition, 0)))

    def _forget(self, partition: Partition) -> bool:
        self._reached_ends.pop(partition, None)
        return self._next.pop(partition, None) is not None
