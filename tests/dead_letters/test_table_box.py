"""Dead letters of the sinks: each processed once more, in the sink's own database."""

import mailbox
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import Connection

from operations.dead_letters import Outcome, Selection, Settled, TableBox, drop, settle
from operations.dead_letters.errors import BoxInUse
from operations.dead_letters.marks import Marks
from operations.dead_letters.settling import find_open, replay
from operations.dead_letters.sinks_again import (
    OpenSink,
    Post,
    open_analytics,
    open_notifications,
)
from operations.stack import Addresses
from registry.catalog import load_catalog
from registry.errors import ConfigError
from registry.serdes import Event, Serializer
from runtime.config import RegistrySettings
from runtime.errors import MailRefused, RejectedRecord
from runtime.records import Record
from runtime.registry import connect_registry
from schemas import CONTRACTS
from sinks.analytics_service.figures import Figures
from sinks.analytics_service.sink import NUMBERS, AnalyticsSink
from sinks.analytics_service.tables import Store, open_store
from sinks.notification_service.ledger import Ledger
from sinks.notification_service.letter import Composer, Letter, parse_sender
from sinks.notification_service.mailer import Mailer
from sinks.notification_service.sink import LetterSource, NotificationSink, Policy
from tests.dead_letters import dying_replay
from tests.dead_letters.conftest import Dlq
from tests.services import running_command
from tests.sinks.orders import TOPIC, deserializer, order, record, records, revenue_of

GROUP = "group"
COMPOSER = Composer(parse_sender("shop@shop.example"))


class Killed(BaseException):
    """The process ends here; nothing after it is done."""


class Postman:
    """A mail server that refuses the letters to some people."""

    leaves_doubt = True

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.arrived: list[str] = []
        self.dies_after = False

    def check(self) -> None:
        """Nothing can be wrong."""

    def send(self, letter: Letter) -> None:
        """Deliver the letter, refuse it, or end after it has arrived."""
        if letter.recipient in self.refused:
            raise MailRefused("550 no such user")
        self.arrived.append(letter.recipient)
        if self.dies_after:
            raise Killed

    def send_again(self, letter: Letter) -> None:
        """Deliver it once more."""
        self.send(letter)

    def settle(self) -> None:
        """What has arrived has arrived."""

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """Give the figures' store until the end of the block."""
    store = open_store(url, group=GROUP)
    with closing(store.database):
        store.create_tables()
        yield store


def totals_in(url: str) -> tuple[int, dict[str, str]]:
    """Return the number of orders and the revenue."""
    with opened(url) as store:
        totals = Figures(store).get_totals()
    return totals["orders"], totals["revenue"]


def count_wrongly(url: str, batch: Sequence[Record]) -> None:
    """Let an analytics-service with a bug take a batch: all become dead letters."""

    def reject(*_: object) -> Event:
        raise RejectedRecord("a bug")

    with (
        opened(url) as store,
        patch("sinks.analytics_service.sink.decode_order", reject),
    ):
        sink = AnalyticsSink(store, deserializer(NUMBERS))
        sink.find_start_offsets([(TOPIC, 0)])
        sink.prepare(batch)
        sink.write(batch)


def analytics_box(url: str) -> TableBox:
    """Return the box of a mended analytics-service."""
    open_sink = partial(open_analytics, url, GROUP, deserializer(NUMBERS))
    return TableBox(url, group=GROUP, open_sink=open_sink)


def mail_box(url: str, mailer: Mailer) -> TableBox:
    """Return the box of notification-service with its mailer."""
    post = Post(mailer=mailer, composer=COMPOSER, policy=Policy())
    never = threading.Event()
    open_sink: OpenSink = partial(
        open_notifications, url, GROUP, deserializer(), post=post, stop=never
    )
    return TableBox(url, group=GROUP, open_sink=open_sink)


