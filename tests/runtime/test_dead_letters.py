"""Dead letters keep the record whole, and never drain a topic."""

import pytest

from registry.errors import NotFramed, PipelineError
from runtime.dead_letters import DeadLetterGuard, fingerprint, to_dead_letter
from runtime.errors import DeadLetterGuardTripped, OutputRefused, RejectedRecord
from runtime.records import Record

RECORD = Record(
    topic="order-details",
    partition=3,
    offset=42,
    key=b"10248",
    value=b"\x00\x00\x00\x00\x07body",
    headers=[("traceparent", b"00-1-2-01"), ("empty", None)],
    timestamp_ms=1_700_000_000_000,
)
WRONG = RejectedRecord("items[0].quantity is -3")


def test_dead_letter_keeps_the_record_untouched() -> None:
    """Key, value, timestamp, partition and headers are those of the record."""
    letter = to_dead_letter(RECORD, WRONG, service="transaction-service")

    assert letter.topic == "order-details.dlq"
    assert (letter.key, letter.value) == (RECORD.key, RECORD.value)
    assert (letter.partition, letter.timestamp_ms) == (3, RECORD.timestamp_ms)
    assert list(letter.headers[:2]) == RECORD.headers


def test_dead_letter_says_where_and_why() -> None:
    """The headers of KIP-1034 and our own name the place and the reason."""
    letter = to_dead_letter(RECORD, WRONG, service="transaction-service")

    headers = dict(letter.headers)
    assert headers["__streams.errors.exception"] == b"RejectedRecord"
    assert headers["__streams.errors.message"] == b"items[0].quantity is -3"
    assert headers["__streams.errors.topic"] == b"order-details"
    assert headers["__streams.errors.partition"] == b"3"
    assert headers["__streams.errors.offset"] == b"42"
    assert headers["accord.dlq.schema-id"] == b"7"
    assert headers["accord.dlq.service"] == b"transaction-service"


@pytest.mark.parametrize(
    ("error", "stage", "attempt"),
    [
        (WRONG, b"process", b"1"),
        (NotFramed(first_byte=None, length=0), b"decode", b"1"),
        (OutputRefused("too large", attempts=4), b"write", b"4"),
    ],
    ids=str,
)
def test_dead_letter_says_what_was_tried_and_how_often(
    error: PipelineError, stage: bytes, attempt: bytes
) -> None:
    """Whoever repairs it knows where to look."""
    headers = dict(to_dead_letter(RECORD, error, service="s").headers)

    assert headers["accord.dlq.stage"] == stage
    assert headers["accord.dlq.attempt"] == attempt


def test_added_headers_are_capped() -> None:
    """However long the reason, the letter grows by less than 16 KiB."""
    letter = to_dead_letter(RECORD, RejectedRecord("é" * 1_000_000), service="s")

    added = sum(len(name) + len(value or b"") for name, value in letter.headers)
    assert added < 16 * 1024


def test_record_that_is_no_record_can_be_a_dead_letter() -> None:
    """A tombstone without timestamp becomes a letter, too."""
    letter = to_dead_letter(
        RECORD._replace(value=None, timestamp_ms=-1), WRONG, service="s"
    )

    assert letter.value is None
    assert letter.timestamp_ms == 0


def test_fingerprint_is_shared_by_one_cause() -> None:
    """Letters that differ in figures alone have one fingerprint."""
    same = fingerprint(RejectedRecord("items[7].quantity is -1"))

    assert fingerprint(WRONG) == same
    assert fingerprint(RejectedRecord("items is empty")) != same


def test_guard_lets_scattered_dead_letters_pass() -> None:
    """Five percent of the newest thousand are business as usual."""
    errors: list[PipelineError | None] = [WRONG, *[None] * 19]

    DeadLetterGuard().check(errors * 100)


def test_guard_stops_at_a_hundred_in_a_row() -> None:
    """99 in a row pass, the next one stops the service before its commit."""
    guard = DeadLetterGuard()
    guard.check([None] * 10_000)
    guard.check([WRONG] * 50)

    with pytest.raises(DeadLetterGuardTripped, match="items"):
        guard.check([WRONG] * 50)


def test_guard_stops_above_five_percent() -> None:
    """51 of the last thousand stop the service, however far apart."""
    guard = DeadLetterGuard()
    guard.check(([WRONG] + [None] * 9) * 5)

    with pytest.raises(DeadLetterGuardTripped, match="51 of the last"):
        guard.check(([WRONG] + [None] * 9) * 46)
