"""Replay and drop, the same way for every box."""

import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from operations.dead_letters.box import Box, Settled
from operations.dead_letters.letter import Letter, Outcome
from operations.dead_letters.selection import Selection
from sinks.notification_service.pace import Pace

_AT_ONCE = 100
_AT_ONCE_BYTES = 4 * 2**20


class Decision(NamedTuple):
    """What is to become of a letter; no outcome: it stays, for the reason."""

    outcome: Outcome | None
    reason: str = ""


Decide = Callable[[Letter], Decision]


def drop(_letter: Letter) -> Decision:
    """Be done with the letter."""
    return Decision(Outcome.DROPPED)


def replay(box: Box, *, max_replays: int) -> Decide:
    """Return what replays a letter only if it would be processed now."""

    def decide(letter: Letter) -> Decision:
        if letter.replay_count >= max_replays:
            return Decision(None, f"replayed {letter.replay_count} times already")
        fault = box.find_fault(letter)
        if fault is not None:
            return Decision(None, f"it would fail again: {fault}")
        return Decision(Outcome.REPLAYED)

    return decide


def find_open(box: Box, selection: Selection) -> Iterator[Letter]:
    """Yield the chosen letters that are not settled."""
    return (
        letter
        for letter in box.letters()
        if letter.outcome is None and letter in selection
    )


def preview(letters: Iterable[Letter], decide: Decide) -> Iterator[Settled]:
    """Yield what `settle` would make of the letters; nothing changes."""
    for letter in letters:
        outcome, reason = decide(letter)
        yield Settled(letter=letter, outcome=outcome, reason=reason)


def settle(
    box: Box,
    letters: Iterable[Letter],
    decide: Decide,
    *,
    rate: float | None,
    stop: threading.Event,
) -> Iterator[Settled]:
    """Replay or drop letters, and yield what became of each.

    Args:
        box: Held by this process: `Box.hold` was called.
        letters: Chosen ones.
        decide: Called right before a letter is settled.
        rate: Most letters a second; None is no limit.
        stop: When it is set, what is under way is finished and no more begun.

    Raises:
        PipelineError: What `Box.settle` raises; all that was yielded is done.
    """
    pace = Pace(rate, stop)
    limit = min(_AT_ONCE, pace.limit_a_second)
    for batch in _batches(letters, limit):
        decided = []
        for letter in batch:
            pace.wait()
            decided.append((letter, decide(letter)))
        if stop.is_set():
            break
        yield from _settle(box, decided)
    box.finish()


def _settle(box: Box, decided: list[tuple[Letter, Decision]]) -> Iterator[Settled]:
    for letter, (wanted, reason) in decided:
        if wanted is None:
            yield Settled(letter=letter, outcome=None, reason=reason)
    for outcome in Outcome:
        chosen = [letter for letter, decision in decided if decision[0] is outcome]
        if chosen:
            yield from box.settle(chosen, outcome)


def _batches(letters: Iterable[Letter], limit: int) -> Iterator[list[Letter]]:
    """Yield the letters in batches that a transaction holds easily."""
    source = iter(letters)
    while first := next(source, None):
        batch, size_bytes = [first], first.size_bytes
        while len(batch) < limit and size_bytes < _AT_ONCE_BYTES:
            following = list(islice(source, 1))
            if not following:
                break
            batch += following
            size_bytes += following[0].size_bytes
        yield batch