def send_mail(url: str, mailer: Mailer, batch: Sequence[Record]) -> None:
    """Let notification-service take a batch."""
    ledger = Ledger(url, group=GROUP)
    ledger.create_tables()
    source = LetterSource(deserializer(), COMPOSER)
    sink = NotificationSink(ledger, mailer, source, Policy(), threading.Event())
    sink.find_start_offsets([(TOPIC, 0)])
    sink.prepare(batch)
    assert sink.write(batch) == len(batch)
    sink.close()


def replay_all(box: TableBox, *, max_replays: int = 3) -> list[Settled]:
    """Replay every open letter."""
    letters = find_open(box, Selection())
    decide = replay(box, max_replays=max_replays)
    return list(settle(box, letters, decide, rate=None, stop=threading.Event()))


def replay_and_close(box: TableBox) -> list[Settled]:
    """Hold the box, replay every open letter, and let go."""
    with closing(box):
        box.hold()
        return replay_all(box)


def test_mended_bug_and_a_replay_count_every_order_once(database_url: str) -> None:
    """Replayed twice, by two processes: figures are those of all orders."""
    events = [order(each) for each in range(120)]
    count_wrongly(database_url, records(events))

    first = replay_and_close(analytics_box(database_url))
    second = replay_and_close(analytics_box(database_url))

    assert [each.outcome for each in first] == [Outcome.REPLAYED] * 120
    assert second == []
    assert totals_in(database_url) == (120, revenue_of(events))


def test_letter_is_the_record_as_it_came(database_url: str) -> None:
    """Key, value, headers, place and time, from either database."""
    came = record(7, order(1))._replace(headers=[("a", b"\x00\xff"), ("b", None)])
    count_wrongly(database_url, [came])

    with closing(analytics_box(database_url)) as box:
        letter = next(box.letters())

    assert letter.record == came
    assert (letter.id, letter.state, letter.error) == ("1", "open", "RejectedRecord")
    assert (letter.schema_id, letter.service, letter.message) == ("7", GROUP, "a bug")


def test_offsets_of_the_service_are_not_touched(database_url: str) -> None:
    """The service goes on where it was, whatever is replayed."""
    count_wrongly(database_url, records([order(1), order(2)]))

    replay_and_close(analytics_box(database_url))

    with opened(database_url) as store:
        assert store.offsets.find([(TOPIC, 0)]) == {(TOPIC, 0): 2}


def test_record_that_would_fail_again_is_kept(database_url: str) -> None:
    """Nothing is marked, nothing counted; the others are."""
    count_wrongly(database_url, [record(0, value=b"?"), record(1, order(1))])

    settled = replay_and_close(analytics_box(database_url))

    assert {each.outcome for each in settled} == {None, Outcome.REPLAYED}
    assert any(
        "it would fail again: not in the Conf" in each.reason for each in settled
    )
    with closing(analytics_box(database_url)) as box:
        assert [each.state for each in box.letters()] == ["open", "replayed"]


def test_dropped_letters_are_never_replayed(database_url: str) -> None:
    """They are still there to be looked at."""
    count_wrongly(database_url, records([order(1), order(2)]))
    chosen = Selection(ids=frozenset({"1"}))
    with closing(TableBox(database_url, group=GROUP)) as box:
        box.hold()
        letters = find_open(box, chosen)
        stop = threading.Event()
        dropped = list(settle(box, letters, drop, rate=None, stop=stop))

    replayed = replay_and_close(analytics_box(database_url))

    assert [each.outcome for each in dropped] == [Outcome.DROPPED]
    assert [each.letter.id for each in replayed] == ["2"]
    assert totals_in(database_url)[0] == 1


def test_second_replay_at_the_same_time_is_refused(database_url: str) -> None:
    """It says so instead of waiting; when the first has ended it may."""
    count_wrongly(database_url, records([order(1)]))
    with closing(analytics_box(database_url)) as first:
        first.hold()
        with closing(analytics_box(database_url)) as second, pytest.raises(BoxInUse):
            second.hold()

    assert len(replay_and_close(analytics_box(database_url))) == 1


