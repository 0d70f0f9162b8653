"""What a batch of orders adds to the figures; pure, nothing is read or written.

Each step goes over the whole batch before the next begins: a function of one order
would cost more than what it does.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TypeVar

from registry.serdes import Event
from sinks.analytics_service.money import units_to_text
from sinks.analytics_service.tables import Clock
from sinks.bulk import Row
from sinks.dead_letters import to_storable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

_CLOCKS = [each.value for each in Clock]
_MINUTE_MS = 60_000
_DIGEST_BYTES = 16

Key = TypeVar("Key", str, tuple[int, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The sums of a batch, as rows in an order that every worker keeps to.

    Attributes:
        order_count: Orders of the batch.
        order_ids: The digest of each order id, once.
        customers: Digest, id, name (that of the newest order), orders.
        minutes: Clock, minute since 1970 UTC, currency, orders, revenue.
        currencies: Currency, orders, revenue.
    """

    order_count: int
    order_ids: Sequence[Row]
    customers: Sequence[Row]
    minutes: Sequence[Row]
    currencies: Sequence[Row]


def tally_up(orders: Sequence[Event]) -> Tally:
    """Return the sums of orders whose numbers are scaled.

    Args:
        orders: Totals in ten-thousandths, times in milliseconds since 1970 UTC.
    """
    currencies = [order["currency"] for order in orders]
    totals = [order["total"] for order in orders]
    return Tally(
        order_count=len(orders),
        order_ids=_order_rows(orders),
        customers=_customer_rows(orders),
        minutes=[
            (clock, minute, currency, count, revenue)
            for clock in _CLOCKS
            for (minute, currency), count, revenue in _sum_up(
                [
                    (order[clock] // _MINUTE_MS, currency)
                    for order, currency in zip(orders, currencies, strict=True)
                ],
                totals,
            )
        ],
        currencies=_sum_up(currencies, totals),
    )


def to_minute(moment: datetime) -> int:
    """Return the minute that the moment belongs to, counted since 1970 UTC."""
    return (moment - EPOCH) // MINUTE


def to_moment(minute: int) -> datetime:
    """Return when a minute begins."""
    return EPOCH + minute * MINUTE


def digest(words: str) -> bytes:
    """Return a key of fixed size for any text."""
    return blake2b(words.encode(), digest_size=_DIGEST_BYTES).digest()


def _order_rows(orders: Sequence[Event]) -> list[Row]:
    digests = {digest(order["order_id"]) for order in orders}
    return [(each,) for each in sorted(digests)]


def _customer_rows(orders: Sequence[Event]) -> list[Row]:
    customers = [order["customer"] for order in orders]
    counts = Counter([each["id"] for each in customers])
    names = {each["id"]: each["name"] for each in customers}
    return sorted(
        (digest(each), to_storable(each), to_storable(names[each]), count)
        for each, count in counts.items()
    )


def _sum_up(keys: Sequence[Key], totals: Sequence[int]) -> list[tuple[Key, int, str]]:
    """Return, per key in their order, how often it is there and what it comes to."""
    counts = Counter(keys)
    sums: defaultdict[Key, int] = defaultdict(int)
    for key, total in zip(keys, totals, strict=True):
        sums[key] += total
    return [(key, counts[key], units_to_text(sums[key])) for key in sorted(counts)]
