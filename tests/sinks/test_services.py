"""Both sinks as processes on a real broker: killed, held, shared, drained."""

import mailbox
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from operations.stack import Addresses, wait_for_service
from registry.serdes import Event
from sinks.analytics_service.figures import Figures
from sinks.analytics_service.tables import open_store
from sinks.notification_service.letter import letter_key
from tests import services
from tests.sinks import postgresql
from tests.sinks.conftest import Run
from tests.sinks.mailserver import Inbox, serving
from tests.sinks.orders import order, revenue_of
from tests.sinks.postgresql import wait_until

ANALYTICS = "analytics-service"
NOTIFICATION = "notification-service"
DYING = Path(__file__).with_name("dying_notification.py")


@pytest.fixture(scope="module")
def own_postgresql(
    require_or_skip: Callable[[str], None],
) -> Iterator[postgresql.Server]:
    """Give a PostgreSQL that tests may stop and start."""
    programs = postgresql.find_programs()
    if programs is None:
        require_or_skip("there is no PostgreSQL server")
        return
    with postgresql.run_server(programs) as server:
        yield server


def drain(run: Run, service: str, *flags: str, timeout_s: float = 120) -> None:
    """Run the service until nothing comes any more; it ends with 0."""
    with run(service, "--until-idle", "2", *flags) as child:
        assert child.wait(timeout_s=timeout_s) == 0, child.read_log()


def count_orders(url: str, topic: str) -> int:
    """Return how many orders a database holds; 0 while there is none."""
    store = open_store(url, group=topic)
    with closing(store.database):
        try:
            return int(Figures(store).get_totals()["orders"])
        except Exception:  # noqa: BLE001 - its tables may not be there yet
            return 0


def totals_in(url: str, topic: str) -> tuple[int, dict[str, str], int]:
    """Return orders, revenue and repeated order ids."""
    store = open_store(url, group=topic)
    with closing(store.database):
        totals = Figures(store).get_totals()
    return totals["orders"], totals["revenue"], totals["repeated_order_ids"]


def expected(events: Sequence[Event]) -> tuple[int, dict[str, str], int]:
    """Return what `totals_in` must return."""
    return len(events), revenue_of(events), 0


def message_ids_in(folder: Path) -> list[str]:
    """Return the Message-IDs of a mail folder, sorted."""
    return sorted(each["Message-ID"] for each in mailbox.Maildir(folder, create=False))


def expected_ids(events: Sequence[Event]) -> list[str]:
    """Return a Message-ID an order, sorted."""
    keys = (letter_key(each["order_id"]).hex()[:32] for each in events)
    return sorted(f"<{each}.order-confirmation@localhost>" for each in keys)


EVENTS = [order(each) for each in range(6000)]
FEW = EVENTS[:300]


def test_analytics_counts_answers_and_drains(
    run: Run, send: Callable[[Sequence[Event]], None], topic: str, tmp_path: Path
) -> None:
    """Figures are served while it runs; SIGTERM ends it with 0."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    send(FEW)
    with run(ANALYTICS, "--database", url) as child:
        base = wait_for_service(child)
        wait_until(
            lambda: httpx.get(f"{base}/api/totals").json()["orders"] == len(FEW),
            timeout_s=60,
        )
        wait_until(lambda: len(schema_ids_of(base)) == 1, timeout_s=10)
        child.signal(signal.SIGTERM)

        assert child.wait(timeout_s=30) == 0

    assert totals_in(url, topic) == expected(FEW)


def test_analytics_killed_in_the_middle_counts_each_order_once(
    run: Run, send: Callable[[Sequence[Event]], None], topic: str, tmp_path: Path
) -> None:
    """Twice kill -9, then the totals equal the recomputed ones."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    flags = ("--database", url, "--batch-records", "50")
    send(EVENTS)
    for enough in (1, 2000):
        with run(ANALYTICS, *flags) as child:
            wait_for_count(lambda: count_orders(url, topic), enough)
            child.kill()
    killed_at = count_orders(url, topic)

    drain(run, ANALYTICS, *flags)

    assert killed_at < len(EVENTS), "it was too fast to be killed in the middle"
    assert totals_in(url, topic) == expected(EVENTS)


def test_notification_killed_in_the_middle_mails_each_order_once(
    run: Run, send: Callable[[Sequence[Event]], None], tmp_path: Path
) -> None:
    """Twice kill -9, then one letter an order lies in the Maildir."""
    mail = tmp_path / "mail"
    database = f"sqlite:///{tmp_path / 'n.db'}"
    flags = ("--mail", f"maildir:{mail}", "--database", database)
    send(EVENTS[:3000])
    for enough in (1, 800):
        with run(NOTIFICATION, *flags, "--batch-records", "100") as child:
            wait_for_count(lambda: count_files(mail / "new"), enough)
            child.kill()
    killed_at = count_files(mail / "new")

    drain(run, NOTIFICATION, *flags)

    assert killed_at < 3000, "it was too fast to be killed in the middle"
    assert message_ids_in(mail) == expected_ids(EVENTS[:3000])


