"""Which offset comes next, on each partition that is ours.

Kept here and not by librdkafka, whose own position runs ahead of a batch that is only
partly processed.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, islice
from operator import lt

from runtime.records import OFFSET, PARTITION, Partition, Record

_NEVER = 1 << 63


class Positions:
    """What the group gave us, and how far we are with it; no I/O.

    A partition is first owned and *unplaced*; once it has a place to begin, it has a
    next offset.

    Attributes:
        unplaced: Partitions that are ours and have no place to begin yet.
        rebalance_count: Grows with each change of what is ours.
        found_up_to: Per partition, the offset behind what `find_due` found last.
    """

    def __init__(self) -> None:
        self.unplaced: set[Partition] = set()
        self.rebalance_count = 0
        self.found_up_to: dict[Partition, int] = {}
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
        found_up_to: dict[Partition, int] = {}
        kept: list[Record] = []
        # Records arrive in long runs of one partition, nearly always all of them due.
        for partition, group in groupby(records, PARTITION):
            run = list(group)
            first_due = found_up_to.get(partition, self._next.get(partition, _NEVER))
            if not _is_due(run, first_due):
                run = _keep_due(run, first_due)
            if run:
                found_up_to[partition] = run[-1].offset + 1
                kept += run
        self.found_up_to = found_up_to
        return kept

    def reach_end(self, partition: Partition, offset: int) -> None:
        """Note that all before `offset` was handed out: markers may lie between."""
        if partition in self._next:
            self._reached_ends[partition] = offset

    def lags(self) -> dict[Partition, int]:
        """Return, per partition, how many offsets lie ahead, as far as is known."""
        return {
            partition: self._lag(partition, offset)
            for partition, offset in self.next_offsets.items()
        }

    def note_log_end(self, partition: Partition, log_end: int) -> None:
        """Note that a log goes on to there at least."""
        if partition in self._next:
            known = self._log_ends.get(partition, 0)
            self._log_ends[partition] = max(known, log_end)

    def _lag(self, partition: Partition, offset: int) -> int:
        log_end = self._log_ends.get(partition, 0)
        return max(0, log_end - max(offset, self._reached_ends.get(partition, 0)))

    def _forget(self, partition: Partition) -> bool:
        self._reached_ends.pop(partition, None)
        return self._next.pop(partition, None) is not None


def _is_due(run: Sequence[Record], first_due: int) -> bool:
    """Tell whether a run of one partition begins at what is due and goes on upwards."""
    offsets = [*map(OFFSET, run)]
    return offsets[0] >= first_due and all(map(lt, offsets, islice(offsets, 1, None)))


def _keep_due(run: Sequence[Record], first_due: int) -> list[Record]:
    kept = []
    for record in run:
        if record.offset >= first_due:
            kept.append(record)
            first_due = record.offset + 1
    return kept
