"""Which dead letters are meant."""

from dataclasses import dataclass
from datetime import datetime

from operations.dead_letters.letter import Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a dead letter must be to be chosen; what is left out chooses all.

    Attributes:
        ids: One of these names.
        fingerprints: One of these causes.
        partition: The record came from this partition.
        first_offset: The record's offset is this or later.
        last_offset: The record's offset is this or earlier.
        since: The record's timestamp is this or later.
        until: The record's timestamp is earlier.
    """

    ids: frozenset[str] = frozenset()
    fingerprints: frozenset[str] = frozenset()
    partition: int | None = None
    first_offset: int | None = None
    last_offset: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_everything(self) -> bool:
        """True if nothing narrows the choice."""
        return self == Selection()

    def __contains__(self, letter: Letter) -> bool:
        return (
            (not self.ids or letter.id in self.ids)
            and (not self.fingerprints or letter.fingerprint in self.fingerprints)
            and self.partition in (None, letter.record.partition)
            and self._has_offset(letter.record.offset)
            and self._has_time(letter.time)
        )

    def _has_offset(self, offset: int) -> bool:
        return (self.first_offset is None or offset >= self.first_offset) and (
            self.last_offset is None or offset <= self.last_offset
        )

    def _has_time(self, time: datetime | None) -> bool:
        if time is None:
            return self.since is None and self.until is None
        return (self.since is None or time >= self.since) and (
            self.until is None or time < self.until
        )
