"""Orders into letters: claim, send, mark."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from registry.errors import PipelineError
from registry.serdes import Deserializer
from runtime.dead_letters import DeadLetterGuard
from runtime.errors import (
    DatabaseError,
    DeadLetterGuardTripped,
    MailInDoubt,
    MailUnavailable,
    RejectedRecord,
)
from runtime.records import Partition, Record, next_offsets
from sinks.notification_service.ledger import Ledger, Progress, State
from sinks.notification_service.letter import Composer, Letter
from sinks.notification_service.mailer import Mailer
from sinks.notification_service.pace import Pace
from sinks.notification_service.plan import InDoubt, Plan, Planner, Sending
from sinks.orders import decode_order, try_each

log = structlog.get_logger()

_SLICE_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the operator decides.

    Attributes:
        in_doubt: What becomes of a letter that may have been sent.
        rate: Most letters a second; None is no limit.
    """

    in_doubt: InDoubt = InDoubt.RESEND
    rate: float | None = None


class LetterSource:
    """What a record becomes."""

    def __init__(self, deserialize: Deserializer, composer: Composer) -> None:
        self._deserialize = deserialize
        self._composer = composer

    def __call__(self, record: Record) -> Letter:
        """Return the letter of an order.

        Raises:
            PipelineError: What is wrong with the record, or with the registry.
        """
        return self._composer.compose(decode_order(self._deserialize, record))


class NotificationSink:
    """Sends one letter an order.

    A letter is claimed in the database before it is sent and marked after. One that
    is found claimed was under way when a process or a connection ended.
    """

    def __init__(
        self,
        ledger: Ledger,
        mailer: Mailer,
        source: LetterSource,
        policy: Policy,
        stop: threading.Event,
    ) -> None:
        self._ledger = ledger
        self._mailer = mailer
        self._source = source
        self._stop = stop
        self._planner = Planner(
            policy.in_doubt if mailer.leaves_doubt else InDoubt.RESEND
        )
        self._pace = Pace(policy.rate, stop)
        self._guard = DeadLetterGuard()
        self._outcomes: list[Letter | PipelineError] = []
        self._refusals: list[PipelineError] = []
        self._done = 0

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> Mapping[Partition, int]:
        """Return the offsets that the database holds.

        Raises:
            DatabaseUnavailable: Ask again later. Retryable.
        """
        return self._ledger.find_start_offsets(partitions)

    def prepare(self, records: Sequence[Record]) -> list[PipelineError | None]:
        """Compose the batch's letters; return what is wrong with each record.

        Raises:
            RegistryUnavailable: Ask again later. Retryable.
        """
        self._outcomes = try_each(records, self._source)
        self._done = 0
        return [
            outcome if isinstance(outcome, PipelineError) else None
            for outcome in self._outcomes
        ]

    def write(self, records: Sequence[Record]) -> int:
        """Send the batch's letters, one an order, for about 5 s at most.

        Returns:
            How many records, from the first on, are done with.

        Raises:
            MailUnavailable: The next letter was not sent. Retryable.
            DatabaseUnavailable: What was sent since may be in doubt. Retryable.
            OffsetsTaken: Another worker has moved one of the offsets.
            DeadLetterGuardTripped: The server refuses too many letters.
        """
        deadline = time.monotonic() + _SLICE_S
        states = self._ledger.find_states(_keys(self._outcomes[self._done :]))
        progress = Progress(offsets=_positions(records, self._done))
        end = self._done
        while end < len(records) and not self._must_pause(end, deadline):
            start, end = end, min(end + self._claim_limit(), len(records))
            outcomes = self._outcomes[start:end]
            plan = self._planner.plan(records[start:end], outcomes, states)
            if plan.sendings:
                progress = self._claim(plan, progress, done=start)
            progress.extend(plan, _positions(records, end))
            for sending in plan.sendings:
                self._send(sending, progress)
            if plan.sendings:
                self._mailer.settle()
        self._ledger.write(progress)
        self._done = end
        return end

    def take_refusals(self) -> list[PipelineError]:
        """Return why letters were refused since the last call."""
        taken, self._refusals = self._refusals, []
        return taken

    def close(self) -> None:
        """Leave the mail server and close the database."""
        self._mailer.close()
        self._ledger.close()

    def _must_pause(self, end: int, deadline: float) -> bool:
        is_late = time.monotonic() > deadline and end > self._done
        return is_late or self._stop.is_set()

    def _claim_limit(self) -> int:
        """Return how many letters to claim at once: as few as may be in doubt."""
        if self._mailer.leaves_doubt:
            return 1
        return min(len(self._outcomes), self._pace.limit_a_second)

    def _claim(self, plan: Plan, progress: Progress, *, done: int) -> Progress:
        """Write what is done and claim what comes next; return what follows."""
        progress.claims = plan.claims
        self._planner.note_unsent(letter.key for letter in plan.claims)
        self._ledger.write(progress)
        self._done = done
        return Progress(offsets=progress.offsets)

    def _send(self, sending: Sending, progress: Progress) -> None:
        letter = sending.letter
        self._pace.wait()
        self._planner.note_tried(letter.key)
        try:
            if sending.may_have_arrived:
                self._mailer.send_again(letter)
            else:
                self._mailer.send(letter)
            self._guard.check([None])
        except MailInDoubt:
            log.warning("letter.in_doubt", message_id=letter.message_id)
            self._pace.slow_down()
            raise
        except MailUnavailable:
            self._pace.slow_down()
            self._release(sending)
            raise
        except RejectedRecord as exc:
            self._refuse(sending, exc, progress)
        else:
            progress.ended[letter.key] = State.SENT

    def _refuse(
        self, sending: Sending, error: RejectedRecord, progress: Progress
    ) -> None:
        try:
            self._guard.check([error])
        except DeadLetterGuardTripped:
            self._release(sending)
            raise
        log.warning("letter.refused", reason=str(error))
        progress.ended[sending.letter.key] = State.REFUSED
        progress.dead_letters.append((sending.record, error))
        self._refusals.append(error)

    def _release(self, sending: Sending) -> None:
        """Leave no doubt about a letter that was certainly not sent."""
        if sending.may_have_arrived:
            return
        self._planner.note_unsent([sending.letter.key])
        try:
            self._ledger.release(sending.letter.key)
        except DatabaseError as exc:
            # This process knows; only if it ends now, the letter is in doubt.
            log.warning("claim.kept", reason=str(exc))


def _keys(outcomes: Sequence[Letter | PipelineError]) -> list[bytes]:
    return [each.key for each in outcomes if isinstance(each, Letter)]


def _positions(records: Sequence[Record], done: int) -> dict[Partition, int]:
    """Return where each partition of a batch goes on after its first records."""
    first: dict[Partition, int] = {}
    for record in records:
        first.setdefault((record.topic, record.partition), record.offset)
    return first | next_offsets(records[:done])