@pytest.mark.parametrize("outcome", list(Outcome))
def test_letter_settled_meanwhile_is_left_alone(
    database_url: str, outcome: Outcome
) -> None:
    """Even without the lock the mark lets only one of two through."""
    count_wrongly(database_url, records([order(1)]))
    with closing(analytics_box(database_url)) as box:
        stale = list(box.letters())
        with closing(analytics_box(database_url)) as rival:
            rival.settle(stale, Outcome.REPLAYED)

        settled = box.settle(stale, outcome)

    assert [(each.outcome, each.reason) for each in settled] == [
        (None, "settled already")
    ]
    assert totals_in(database_url)[0] == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_replay_that_ends_within_its_transaction_leaves_nothing(
    database_url: str, moment: str
) -> None:
    """Figures and mark are written together: the next replay counts it, once."""
    count_wrongly(database_url, records([order(1)]))
    move = Marks.move

    def die(self: Marks, connection: Connection, offsets: dict[object, int]) -> None:
        if moment == "after":
            move(self, connection, offsets)  # type: ignore[arg-type] # as it is called
        raise Killed

    with (
        patch.object(Marks, "move", die),
        pytest.raises(Killed),
        closing(analytics_box(database_url)) as box,
    ):
        replay_all(box)
    before = totals_in(database_url)[0]
    replay_and_close(analytics_box(database_url))

    assert before == 0
    assert totals_in(database_url)[0] == 1


def test_letters_of_another_group_are_not_ours(database_url: str) -> None:
    """Two services may share a database."""
    count_wrongly(database_url, records([order(1)]))

    with closing(TableBox(database_url, group="other")) as box:
        assert list(box.letters()) == []


def test_many_letters_are_read_page_by_page(database_url: str) -> None:
    """Each once, the oldest first."""
    count_wrongly(database_url, records([order(each) for each in range(250)]))

    with closing(analytics_box(database_url)) as box:
        offsets = [each.record.offset for each in box.letters()]

    assert offsets == list(range(250))


def test_refused_mail_is_sent_once_when_its_address_is_mended(
    database_url: str,
) -> None:
    """The order has a letter that was refused: a replay claims it anew, once."""
    postman = Postman("zoe1@shop.example")
    send_mail(database_url, postman, records([order(0), order(1), order(2)]))
    postman.refused = ()

    first = replay_and_close(mail_box(database_url, postman))
    second = replay_and_close(mail_box(database_url, postman))

    assert [each.outcome for each in first] == [Outcome.REPLAYED]
    assert second == []
    assert sorted(postman.arrived) == [f"zoe{each}@shop.example" for each in range(3)]
    with closing(Ledger(database_url, group=GROUP)) as ledger:
        ledger.create_tables()
        assert ledger.count_by_state()["sent"] == 3


def test_order_that_has_its_mail_meanwhile_gets_no_other(database_url: str) -> None:
    """One mail an order: the letter is marked and nothing is sent."""
    postman = Postman()
    with patch.object(LetterSource, "__call__", side_effect=RejectedRecord("a bug")):
        send_mail(database_url, postman, records([order(1)]))
    send_mail(database_url, postman, [record(1, order(1))])

    settled = replay_and_close(mail_box(database_url, postman))

    assert [each.outcome for each in settled] == [Outcome.REPLAYED]
    assert postman.arrived == ["zoe1@shop.example"]


def test_mail_that_is_refused_again_comes_back(database_url: str) -> None:
    """As a new dead letter that counts its replays, until there were enough."""
    postman = Postman("zoe1@shop.example")
    send_mail(database_url, postman, records([order(1)]))

    with closing(mail_box(database_url, postman)) as box:
        box.hold()
        reasons = [replay_all(box, max_replays=2)[0].reason for _ in range(3)]

    assert reasons == [
        "it came back as dead letter 2",
        "it came back as dead letter 3",
        "replayed 2 times already",
    ]
    assert postman.arrived == []


