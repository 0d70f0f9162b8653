"""Claim, send, mark: one letter an order, whatever ends between two of them."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from registry.errors import PipelineError
from runtime.errors import (
    DatabaseUnavailable,
    DeadLetterGuardTripped,
    MailInDoubt,
    MailRefused,
    MailUnavailable,
    OffsetsTaken,
)
from runtime.records import Record
from sinks.notification_service.ledger import Ledger, Progress, State
from sinks.notification_service.letter import Composer, Letter, parse_sender
from sinks.notification_service.maildir import Maildir
from sinks.notification_service.plan import InDoubt
from sinks.notification_service.sink import LetterSource, NotificationSink, Policy
from tests.sinks.orders import TOPIC, deserializer, order, record, records

Failure = PipelineError | type[BaseException] | None


class Killed(BaseException):
    """The process ends here; nothing after it is done."""


class Postman:
    """A mail server that fails as told, letter by letter."""

    leaves_doubt = True

    def __init__(self, *failures: Failure, arrives: bool = False) -> None:
        self.arrived: list[str] = []
        self.failures = list(failures)
        self._arrives = arrives

    def check(self) -> None:
        """Nothing can be wrong."""

    def send(self, letter: Letter) -> None:
        """Deliver the letter, or fail; if told so, after it has arrived."""
        failure = self.failures.pop(0) if self.failures else None
        if failure is None or self._arrives:
            self.arrived.append(letter.message_id)
        if failure is not None:
            raise failure

    def send_again(self, letter: Letter) -> None:
        """Deliver it, or fail."""
        self.send(letter)

    def settle(self) -> None:
        """What has arrived has arrived."""

    def close(self) -> None:
        """Nothing is open."""


class BlindLedger(Ledger):
    """A ledger that does not see what another worker is just claiming."""

    def find_states(self, keys: Sequence[bytes]) -> dict[bytes, State]:
        """Find nothing."""
        del keys
        return {}


class MortalLedger(Ledger):
    """A ledger whose process ends at its nth write, before or after it."""

    deadly_write = 0
    moment = "before"

    def write(self, progress: Progress) -> None:
        """Write, unless this is the end."""
        self.deadly_write -= 1
        if self.deadly_write == 0 and self.moment == "before":
            raise Killed
        super().write(progress)
        if self.deadly_write == 0:
            raise Killed


@contextmanager
def sink_on(
    url: str,
    mailer: Postman | Maildir,
    *,
    in_doubt: InDoubt = InDoubt.RESEND,
    ledger_type: type[Ledger] = Ledger,
) -> Iterator[NotificationSink]:
    """Give a sink of a new process on a database."""
    ledger = ledger_type(url, group="notification")
    ledger.create_tables()
    sink = NotificationSink(
        ledger,
        mailer,
        LetterSource(deserializer(), Composer(parse_sender("shop@example.com"))),
        Policy(in_doubt=in_doubt),
        threading.Event(),
    )
    with closing(sink):
        sink.find_start_offsets([(TOPIC, 0)])
        yield sink


def write(sink: NotificationSink, batch: list[Record]) -> int:
    """Prepare and write a batch."""
    sink.prepare(batch)
    return sink.write(batch)


@contextmanager
def look_into(url: str) -> Iterator[Ledger]:
    """Give the ledger as another process sees it."""
    ledger = Ledger(url, group="notification")
    with closing(ledger):
        yield ledger


BATCH = records(order(each) for each in range(4))


def test_each_order_gets_one_letter(database_url: str) -> None:
    """In the order of the records, and the offset follows."""
    postman = Postman()
    with sink_on(database_url, postman) as sink:
        assert write(sink, BATCH) == 4

    assert len(set(postman.arrived)) == len(postman.arrived) == 4
    with look_into(database_url) as ledger:
        assert ledger.count_by_state()["sent"] == 4
        assert ledger.find_start_offsets([(TOPIC, 0)]) == {(TOPIC, 0): 4}
        assert len(ledger.find_newest(2)) == 2


def test_two_records_with_one_order_id_get_one_letter(database_url: str) -> None:
    """In one batch or in two."""
    postman = Postman()
    with sink_on(database_url, postman) as sink:
        write(sink, records([order(1), order(1), order(2)]))
        write(sink, [record(3, order(2))])

    assert len(postman.arrived) == 2


def test_a_record_that_cannot_be_used_is_a_dead_letter(database_url: str) -> None:
    """Bad bytes, an unknown currency and a hopeless address, between good orders."""
    nobody = {"id": "1", "name": "n", "email": "nobody"}
    batch = [
        record(0, order(0)),
        record(1, value=b"?"),
        record(2, order(2, currency="XXX")),
        record(3, order(3, customer=nobody)),
        record(4, order(4)),
    ]
    postman = Postman()
    with sink_on(database_url, postman) as sink:
        errors = sink.prepare(batch)
        assert sink.write(batch) == 5

    assert [each is None for each in errors] == [True, False, False, False, True]
    assert len(postman.arrived) == 2
    with look_into(database_url) as ledger:
        assert ledger.count_dead_letters() == 3


def test_a_letter_refused_for_ever_is_a_dead_letter(database_url: str) -> None:
    """Once; the letters around it go out."""
    postman = Postman(None, MailRefused("550 unknown"))
    with sink_on(database_url, postman) as sink:
        assert write(sink, BATCH) == 4

    assert len(postman.arrived) == 3
    with look_into(database_url) as ledger:
        assert ledger.count_dead_letters() == 1
        assert ledger.count_by_state()["refused"] == 1


def test_a_server_that_takes_no_mail_loses_and_doubles_none(database_url: str) -> None:
    """The batch is written again from where it stopped; nothing is in doubt."""
    down = MailUnavailable("smtp://mail:25", "down")
    postman = Postman(None, None, down, down)
    with sink_on(database_url, postman, in_doubt=InDoubt.SKIP) as sink:
        sink.prepare(BATCH)
        with pytest.raises(MailUnavailable):
            sink.write(BATCH)
        with pytest.raises(MailUnavailable):
            sink.write(BATCH)
        with look_into(database_url) as ledger:
            assert ledger.count_by_state()["claimed"] == 0
        assert sink.write(BATCH) == 4

    assert len(set(postman.arrived)) == len(postman.arrived) == 4


def test_dead_letters_before_a_pause_are_kept_once(database_url: str) -> None:
    """Writing the rest of a batch does not write its beginning again."""
    batch = [record(0, value=b"?"), record(1, order(1)), record(2, order(2))]
    postman = Postman(None, MailUnavailable("smtp://mail:25", "down"))
    with sink_on(database_url, postman) as sink:
        sink.prepare(batch)
        with pytest.raises(MailUnavailable):
            sink.write(batch)
        assert sink.write(batch) == 3

    with look_into(database_url) as ledger:
        assert ledger.count_dead_letters() == 1


def test_a_server_that_refuses_every_letter_drains_nothing(database_url: str) -> None:
    """After 51 refusals (5 % of 1,000) the service stops; the rest stays unsent."""
    postman = Postman(*[MailRefused("550 relaying denied")] * 200)
    batch = records(order(each) for each in range(200))
    with sink_on(database_url, postman) as sink, pytest.raises(DeadLetterGuardTripped):
        write(sink, batch)

    with look_into(database_url) as ledger:
        assert ledger.count_dead_letters() <= 50
        assert ledger.count_by_state()["claimed"] == 0


@pytest.mark.parametrize("deadly_write", [1, 2])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_maildir_has_each_letter_once_after_any_kill(
    deadly_write: int, moment: str, database_url: str, tmp_path: Path
) -> None:
    """Before and after every write of the ledger, whatever is said about doubt."""
    folder = tmp_path / "mail"
    maildir = Maildir(folder)
    maildir.check()
    _run_until_killed(database_url, maildir, deadly_write=deadly_write, moment=moment)

    with sink_on(database_url, maildir, in_doubt=InDoubt.SKIP) as sink:
        rest = _rest_of(sink)
        assert write(sink, rest) == len(rest)

    assert len(list((folder / "new").iterdir())) == 4
    with look_into(database_url) as ledger:
        assert ledger.count_by_state()["sent"] == 4


@pytest.mark.parametrize("deadly_write", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_over_smtp_no_letter_is_lost_and_at_most_one_comes_twice(
    deadly_write: int, moment: str, database_url: str
) -> None:
    """The one that was sent and not marked, under the same Message-ID."""
    postman = Postman()
    _run_until_killed(database_url, postman, deadly_write=deadly_write, moment=moment)

    with sink_on(database_url, postman) as sink:
        write(sink, _rest_of(sink))

    was_sent_unmarked = deadly_write > 1 and moment == "before"
    assert len(set(postman.arrived)) == 4
    assert len(postman.arrived) == (5 if was_sent_unmarked else 4)


@pytest.mark.parametrize(
    ("in_doubt", "copies", "state", "dead_letters"),
    [
        (InDoubt.RESEND, 2, "sent", 0),
        (InDoubt.SKIP, 1, "skipped", 0),
        (InDoubt.DEAD_LETTER, 1, "refused", 1),
    ],
)
def test_the_operator_decides_about_a_letter_in_doubt(
    in_doubt: InDoubt, copies: int, state: str, dead_letters: int, database_url: str
) -> None:
    """After a kill between letter and mark."""
    postman = Postman(Killed, arrives=True)
    with sink_on(database_url, postman) as sink, pytest.raises(Killed):
        write(sink, BATCH[:1])

    with sink_on(database_url, postman, in_doubt=in_doubt) as sink:
        assert write(sink, BATCH[:1]) == 1

    assert len(postman.arrived) == copies
    with look_into(database_url) as ledger:
        assert ledger.count_by_state()[state] == 1
        assert ledger.count_dead_letters() == dead_letters
        assert ledger.find_start_offsets([(TOPIC, 0)]) == {(TOPIC, 0): 1}


def test_a_connection_that_ends_after_the_letter_leaves_doubt(
    database_url: str,
) -> None:
    """The same process then decides as its successor would."""
    postman = Postman(MailInDoubt("smtp://mail:25", "no answer"), arrives=True)
    with sink_on(database_url, postman, in_doubt=InDoubt.SKIP) as sink:
        sink.prepare(BATCH)
        with pytest.raises(MailInDoubt):
            sink.write(BATCH)
        assert sink.write(BATCH) == 4

    assert len(postman.arrived) == 4
    with look_into(database_url) as ledger:
        assert ledger.count_by_state() == {
            "claimed": 0,
            "sent": 3,
            "skipped": 1,
            "refused": 0,
        }


def test_a_worker_that_lost_its_partition_sends_nothing(database_url: str) -> None:
    """Claims and offsets are written together, before the letter goes out."""
    stale_postman = Postman()
    with (
        sink_on(database_url, stale_postman) as stale,
        sink_on(database_url, Postman()) as owner,
    ):
        write(owner, BATCH)
        with pytest.raises(OffsetsTaken):
            write(stale, records([order(7), order(8)]))

    assert stale_postman.arrived == []


def test_an_order_that_another_worker_claims_is_left_to_it(database_url: str) -> None:
    """Records of one order_id may lie in two partitions: only one worker sends."""
    postman = Postman()
    with (
        sink_on(database_url, postman) as first,
        sink_on(database_url, postman, ledger_type=BlindLedger) as second,
    ):
        second.find_start_offsets([(TOPIC, 1)])
        write(first, BATCH)
        with pytest.raises(DatabaseUnavailable, match="claims"):
            write(second, [record(0, order(0), number=1)])

    assert len(postman.arrived) == 4


def test_a_service_that_stops_leaves_the_rest_for_later(database_url: str) -> None:
    """What is written is said, so that the loop goes on there."""
    stop = threading.Event()

    class Stopping(Postman):
        def send(self, letter: Letter) -> None:
            super().send(letter)
            stop.set()

    postman = Stopping()
    with sink_on(database_url, postman) as sink:
        sink._stop = stop  # noqa: SLF001 - the service's own event
        assert write(sink, BATCH) == 1

    with look_into(database_url) as ledger:
        assert ledger.find_start_offsets([(TOPIC, 0)]) == {(TOPIC, 0): 1}


def _run_until_killed(
    url: str, mailer: Postman | Maildir, *, deadly_write: int, moment: str
) -> None:
    with sink_on(url, mailer, ledger_type=MortalLedger) as sink:
        ledger = sink._ledger  # noqa: SLF001 - to end it at a write
        assert isinstance(ledger, MortalLedger)
        ledger.deadly_write, ledger.moment = deadly_write, moment
        try:
            write(sink, BATCH)
        except Killed:
            return


def _rest_of(sink: NotificationSink) -> list[Record]:
    """Return what the loop reads again: from the offset in the database on."""
    offset = sink.find_start_offsets([(TOPIC, 0)]).get((TOPIC, 0), 0)
    return BATCH[offset:]
