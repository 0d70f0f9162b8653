"""Records that can never be processed: kept as they came, with the reason.

Header names of the form ``__streams.errors.*`` are those of Kafka Streams (KIP-1034),
so that its tools can read them; ``accord.dlq.*`` are our own.
"""

import hashlib
import traceback
from collections import deque
from collections.abc import Sequence

from registry import wire
from registry.errors import NotFramed, PipelineError
from runtime.errors import DeadLetterGuardTripped, OutputRefused, RejectedRecord
from runtime.records import Header, Output, Record

SUFFIX = ".dlq"
REPLAYED_HEADER = "accord.dlq.replayed"

_TEXT_BYTES = 1024
_TRACE_BYTES = 4096
_IN_A_ROW = 100
_WINDOW = 1000
_IN_WINDOW = 50


def dead_letter_topic(topic: str) -> str:
    """Return the topic that the dead letters of `topic` go to."""
    return topic + SUFFIX


def to_dead_letter(record: Record, error: PipelineError, *, service: str) -> Output:
    """Return the record as a dead letter of a service, which is its consumer group.

    Key, value, headers, timestamp and partition number stay untouched; the added
    headers are capped so that the letter fits wherever its record fitted, given a
    topic that allows messages 16 KiB larger.
    """
    added = {
        "__streams.errors.exception": type(error).__name__,
        "__streams.errors.message": _cap(str(error), _TEXT_BYTES),
        "__streams.errors.stacktrace": _cap(_trace(error), _TRACE_BYTES),
        "__streams.errors.topic": record.topic,
        "__streams.errors.partition": str(record.partition),
        "__streams.errors.offset": str(record.offset),
        "accord.dlq.service": service,
        "accord.dlq.stage": _stage(error),
        "accord.dlq.attempt": str(getattr(error, "attempts", 1)),
        "accord.dlq.schema-id": _schema_id(record.value),
        "accord.dlq.fingerprint": fingerprint(error),
    }
    headers: list[Header] = list(record.headers)
    headers += [(name, text.encode()) for name, text in added.items()]
    return Output(
        dead_letter_topic(record.topic),
        record.key,
        record.value,
        headers,
        record.partition,
        max(record.timestamp_ms, 0),
    )


def _stage(error: PipelineError) -> str:
    """Return what could not be done with the record."""
    if isinstance(error, OutputRefused):
        return "write"
    return "process" if isinstance(error, RejectedRecord) else "decode"


def fingerprint(error: PipelineError) -> str:
    """Return a short name that dead letters of one cause share.

    Made of the error's class and the shape of its sentence, digits left out.
    """
    shape = "".join(each for each in str(error) if not each.isdigit())
    text = f"{type(error).__name__}: {shape}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class DeadLetterGuard:
    """Stops a service that would drain its topic into the dead letters.

    100 in a row, or more than 50 of the last 1,000 records (5 %).
    """

    def __init__(self) -> None:
        self._window: deque[bool] = deque(maxlen=_WINDOW)
        self._in_a_row = 0
        self._before: tuple[list[bool], int] = ([], 0)
        self._newest: Sequence[PipelineError | None] = ()

    def check(self, errors: Sequence[PipelineError | None]) -> None:
        """Note a batch, an entry a record, before it is committed.

        Raises:
            DeadLetterGuardTripped: Too many of the newest records are dead letters.
        """
        self._before = (list(self._window), self._in_a_row)
        self._newest = errors
        if errors and not any(errors):
            self._window.extend([False] * min(len(errors), _WINDOW))
            self._in_a_row = 0
            return
        for error in errors:
            self._window.append(error is not None)
            self._in_a_row = self._in_a_row + 1 if error is not None else 0
            count = sum(self._window) if error is not None else 0
            if self._in_a_row >= _IN_A_ROW or count > _IN_WINDOW:
                raise DeadLetterGuardTripped(
                    count=count, seen=len(self._window), newest=str(error)
                )

    def undo(self, *, keep: int = 0) -> None:
        """Forget the last batch but its first `keep` records: they come again."""
        window, self._in_a_row = self._before
        self._window = deque(window, maxlen=_WINDOW)
        self.check(self._newest[:keep])


def _schema_id(value: bytes | None) -> str:
    try:
        return str(wire.read_schema_id(value))
    except NotFramed:
        return ""


def _trace(error: PipelineError) -> str:
    return "".join(traceback.format_exception(error))


def _cap(text: str, size_bytes: int) -> str:
    return text.encode()[:size_bytes].decode(errors="ignore")
