"""The dead letters of a processor: a topic, and the ledger of what became of them.

A topic cannot mark a record. So the ledger, a compacted topic, says of each letter
that is settled what became of it, and is written in the same Kafka transaction as the
record that goes back. All these transactions run under one transactional id:
whoever acquires it ends what another left open and keeps it from committing more, and
reads the ledger only then. What it reads stays true until it is fenced itself.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from confluent_kafka import Producer

from operations.dead_letters.box import Settled
from operations.dead_letters.errors import SettlingInterrupted
from operations.dead_letters.letter import (
    Letter,
    Outcome,
    name_of,
    read_letter,
    replay_headers,
)
from operations.dead_letters.topic_reader import TopicReader
from registry.errors import PipelineError
from runtime.config import KafkaSettings, LoopSettings
from runtime.dead_letters import dead_letter_topic
from runtime.errors import ProducerFenced, TransactionAborted
from runtime.kafka import build_transactional_producer, require_topics
from runtime.loop import RECORD_ERRORS
from runtime.records import Output, Process
from runtime.service import wait_for
from runtime.transactions import Transactor

# Long enough for a batch; a killed replay delays readers of the topic no longer.
_TRANSACTION_S = 10.0
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterTopics:
    """The topics that a replay deals with.

    Attributes:
        inputs: Where letters come from and go back to.
    """

    inputs: str

    @property
    def letters(self) -> str:
        """Where the dead letters lie."""
        return dead_letter_topic(self.inputs)

    @property
    def ledger(self) -> str:
        """What became of them; also the transactional id of who writes it."""
        return f"{self.letters}.ledger"


class TopicBox:
    """The dead letters of a topic."""

    def __init__(
        self,
        kafka: KafkaSettings,
        inputs: str,
        *,
        process: Process | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        """Take the addresses; nothing is opened yet.

        Args:
            kafka: How to reach the broker.
            inputs: Topic that the letters come from.
            process: What would become of a record; `find_fault` asks it.
            stop: When it is set, a broker that is absent is no longer waited for.
        """
        self._kafka = kafka
        self._names = LetterTopics(inputs=inputs)
        self._process = process
        self._stop = stop or threading.Event()
        self._reader = TopicReader(kafka, self._names.letters)
        self._ledger = TopicReader(kafka, self._names.ledger)
        self._settled: dict[str, Outcome] = {}
        self._written: set[str] = set()
        self._is_held = False
        self._transactor = Transactor(
            self._build_producer, transactional_id=self._names.ledger
        )

    def letters(self) -> Iterator[Letter]:
        """Yield the letters that lie in the topic now, by partition and offset.

        Raises:
            TopicMissing: There is no such topic, or it has no ledger.
            BrokerUnavailable: No broker answers. Retryable.
        """
        if not self._is_held:
            self._read_ledger()
        for record in self._reader.read():
            yield read_letter(record, self._settled.get(name_of(record)))

    def find_fault(self, letter: Letter) -> PipelineError | None:
        """Return why the service would give the record up again, or None.

        Raises:
            RegistryUnavailable: No registry answers. Retryable.
        """
        if self._process is None:
            raise TypeError("a box without a process cannot tell")
        try:
            self._process(letter.record)
        except RECORD_ERRORS as exc:
            return exc
        return None

    def hold(self) -> None:
        """Take the transactional id, then read what others have settled.

        Raises:
            TopicMissing: There is no such topic, or it has no ledger.
            BrokerUnavailable, BrokerRefused, ProducerFenced, TransactionAborted: The
                id cannot be had.
        """
        require_topics(
            self._kafka, [self._names.inputs, self._names.letters, self._names.ledger]
        )
        wait_for(self._transactor.open, timeout_s=_PATIENCE_S, stop=self._stop)
        self._read_ledger()
        self._is_held = True

    def settle(self, letters: Sequence[Letter], outcome: Outcome) -> list[Settled]:
        """Write the letters' entries, and the records themselves if replayed.

        All of it is committed at once, unless Kafka refuses one of the records: then
        each letter by itself.

        Raises:
            SettlingInterrupted: Another has taken over, or the broker gave up.
        """
        if not self._is_held:
            self.hold()
        due = [each for each in letters if each.id not in self._settled]
        done = [_as_settled(each, self._settled) for each in letters if each not in due]
        return done + self._commit(due, outcome)

    def finish(self) -> None:
        """Return once everybody sees what was settled, or after a while.

        Kafka answers a commit before the records of the transaction can be read.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while self._written and time.monotonic() < deadline:
            seen = {(entry.key or b"").decode() for entry in self._ledger.read()}
            self._written -= seen

    def close(self) -> None:
        """Let go of the transactional id and of the connections."""
        self._transactor.close()
        self._reader.close()
        self._ledger.close()

    def _commit(self, due: Sequence[Letter], outcome: Outcome) -> list[Settled]:
        if not due:
            return []
        outputs = [output for each in due for output in self._outputs(each, outcome)]
        try:
            self._transactor.commit_outputs(outputs)
        except TransactionAborted as exc:
            # The id may have been lost meanwhile: the ledger must be read again.
            self._is_held = False
            return self._after_abort(due, outcome, exc)
        except ProducerFenced as exc:
            raise SettlingInterrupted(str(exc)) from exc
        self._settled.update((each.id, outcome) for each in due)
        self._written.update(each.id for each in due)
        return [Settled(letter=each, outcome=outcome) for each in due]

    def _after_abort(
        self, due: Sequence[Letter], outcome: Outcome, abort: TransactionAborted
    ) -> list[Settled]:
        if not abort.is_record_fault:
            raise SettlingInterrupted(abort.reason) from abort
        # The refused record leaves a gap in the sequence that its producer numbers.
        self._transactor.close()
        if len(due) == 1:
            reason = (
                f"Kafka refuses the record, {due[0].size_bytes} bytes and headers:"
                f" {abort.reason}; raise max.message.bytes of {self._names.inputs}"
            )
            return [Settled(letter=due[0], outcome=None, reason=reason)]
        return [each for one in due for each in self.settle([one], outcome)]

    def _outputs(self, letter: Letter, outcome: Outcome) -> list[Output]:
        entry = Output(self._names.ledger, letter.id.encode(), outcome.value.encode())
        if outcome is Outcome.DROPPED:
            return [entry]
        record = letter.record
        again = Output(
            self._names.inputs,
            record.key,
            record.value,
            replay_headers(letter),
            record.partition,
            max(record.timestamp_ms, 0),
        )
        return [again, entry]

    def _read_ledger(self) -> None:
        # Nothing is ever taken back: what is known stays known.
        self._settled.update(
            ((entry.key or b"").decode(), Outcome((entry.value or b"").decode()))
            for entry in self._ledger.read()
            if entry.value is not None
        )

    def _build_producer(self) -> Producer:
        # The headers make a record larger than it was: compressed it fits again.
        properties = {"compression.type": "zstd", **self._kafka.properties}
        return build_transactional_producer(
            replace(self._kafka, properties=properties),
            LoopSettings(
                group=self._names.ledger, transaction_timeout_s=_TRANSACTION_S
            ),
            transactional_id=self._names.ledger,
        )


def _as_settled(letter: Letter, settled: dict[str, Outcome]) -> Settled:
    outcome = settled[letter.id]
    return Settled(letter=letter, outcome=None, reason=f"{outcome} already")
