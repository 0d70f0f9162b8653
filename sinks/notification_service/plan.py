"""Which letters of a batch are to be sent, and which are not any more; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, assert_never

from registry.errors import PipelineError
from runtime.errors import RejectedRecord
from runtime.records import Record
from sinks.notification_service.ledger import State
from sinks.notification_service.letter import Letter


class InDoubt(StrEnum):
    """What becomes of a letter of which nobody knows whether it was sent."""

    RESEND = "resend"
    SKIP = "skip"
    DEAD_LETTER = "dead-letter"


class Sending(NamedTuple):
    """A letter to be sent, and the record it comes from."""

    record: Record
    letter: Letter
    may_have_arrived: bool


@dataclass(slots=True)
class Plan:
    """What to do about a few records.

    Attributes:
        claims: Letters to claim first.
        sendings: Letters to send then, in the order of their records.
        ended: Letters that come to an end without being sent.
        dead_letters: Records that cannot be used, each with its error.
    """

    claims: list[Letter] = field(default_factory=list)
    sendings: list[Sending] = field(default_factory=list)
    ended: dict[bytes, State] = field(default_factory=dict)
    dead_letters: list[tuple[Record, PipelineError]] = field(default_factory=list)


class Planner:
    """Decides letter by letter, and knows what this process has not sent."""

    def __init__(self, in_doubt: InDoubt) -> None:
        self._in_doubt = in_doubt
        self._unsent: set[bytes] = set()

    def note_unsent(self, keys: Iterable[bytes]) -> None:
        """Note letters that are claimed and certainly not sent."""
        self._unsent.update(keys)

    def note_tried(self, key: bytes) -> None:
        """Note that a letter is about to be sent."""
        self._unsent.discard(key)

    def plan(
        self,
        records: Sequence[Record],
        outcomes: Sequence[Letter | PipelineError],
        states: dict[bytes, State],
    ) -> Plan:
        """Return what to do, counting on it in `states`: one letter an order."""
        plan = Plan()
        for record, outcome in zip(records, outcomes, strict=True):
            if isinstance(outcome, PipelineError):
                plan.dead_letters.append((record, outcome))
            else:
                self._plan_letter(plan, record, outcome, states)
                states[outcome.key] = State.SENT
        return plan

    def _plan_letter(
        self,
        plan: Plan,
        record: Record,
        letter: Letter,
        states: Mapping[bytes, State],
    ) -> None:
        match states.get(letter.key):
            case None:
                plan.claims.append(letter)
                plan.sendings.append(Sending(record, letter, may_have_arrived=False))
            case State.CLAIMED if letter.key in self._unsent:
                plan.sendings.append(Sending(record, letter, may_have_arrived=False))
            case State.CLAIMED:
                self._decide_doubt(plan, record, letter)
            case State.SENT | State.SKIPPED | State.REFUSED:
                return

    def _decide_doubt(self, plan: Plan, record: Record, letter: Letter) -> None:
        match self._in_doubt:
            case InDoubt.RESEND:
                plan.sendings.append(Sending(record, letter, may_have_arrived=True))
            case InDoubt.SKIP:
                plan.ended[letter.key] = State.SKIPPED
            case InDoubt.DEAD_LETTER:
                error = RejectedRecord(
                    "the letter was under way when the service was cut off: it may have"
                    " been sent"
                )
                plan.ended[letter.key] = State.REFUSED
                plan.dead_letters.append((record, error))
            case _:
                assert_never(self._in_doubt)
