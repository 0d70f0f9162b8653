"""Where the dead letters of a service lie, whatever that is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from operations.dead_letters.letter import Letter, Outcome
from registry.errors import PipelineError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of a letter that was to be settled.

    Attributes:
        outcome: None: it is still open, for `reason`.
        reason: Why it is as it is, or "".
    """

    letter: Letter
    outcome: Outcome | None
    reason: str = ""


class Box(Protocol):
    """The dead letters of one service."""

    def letters(self) -> Iterator[Letter]:
        """Yield the letters that lie there now, the oldest of a partition first.

        Raises:
            PipelineError: Broker or database do not answer.
        """
        ...

    def find_fault(self, letter: Letter) -> PipelineError | None:
        """Return what would go wrong with the letter now, or None.

        Raises:
            RegistryUnavailable: It cannot be told now. Retryable.
        """
        ...

    def hold(self) -> None:
        """Keep others from settling these letters; needed before `settle`.

        Raises:
            BoxInUse: Others are about it and cannot be kept from it.
        """
        ...

    def settle(self, letters: Sequence[Letter], outcome: Outcome) -> list[Settled]:
        """Replay or drop letters, each together with the note that it is settled.

        A letter that is settled already is left as it is, whoever did it.

        Raises:
            SettlingInterrupted: Another has taken over, or the broker gave up.
            PipelineError: Broker, database or mail server do not answer.
        """
        ...

    def finish(self) -> None:
        """Return once everybody sees what was settled, or after a while."""
        ...

    def close(self) -> None:
        """Let go of everything; safe to call again."""
        ...
