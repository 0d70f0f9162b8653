"""Databases that another version of the software has written."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from operations.stack import Addresses
from registry.errors import ConfigError
from sinks.analytics_service.tables import open_store
from sinks.database import Database
from sinks.notification_service.ledger import Ledger
from sinks.shape import VERSION
from tests import services
from tests.sinks.orders import TOPIC

GROUP = "analytics"
TO_FIRST_VERSION = (
    "ALTER TABLE offsets DROP COLUMN topic_id",
    "DROP TABLE accord_shape",
    "INSERT INTO offsets VALUES ('analytics', 'order-processed', 0, 7)",
)
TO_LATER_VERSION = ("UPDATE accord_shape SET version = version + 1",)
TO_TOO_OLD = ("ALTER TABLE customer_totals DROP COLUMN customer_id",)

Contents = tuple[dict[str, list[str]], list[tuple[object, ...]]]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Return a database with the tables of analytics-service."""
    create_tables(database_url)
    database = Database(database_url)
    with closing(database):
        yield database


def create_tables(url: str) -> None:
    """Do what analytics-service does at its start."""
    store = open_store(url, group=GROUP)
    with closing(store.database):
        store.create_tables()


def change(database: Database, *statements: str) -> None:
    """Make a database what another version left."""
    with database.writing() as connection:
        for each in statements:
            connection.execute(text(each))


def contents(database: Database) -> Contents:
    """Return the tables with their columns, and the offsets."""
    with database.reading() as connection:
        inspector = inspect(connection)
        tables = {
            name: [each["name"] for each in inspector.get_columns(name)]
            for name in sorted(inspector.get_table_names())
        }
        offsets = connection.execute(text("SELECT * FROM offsets")).all()
    return tables, [tuple(each) for each in offsets]


def find_offset(url: str, topic_id: str) -> dict[tuple[str, int], int]:
    """Return where analytics-service goes on in a topic of that id."""
    store = open_store(url, group=GROUP, find_topic_ids=lambda _: {TOPIC: topic_id})
    with closing(store.database):
        return store.offsets.find([(TOPIC, 0)])


def test_first_version_is_brought_up_to_date(
    database: Database, database_url: str
) -> None:
    """Its tables have the columns of today, and its offsets count."""
    shape_today, _ = contents(database)
    change(database, *TO_FIRST_VERSION)

    create_tables(database_url)

    assert contents(database) == (shape_today, [(GROUP, TOPIC, 0, 7, None)])
    assert find_offset(database_url, "any") == {(TOPIC, 0): 7}


def test_both_sinks_may_share_a_database_of_the_first_version(
    database: Database, database_url: str
) -> None:
    """Whoever comes second finds it up to date and adds its own tables."""
    change(database, *TO_FIRST_VERSION)
    create_tables(database_url)
    ledger = Ledger(database_url, group="notification")

    with closing(ledger):
        ledger.create_tables()

    assert "letters" in contents(database)[0]


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (TO_LATER_VERSION, f"version {VERSION + 1}, and this Accord knows"),
        (TO_TOO_OLD, "customer_totals .* it has no column customer_id"),
        ((*TO_FIRST_VERSION, *TO_TOO_OLD), "it has no column customer_id"),
    ],
    ids=["later", "too old", "too old without a version"],
)
def test_what_does_not_fit_is_refused_and_stays_as_it_is(
    statements: tuple[str, ...],
    reason: str,
    database: Database,
    database_url: str,
) -> None:
    """Neither a table nor a column is added, and no row is changed."""
    change(database, *statements)
    before = contents(database)

    with pytest.raises(ConfigError, match=reason) as caught:
        create_tables(database_url)

    assert caught.value.exit_code == 78
    assert contents(database) == before


@pytest.mark.parametrize("service", ["analytics-service", "notification-service"])
def test_service_on_a_later_database_ends_with_78(
    service: str,
    stack: Addresses,
    tmp_path: Path,
) -> None:
    """One sentence says what is wrong, where, and what to do."""
    url = f"sqlite:///{tmp_path / 'later.db'}"
    create_tables(url)
    database = Database(url)
    with closing(database):
        change(database, *TO_LATER_VERSION)
        before = contents(database)

        with services.running(
            service,
            *("--bootstrap-servers", stack.bootstrap_servers),
            *("--registry-url", stack.registry_url, "--database", url),
            folder=tmp_path,
        ) as child:
            status = child.wait(timeout_s=60)

        assert (status, contents(database)) == (78, before)
    assert f"{url} has tables of version {VERSION + 1}" in child.read_log()
    assert "name another with --database" in child.read_log()
