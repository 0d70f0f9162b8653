"""Dead letters counted by cause."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from operations.dead_letters.letter import Letter


@dataclass(slots=True)
class Cause:
    """What letters of one fingerprint have in common.

    Attributes:
        example: What was said about the newest of them.
        counts: Letters by state.
    """

    fingerprint: str
    error: str
    example: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None

    def add(self, letter: Letter) -> None:
        """Count one more letter."""
        self.example = letter.message
        self.counts[letter.state] += 1
        if letter.time is not None:
            self.first = min(self.first or letter.time, letter.time)
            self.last = max(self.last or letter.time, letter.time)

    def to_json(self) -> dict[str, Any]:
        """Return everything."""
        return {
            "fingerprint": self.fingerprint,
            "error": self.error,
            "example": self.example,
            "open": self.counts["open"],
            "replayed": self.counts["replayed"],
            "dropped": self.counts["dropped"],
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
        }


def count_causes(letters: Iterable[Letter]) -> list[Cause]:
    """Return the causes of letters, that with the most open ones first."""
    causes: dict[tuple[str, str], Cause] = {}
    for letter in letters:
        name = letter.fingerprint, letter.error
        causes.setdefault(name, Cause(*name)).add(letter)
    return sorted(
        causes.values(), key=lambda each: (-each.counts["open"], each.fingerprint)
    )