def test_over_smtp_a_kill_doubles_at_most_the_letter_in_doubt(
    run: Run, send: Callable[[Sequence[Event]], None], tmp_path: Path
) -> None:
    """Killed while the server is taking a letter: none is lost, one may come twice."""
    inbox = Inbox()
    database = f"sqlite:///{tmp_path / 'n.db'}"
    send(FEW)
    with serving(inbox) as port:
        flags = ("--mail", f"smtp://127.0.0.1:{port}", "--database", database)
        for enough in (1, 50):
            with run(NOTIFICATION, *flags) as child:
                wait_for_count(lambda: len(inbox.envelopes), enough)
                child.kill()

        drain(run, NOTIFICATION, *flags)

    assert sorted(set(inbox.message_ids)) == expected_ids(FEW)
    assert len(inbox.message_ids) <= len(FEW) + 2


@pytest.fixture
def mail_with_a_death(
    pipeline: Addresses,
    run: Run,
    send: Callable[[Sequence[Event]], None],
    topic: str,
    tmp_path: Path,
) -> Callable[[str], list[str]]:
    """Return what mails four orders, killed at a step, and gives what arrived."""
    inbox = Inbox()
    database = ("--database", f"sqlite:///{tmp_path / 'n.db'}")

    def mail(step: str) -> list[str]:
        command = [sys.executable, str(DYING), step, *database]
        command += ["--bootstrap-servers", pipeline.bootstrap_servers]
        command += ["--registry-url", pipeline.registry_url]
        command += ["--input-topic", topic, "--group", topic]
        command += ["--state-dir", str(tmp_path / "slots"), "--session-timeout", "6"]
        send(EVENTS[:4])
        with serving(inbox) as port:
            server = ("--mail", f"smtp://127.0.0.1:{port}")
            command += server
            with services.running_command("dying", command, folder=tmp_path) as child:
                assert child.wait(timeout_s=60) == 128 + signal.SIGKILL
            drain(run, NOTIFICATION, *server, *database)
        return inbox.message_ids

    return mail


@pytest.mark.parametrize(
    ("step", "copies"),
    [
        ("before:claim", 4),
        ("after:claim", 4),
        ("before:send", 4),
        ("after:send", 5),
        ("before:mark", 5),
        ("after:mark", 4),
    ],
)
def test_killed_between_two_steps_only_the_window_doubles_a_letter(
    step: str, copies: int, mail_with_a_death: Callable[[str], list[str]]
) -> None:
    """Between sending and marking lies the one window; else there is no second copy."""
    arrived = mail_with_a_death(step)

    assert sorted(set(arrived)) == expected_ids(EVENTS[:4])
    assert len(arrived) == copies


def test_every_order_is_mailed_once_counted_at_the_server(
    run: Run,
    send: Callable[[Sequence[Event]], None],
    tmp_path: Path,
    soak: bool,  # noqa: FBT001 - a fixture
) -> None:
    """However many there are and however often the server asks to come back later."""
    events = [order(each) for each in range(10_000 if soak else 400)]
    inbox = Inbox(
        rcpt_answers=[*["250 OK"] * 20, "451 later"] * 3,
        data_answers=[*["250 OK"] * 50, "452 later"] * 3,
    )
    database = f"sqlite:///{tmp_path / 'n.db'}"
    send(events)
    with serving(inbox) as port:
        flags = ("--mail", f"smtp://127.0.0.1:{port}", "--database", database)
        drain(run, NOTIFICATION, *flags, timeout_s=600)

    assert sorted(inbox.message_ids) == expected_ids(events)


def test_a_mail_server_that_is_down_is_waited_for(
    run: Run, send: Callable[[Sequence[Event]], None], tmp_path: Path
) -> None:
    """Alive but not ready, nothing drained; once it is up, every letter goes out."""
    inbox = Inbox()
    with serving(Inbox()) as port:
        pass
    send(FEW)
    flags = ("--mail", f"smtp://127.0.0.1:{port}")
    database = f"sqlite:///{tmp_path / 'n.db'}"
    with run(NOTIFICATION, *flags, "--database", database) as child:
        started = child.wait_until(
            lambda: child.find_logged("event", "service.listening"), timeout_s=60
        )
        base = str(started["url"])
        wait_until(lambda: is_holding(base), timeout_s=60)
        alive = httpx.get(f"{base}/livez").status_code
        ready = httpx.get(f"{base}/readyz").status_code
        mails = httpx.get(f"{base}/api/mails").json()
        with serving(inbox, port=port):
            wait_until(lambda: len(inbox.envelopes) >= len(FEW), timeout_s=60)
            child.signal(signal.SIGTERM)
            assert child.wait(timeout_s=30) == 0

    assert (alive, ready) == (200, 503)
    assert (mails["mails"], mails["dead_letters"]) == (0, 0)
    assert sorted(inbox.message_ids) == expected_ids(FEW)