def test_mail_sent_by_a_replay_that_is_killed_is_in_doubt(database_url: str) -> None:
    """The next replay sends it again, with the same Message-ID: the service's rule."""
    postman = Postman("zoe1@shop.example")
    send_mail(database_url, postman, records([order(1)]))
    postman.refused, postman.dies_after = (), True
    with pytest.raises(Killed), closing(mail_box(database_url, postman)) as box:
        replay_all(box)
    postman.dies_after = False

    settled = replay_and_close(mail_box(database_url, postman))

    assert [each.outcome for each in settled] == [Outcome.REPLAYED]
    assert postman.arrived == ["zoe1@shop.example"] * 2


def test_database_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    """A mistyped path is told, not filled."""
    path = tmp_path / "nowhere.db"

    with pytest.raises(ConfigError, match="there is no database"):
        next(TableBox(f"sqlite:///{path}", group=GROUP).letters())

    assert not path.exists()


@pytest.fixture
def written(pipeline: Addresses) -> Callable[[Sequence[Event]], list[Record]]:
    """Return what writes events as the shared registry knows their contract."""
    contract = load_catalog(CONTRACTS).get_contract("order-processed-value")
    with connect_registry(RegistrySettings(url=pipeline.registry_url)) as registry:
        serialize = Serializer(registry, contract, contract.newest.version)

    def write(events: Sequence[Event]) -> list[Record]:
        return [record(n, value=serialize(each)) for n, each in enumerate(events)]

    return write


Written = Callable[[Sequence[Event]], list[Record]]


@pytest.mark.parametrize("moment", ["mark:after", "mark:committed"])
def test_killed_replay_of_figures_is_gone_on_with(
    tmp_path: Path,
    pipeline: Addresses,
    written: Written,
    run_pipeline: Dlq,
    moment: str,
) -> None:
    """Killed with the third letter; the command run again counts the rest, once."""
    url = f"sqlite:///{tmp_path / 'analytics.db'}"
    events = [order(each) for each in range(5)]
    count_wrongly(url, written(events))
    words = ["dlq", "replay", "--service", "analytics-service", "--database", url]
    words += ["--group", GROUP, "--registry-url", pipeline.registry_url]

    status = _die_at(moment, words, tmp_path)
    before = totals_in(url)[0]
    ended = run_pipeline(*words, "--format", "json")

    assert status == 137
    assert before == {"mark:after": 2, "mark:committed": 3}[moment]
    assert (ended.status, ended.json["replayed"]) == (0, 5 - before)
    assert totals_in(url) == (5, revenue_of(events))


def test_killed_replay_of_mail_delivers_each_letter_once(
    tmp_path: Path, pipeline: Addresses, written: Written, run_pipeline: Dlq
) -> None:
    """Killed between letter and mark: in a mail folder it is there once."""
    url, mail = f"sqlite:///{tmp_path / 'notification.db'}", tmp_path / "mail"
    with patch.object(LetterSource, "__call__", side_effect=RejectedRecord("a bug")):
        send_mail(url, Postman(), written([order(each) for each in range(5)]))
    words = ["dlq", "replay", "--service", "notification-service", "--database", url]
    words += ["--group", GROUP, "--registry-url", pipeline.registry_url]
    words += ["--mail", f"maildir:{mail}"]

    status = _die_at("mark:after", words, tmp_path)
    ended = run_pipeline(*words)
    again = run_pipeline(*words)

    assert status == 137
    assert (ended.status, again.output) == (0, "nothing settled, 0 kept\n")
    folder = mailbox.Maildir(mail, create=False)
    assert sorted(parseaddr(str(each["To"]))[1] for each in folder) == [
        f"zoe{each}@shop.example" for each in range(5)
    ]


def _die_at(moment: str, words: list[str], folder: Path) -> int:
    """Run a victim until it dies; return its exit status."""
    command = [sys.executable, dying_replay.__file__, moment, *words]
    with running_command("victim", command, folder=folder) as victim:
        return victim.wait(timeout_s=60)
