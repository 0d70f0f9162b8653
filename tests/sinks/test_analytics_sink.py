"""Figures in a database: exact, once, and together with the offsets."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from registry.errors import NotFramed
from runtime.errors import DatabaseUnavailable, OffsetsTaken, RejectedRecord
from runtime.records import Record
from sinks.analytics_service.figures import Figures, MinuteQuery
from sinks.analytics_service.sink import NUMBERS, AnalyticsSink
from sinks.analytics_service.tables import Clock, Store, open_store
from tests.sinks.orders import TOPIC, deserializer, order, record, records, revenue_of

LARGEST = Decimal("99999999999999.9999")


@contextmanager
def opened(database_url: str) -> Iterator[Store]:
    """Give a store on a database until the end of the block."""
    store = open_store(database_url, group="analytics")
    with closing(store.database):
        store.create_tables()
        yield store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Return a store whose tables exist."""
    with opened(database_url) as store:
        yield store


@pytest.fixture
def rival_store(database_url: str, store: Store) -> Iterator[Store]:
    """Return the same database as another process sees it."""
    with opened(database_url) as rival:
        assert rival is not store
        yield rival


def start(store: Store, *partitions: int) -> AnalyticsSink:
    """Return a sink that has been assigned partitions (0 if none is given)."""
    sink = AnalyticsSink(store, deserializer(NUMBERS))
    sink.find_start_offsets([(TOPIC, each) for each in partitions or (0,)])
    return sink


def write(sink: AnalyticsSink, batch: list[Record]) -> int:
    """Prepare and write a batch."""
    sink.prepare(batch)
    return sink.write(batch)


def test_orders_of_several_batches_add_up_exactly(store: Store) -> None:
    """Count and revenue per currency are those of all orders together."""
    events = [order(each) for each in range(300)]
    batch = records(events)
    sink = start(store)

    write(sink, batch[:120])
    write(sink, batch[120:])

    totals = Figures(store).get_totals()
    assert totals["orders"] == 300
    assert totals["revenue"] == revenue_of(events)
    assert totals["repeated_order_ids"] == totals["dead_letters"] == 0


def test_totals_beyond_a_64_bit_integer_stay_exact(store: Store) -> None:
    """A currency may come to more than 2^63 ten-thousandths, to the last digit."""
    events = [order(each, total=LARGEST, currency="USD") for each in range(100)]
    batch = records(events)
    sink = start(store)

    write(sink, batch[:50])
    write(sink, batch[50:])

    assert int(LARGEST.scaleb(4)) * 100 > 2**63
    assert Figures(store).get_totals()["revenue"] == {"USD": "9999999999999999.9900"}
    minutes = Figures(store).get_minutes(MinuteQuery())["minutes"]
    assert [each["revenue"] for each in minutes] == ["9999999999999999.9900"]


def test_average_order_is_rounded_half_to_even(store: Store) -> None:
    """The average has four decimals; the revenue it comes from is not touched."""
    events = [
        order(each, total=Decimal(units).scaleb(-4), currency="USD")
        for each, units in enumerate([1, 2])
    ]

    write(start(store), records(events))

    assert Figures(store).get_totals()["currencies"] == [
        {"currency": "USD", "orders": 2, "revenue": "0.0003", "average": "0.0002"}
    ]


def test_an_order_counts_in_the_minute_it_belongs_to(store: Store) -> None:
    """However late it comes: created_at and processed_at decide, each for itself."""
    minute = timedelta(minutes=1)
    first = datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    events = [
        order(0, created_at=first + minute, processed_at=first, currency="USD"),
        order(1, created_at=first, processed_at=first, currency="USD"),
    ]

    write(start(store), records(events))

    figures = Figures(store)
    created = figures.get_minutes(MinuteQuery(by=Clock.CREATED_AT))["minutes"]
    processed = figures.get_minutes(MinuteQuery(by=Clock.PROCESSED_AT))["minutes"]
    assert [(each["minute"], each["orders"]) for each in created] == [
        ("1969-12-31T23:59:00Z", 1),
        ("1970-01-01T00:00:00Z", 1),
    ]
    assert [(each["minute"], each["orders"]) for each in processed] == [
        ("1969-12-31T23:59:00Z", 2)
    ]


def test_minutes_are_chosen_by_currency_and_time(store: Store) -> None:
    """`first` is part of what is asked for, `last` is not; the newest are kept."""
    base = datetime(2026, 5, 1, tzinfo=UTC)
    events = [
        order(each, created_at=base + timedelta(minutes=each)) for each in range(12)
    ]
    write(start(store), records(events))

    answer = Figures(store).get_minutes(
        MinuteQuery(
            currency="EUR",
            first=base + timedelta(minutes=4),
            last=base + timedelta(minutes=10),
        )
    )
    newest = Figures(store).get_minutes(MinuteQuery(limit=2))

    assert [each["minute"][11:16] for each in answer["minutes"]] == ["00:04", "00:07"]
    assert [each["minute"][11:16] for each in newest["minutes"]] == ["00:10", "00:11"]


def test_customers_are_ranked_by_their_orders(store: Store) -> None:
    """The most frequent comes first, with the name of the newest order."""
    customers = [{"id": each, "name": "n", "email": ""} for each in ("a", "b", "b")]
    renamed = {**customers[2], "name": "New\0name"}
    events = [
        order(each, customer=customer)
        for each, customer in enumerate([*customers[:2], renamed])
    ]

    write(start(store), records(events))

    assert Figures(store).get_customers(1) == {
        "customers": [{"customer_id": "b", "name": "New\u2400name", "orders": 2}]
    }


