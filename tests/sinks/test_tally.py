"""What a batch comes to, before any database."""

from typing import Any

import pytest

from registry.serdes import Event
from runtime.errors import RejectedRecord
from sinks.analytics_service.money import add_texts, units_to_text
from sinks.analytics_service.tally import Tally, TallyRows, to_key

MINUTE_MS = 60_000
LAST_MS = 253_402_300_799_999


def order(**changes: Any) -> Event:  # noqa: ANN401 - any field
    """Return an order with its numbers scaled."""
    return {
        "order_id": "o",
        "customer": {"id": "c", "name": "n"},
        "total": 1,
        "currency": "EUR",
        "created_at": 0,
        "processed_at": 0,
        **changes,
    }


def rows_of(*orders: Event) -> TallyRows:
    """Return what orders come to."""
    tally = Tally()
    for each in orders:
        tally.add(each)
    return tally.to_rows()


def test_an_empty_batch_comes_to_nothing() -> None:
    """No order, no row."""
    rows = rows_of()

    assert rows == TallyRows(
        order_count=0, order_ids=[], customers=[], minutes=[], currencies=[]
    )


def test_orders_are_summed_per_currency_and_per_minute_of_both_clocks() -> None:
    """A minute begins with its first millisecond, before 1970 as well."""
    rows = rows_of(
        order(created_at=-1, processed_at=MINUTE_MS, total=20_000),
        order(created_at=0, processed_at=MINUTE_MS, total=15_001),
        order(created_at=MINUTE_MS - 1, currency="CHF", total=-1),
    )

    assert rows.currencies == [("CHF", 1, "-0.0001"), ("EUR", 2, "3.5001")]
    assert rows.minutes == [
        ("created_at", -1, "EUR", 1, "2.0000"),
        ("created_at", 0, "CHF", 1, "-0.0001"),
        ("created_at", 0, "EUR", 1, "1.5001"),
        ("processed_at", 0, "CHF", 1, "-0.0001"),
        ("processed_at", 1, "EUR", 2, "3.5001"),
    ]


def test_a_customer_has_the_name_of_the_newest_order() -> None:
    """Orders are counted per customer, in the order of their keys."""
    rows = rows_of(
        order(customer={"id": "b", "name": "Old"}),
        order(customer={"id": "a", "name": "A"}),
        order(customer={"id": "b", "name": "New\0"}),
    )

    assert rows.customers == [(b"a", "a", "A", 1), (b"b", "b", "New\u2400", 2)]


def test_an_order_id_that_repeats_has_one_key() -> None:
    """How often ids repeat is the difference to the number of orders."""
    rows = rows_of(order(), order(), order(order_id="p"))

    assert (rows.order_count, rows.order_ids) == (3, [(b"o",), (b"p",)])


@pytest.mark.parametrize("clock", ["created_at", "processed_at"])
@pytest.mark.parametrize("moment", [LAST_MS + 1, -62_135_596_800_001])
def test_a_time_that_no_date_has_is_refused(clock: str, moment: int) -> None:
    """Such an order becomes a dead letter, and nothing of it is counted."""
    tally = Tally()

    with pytest.raises(RejectedRecord, match="no year from 1 to 9999"):
        tally.add(order(**{clock: moment}))

    assert tally.to_rows().order_count == 0


def test_the_last_moment_of_all_is_counted() -> None:
    """9999-12-31T23:59:59.999Z is a time."""
    assert rows_of(order(created_at=LAST_MS)).order_count == 1


def test_a_long_id_is_known_by_a_short_key_of_its_own() -> None:
    """An id of a UUID's length is its own key; a longer one has a digest's."""
    uuid = "0" * 36
    long = {to_key("x" * count) for count in (37, 38, 3000)}

    assert to_key(uuid) == uuid.encode()
    assert {len(each) for each in long} == {17}
    assert len(long) == 3
    assert {each[0] for each in long} == {0xFF}, "no short id begins like that"


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (0, "0.0000"),
        (1, "0.0001"),
        (9_999, "0.9999"),
        (10_000, "1.0000"),
        (-1, "-0.0001"),
        (-10_001, "-1.0001"),
        (10**18 - 1, "99999999999999.9999"),
        (10**30, "1" + "0" * 26 + ".0000"),
    ],
)
def test_an_amount_has_four_decimals(units: int, text: str) -> None:
    """As it is summed and as it is stored."""
    assert units_to_text(units) == text
    assert add_texts(text, "0.0000") == text