def test_a_wrong_password_drains_nothing(
    run: Run, send: Callable[[Sequence[Event]], None], tmp_path: Path
) -> None:
    """The service holds, the offsets stay, and the log does not hold the password."""
    inbox = Inbox()
    database = f"sqlite:///{tmp_path / 'n.db'}"
    send(FEW)
    with serving(inbox, requires_login=True) as port:
        flags = ("--mail", f"smtp://127.0.0.1:{port}", "--database", database)
        login = ("--smtp-user", "shop", "--smtp-password", "wrong-word")
        with run(NOTIFICATION, *flags, *login) as child:
            held = child.wait_until(
                lambda: child.find_logged("event", "intake.held"), timeout_s=60
            )
            wait_until(lambda: len(inbox.logins) > 2, timeout_s=60)
            log = child.read_log()

        drain(run, NOTIFICATION, *flags, *login[:3], "secret-word")

    assert "535" in str(held["reason"])
    assert "wrong-word" not in log
    assert sorted(inbox.message_ids) == expected_ids(FEW)


def test_a_locked_database_is_waited_for(
    run: Run, send: Callable[[Sequence[Event]], None], topic: str, tmp_path: Path
) -> None:
    """In the middle of a run: held while locked, then everything is counted."""
    path = tmp_path / "a.db"
    url = f"sqlite:///{path}"
    with run(ANALYTICS, "--database", url) as child:
        wait_for_service(child)
        with closing(sqlite3.connect(path)) as rival:
            rival.execute("BEGIN IMMEDIATE")
            send(FEW)
            held = child.wait_until(
                lambda: child.find_logged("event", "intake.held"), timeout_s=60
            )
        wait_until(lambda: count_orders(url, topic) == len(FEW), timeout_s=60)

    assert "locked" in str(held["reason"])
    assert totals_in(url, topic) == expected(FEW)


def test_a_database_that_restarts_counts_each_order_once(
    run: Run,
    send: Callable[[Sequence[Event]], None],
    topic: str,
    own_postgresql: postgresql.Server,
) -> None:
    """A PostgreSQL that crashes in the middle of a load and comes back."""
    url = own_postgresql.url
    flags = ("--database", url, "--batch-records", "50")
    before = count_orders(url, topic)
    send(EVENTS)
    with run(ANALYTICS, *flags) as child:
        wait_until(lambda: count_orders(url, topic) > before, timeout_s=60)
        own_postgresql.stop()
        child.wait_until(
            lambda: child.find_logged("event", "intake.held"), timeout_s=60
        )
        own_postgresql.start()
        wait_until(lambda: count_orders(url, topic) >= len(EVENTS), timeout_s=120)

    assert totals_in(url, topic) == expected(EVENTS)


def test_workers_share_partitions_and_take_over_from_a_killed_one(
    run: Run,
    send: Callable[[Sequence[Event]], None],
    topic: str,
    tmp_path: Path,
) -> None:
    """Two workers on one database, one of them killed for good: each order once."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    flags = ("--database", url, "--batch-records", "20")
    with run(ANALYTICS, *flags) as first, run(ANALYTICS, *flags) as second:
        wait_for_service(first)
        wait_for_service(second)
        send(EVENTS)
        wait_until(lambda: count_orders(url, topic) > 100, timeout_s=60)
        first.kill()
        wait_until(lambda: count_orders(url, topic) >= len(EVENTS), timeout_s=120)

    assert totals_in(url, topic) == expected(EVENTS)


def test_a_topic_full_of_bad_records_is_not_drained(
    run: Run, pipeline: Addresses, topic: str, tmp_path: Path
) -> None:
    """The guard ends the service with 70 before anything is written."""
    services.send_values(pipeline, topic, [(b"k", b"not Avro")] * 400)
    url = f"sqlite:///{tmp_path / 'a.db'}"

    with run(ANALYTICS, "--database", url) as child:
        assert child.wait(timeout_s=60) == 70

    assert "dead letters" in child.read_log()


@pytest.mark.parametrize("service", [ANALYTICS, NOTIFICATION])
def test_a_contract_that_is_not_registered_ends_with_78(
    service: str, run: Run, tmp_path: Path
) -> None:
    """The sentence says which subject and version, and what to run."""
    database = f"sqlite:///{tmp_path / 's.db'}"
    with (
        services.own_registry(tmp_path) as (_, url),
        run(service, "--registry-url", url, "--database", database) as child,
    ):
        status = child.wait(timeout_s=60)

    assert status == 78
    assert "order-processed-value version 1 is not registered" in child.read_log()
    assert "contracts register" in child.read_log()


def wait_for_count(count: Callable[[], int], enough: int) -> None:
    """Return once there are enough."""
    wait_until(lambda: count() >= enough, timeout_s=60)


def count_files(folder: Path) -> int:
    """Return how many files a folder holds; 0 while there is none."""
    return len(list(folder.iterdir())) if folder.exists() else 0


def schema_ids_of(base: str) -> list[int]:
    """Return the schema ids that a service has met, as of about a second ago."""
    return list(httpx.get(f"{base}/status").json().get("schema_ids", []))


def is_holding(base: str) -> bool:
    """Tell whether a service says that it holds."""
    return bool(httpx.get(f"{base}/status").json().get("state") == "holding")
