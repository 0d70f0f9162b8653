"""Orders and the mark of their source, committed together, exactly once.

The transactional id belongs to the source, not to the process: whoever acquires it
ends what a killed run left open and shuts out a run that is still going. Whether a
transaction that failed was committed is never guessed: the mark tells.
"""

import time
from collections.abc import Callable, Sequence

import structlog

from producers.order_service.errors import SourceTaken
from producers.order_service.positions import SOURCES_PARTITION, Mark, SourceMarks
from registry.errors import PipelineError
from runtime.errors import ProducerFenced, TransactionAborted
from runtime.records import Output
from runtime.transactions import Transactor

log = structlog.get_logger()

# A run that took the source over has written its own mark by then.
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 5.0


class SourceTransactions:
    """The transactions of one run of a source."""

    def __init__(
        self,
        transactor: Transactor,
        marks: SourceMarks,
        *,
        source_name: str,
        owner: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Put the transactions together; nothing is opened yet.

        Args:
            transactor: Under the id of the source.
            marks: Where they are kept.
            source_name: What the source's mark is kept under.
            owner: Names this run in its marks; no other run has the same.
            sleep: Waits for seconds.
        """
        self._transactor = transactor
        self._marks = marks
        self._source_name = source_name
        self._owner = owner
        self._sleep = sleep
        self._inherited: Mark | None = None

    def open(self) -> Mark | None:
        """Acquire the source and return how far it is written; None is not at all.

        Raises:
            SourceTaken: Another run acquired it at the same time.
            TransactionAborted: The coordinator is not ready. Retryable.
            BrokerError: Kafka refused, or could not answer.
        """
        try:
            self._transactor.open()
        except ProducerFenced as exc:
            raise SourceTaken(self._source_name, str(exc)) from exc
        self._inherited = self._marks.get_last_mark(self._source_name)
        return self._inherited

    def commit(self, outputs: Sequence[Output], mark: Mark) -> None:
        """Write `outputs` and `mark`, however long Kafka is away.

        Raises:
            TransactionAborted: Kafka refuses one of the outputs; nothing is written.
            SourceTaken: Another run has the source; nothing is written.
            BrokerRefused: Kafka refuses for a reason that waiting does not cure.
        """
        key = self._source_name.encode()
        marked = Output(
            self._marks.topic, key, mark.to_json(), partition=SOURCES_PARTITION
        )
        records = [*outputs, marked]
        try:
            while not self._is_committed(records, mark):
                log.info("transaction.repeated", output_count=len(outputs))
        except ProducerFenced as exc:
            raise SourceTaken(self._source_name, str(exc)) from exc

    def _is_committed(self, records: Sequence[Output], mark: Mark) -> bool:
        """Write the records, or learn that they are not written."""
        try:
            self._transactor.commit_outputs(records)
        except TransactionAborted as abort:
            log.warning("transaction.aborted", reason=abort.reason)
            if abort.is_record_fault:
                raise
            return self._find_last_mark() == mark
        return True

    def _find_last_mark(self) -> Mark | None:
        """Return the source's mark once Kafka tells, with nothing left open."""
        pause_s = _FIRST_PAUSE_S
        while True:
            self._sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            try:
                # Acquiring the id again would shut the other run out.
                self._check_ours(self._marks.find_mark(self._source_name))
                self._transactor.open()
                mark = self._marks.get_last_mark(self._source_name)
            except PipelineError as exc:
                if not exc.retryable:
                    raise
                log.info("service.waiting", reason=str(exc))
            else:
                self._check_ours(mark)
                return mark

    def _check_ours(self, mark: Mark | None) -> None:
        """Raise SourceTaken if another run has written since this one began."""
        if mark is None or mark == self._inherited:
            return
        if mark.owner != self._owner:
            raise SourceTaken(
                self._source_name, f"it has written {mark.order_count} orders by now"
            )