def test_an_order_id_seen_before_is_counted_and_named(store: Store) -> None:
    """Two records with one order_id are two orders and one repetition."""
    sink = start(store)

    write(sink, records([order(1), order(2), order(1)]))
    write(sink, [record(3, order(2)), record(4, order(3))])

    totals = Figures(store).get_totals()
    assert (totals["orders"], totals["repeated_order_ids"]) == (5, 2)


def test_a_record_that_cannot_be_used_is_kept_as_it_came(store: Store) -> None:
    """Bad bytes and an unknown currency are dead letters, never revenue."""
    batch = [
        record(0, value=b"\x00\xfe not Avro"[:4]),
        record(1, order(1, currency="XXX")),
        record(2, order(2, currency="USD")),
    ]
    sink = start(store)

    errors = sink.prepare(batch)
    sink.write(batch)

    assert [type(each) for each in errors] == [NotFramed, RejectedRecord, type(None)]
    totals = Figures(store).get_totals()
    assert (totals["orders"], totals["dead_letters"]) == (1, 2)
    with store.database.reading() as connection:
        letter = connection.execute(
            text("SELECT * FROM dead_letters ORDER BY record_offset")
        ).first()
    assert letter is not None
    assert bytes(letter.record_value) == b"\x00\xfe n"
    assert letter.headers == '[["trace", "AP8="]]'
    assert (letter.topic, letter.partition_number, letter.record_offset) == (
        TOPIC,
        0,
        0,
    )
    assert letter.error == "NotFramed"
    causes = Figures(store).get_dead_letters()["causes"]
    assert {each["error"] for each in causes} == {"NotFramed", "RejectedRecord"}


def test_a_batch_of_dead_letters_alone_moves_the_offset(store: Store) -> None:
    """Nothing is read twice for lack of anything to count."""
    write(start(store), [record(4, value=b"?")])

    assert store.offsets.find([(TOPIC, 0)]) == {(TOPIC, 0): 5}


def test_the_database_says_where_to_go_on(database_url: str) -> None:
    """A new process finds the offset after the last order counted."""
    with opened(database_url) as store:
        write(start(store), [record(9, order(1))])

    with opened(database_url) as store:
        found = AnalyticsSink(store, deserializer(NUMBERS)).find_start_offsets(
            [(TOPIC, 0)]
        )

    assert found == {(TOPIC, 0): 10}


def test_of_two_owners_of_a_partition_only_one_counts(
    store: Store, rival_store: Store
) -> None:
    """Who writes second has lost, and nothing of its batch is counted."""
    first, second = start(store), start(rival_store)
    batch = records([order(1), order(2)])
    write(first, batch)

    with pytest.raises(OffsetsTaken):
        write(second, batch)

    assert Figures(store).get_totals()["orders"] == 2


def test_a_stale_owner_loses_also_after_the_first_batch(
    store: Store, rival_store: Store
) -> None:
    """The offset is compared with what this worker wrote last, not with the record."""
    stale, owner = start(store), start(rival_store)
    write(stale, [record(0, order(1))])
    owner.find_start_offsets([(TOPIC, 0)])
    write(owner, [record(1, order(2))])

    with pytest.raises(OffsetsTaken):
        write(stale, [record(1, order(2))])

    assert Figures(store).get_totals()["orders"] == 2


def test_gaps_between_offsets_are_no_loss(store: Store) -> None:
    """Control records of transactions take offsets that no reader sees."""
    sink = start(store)
    write(sink, [record(0, order(1))])

    write(sink, [record(5, order(2))])

    assert store.offsets.find([(TOPIC, 0)]) == {(TOPIC, 0): 6}


def test_a_batch_that_is_lost_leaves_nothing(store: Store, rival_store: Store) -> None:
    """One partition taken rolls back the figures of all others."""
    stale, owner = start(store, 0, 1), start(rival_store, 1)
    write(owner, [record(0, order(1), number=1)])

    with pytest.raises(OffsetsTaken):
        write(stale, [record(0, order(2)), record(0, order(1), number=1)])

    assert Figures(store).get_totals()["orders"] == 1
    assert store.offsets.find([(TOPIC, 0)]) == {}


def test_a_locked_database_is_waited_for(tmp_path: Path) -> None:
    """While another process holds the lock, writing fails and may be tried again."""
    path = tmp_path / "sink.db"
    batch = records([order(1)])
    with opened(f"sqlite:///{path}") as store:
        sink = start(store)
        with closing(sqlite3.connect(path)) as rival:
            rival.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseUnavailable, match="locked"):
                write(sink, batch)

        write(sink, batch)

        assert Figures(store).get_totals()["orders"] == 1


def test_a_database_file_that_is_removed_is_missed(tmp_path: Path) -> None:
    """Nothing goes on being written into a file that nobody can find again."""
    path = tmp_path / "sink.db"
    with opened(f"sqlite:///{path}") as store:
        sink = start(store)
        write(sink, records([order(1)]))
        path.unlink()

        with pytest.raises(DatabaseUnavailable, match="gone"):
            write(sink, [record(1, order(2))])

    assert not path.exists()
