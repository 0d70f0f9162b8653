"""A topic that is deleted and created again while a sink is away."""

import mailbox
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from operations.stack import Addresses
from operations.stack.topics import create_and_wait
from registry.serdes import Event
from runtime.config import KafkaSettings
from sinks.analytics_service.figures import Figures
from sinks.analytics_service.tables import open_store
from tests.sinks.conftest import Run
from tests.sinks.orders import order, revenue_of

BEFORE = [order(each) for each in range(300)]
AFTER = [order(each) for each in range(300, 1300)]


@pytest.fixture
def create_again(pipeline: Addresses, topic: str) -> Callable[[], None]:
    """Return what deletes the topic with its orders and creates it empty."""
    servers = pipeline.bootstrap_servers

    def delete_and_create() -> None:
        admin = AdminClient({"bootstrap.servers": servers})
        admin.delete_topics([topic])[topic].result(30)
        kafka = KafkaSettings(bootstrap_servers=servers)
        create_and_wait(kafka, [NewTopic(topic, num_partitions=3)])

    return delete_and_create


@pytest.fixture
def live_on(
    send: Callable[[Sequence[Event]], None],
    create_again: Callable[[], None],
    run: Run,
) -> Callable[..., str]:
    """Return what lets a service read orders, and more of them in a new topic."""

    def read_both(service: str, *flags: str) -> str:
        send(BEFORE)
        with run(service, "--until-idle", "2", *flags) as first:
            assert first.wait(timeout_s=120) == 0, first.read_log()
        create_again()
        send(AFTER)
        with run(service, "--until-idle", "2", *flags) as second:
            assert second.wait(timeout_s=120) == 0, second.read_log()
        return second.read_log()

    return read_both


def test_analytics_counts_every_order_of_a_topic_that_was_created_again(
    live_on: Callable[..., str], tmp_path: Path
) -> None:
    """Also those before the offset that it had reached in the former one."""
    url = f"sqlite:///{tmp_path / 'a.db'}"

    said = live_on("analytics-service", "--database", url)

    with closing((store := open_store(url, group="")).database):
        totals = Figures(store).get_totals()
    assert totals["orders"] == len(BEFORE) + len(AFTER)
    assert totals["revenue"] == revenue_of([*BEFORE, *AFTER])
    assert totals["repeated_order_ids"] == 0
    assert "offset.of_another_topic" in said


def test_notification_mails_every_order_of_a_topic_that_was_created_again(
    live_on: Callable[..., str], tmp_path: Path
) -> None:
    """A letter an order, of the former topic and of the new one."""
    mail = tmp_path / "mail"
    database = f"sqlite:///{tmp_path / 'n.db'}"

    live_on("notification-service", "--mail", f"maildir:{mail}", "--database", database)

    letters = [each["To"] for each in mailbox.Maildir(mail, create=False)]
    expected = [each["customer"]["email"] for each in (*BEFORE, *AFTER)]
    assert len(letters) == len(expected)
    assert all(any(want in letter for letter in letters) for want in expected)
