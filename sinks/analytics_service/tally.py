"""What a batch of orders adds to the figures; pure, nothing is read or written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TypeVar

from registry.serdes import Event
from runtime.errors import RejectedRecord
from sinks.analytics_service.money import units_to_text
from sinks.analytics_service.tables import Clock
from sinks.bulk import Row
from sinks.dead_letters import to_storable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

_MINUTE_MS = 60_000
# Milliseconds since 1970 UTC: the years 1 to 9999, which are all that a date has.
_FIRST_MS = -62_135_596_800_000
_LAST_MS = 253_402_300_799_999
_PLAIN_BYTES = 36  # a UUID as text
_DIGEST_BYTES = 16

_Minute = tuple[int, str]
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyRows:
    """The sums of a batch, in an order that every worker keeps to.

    Attributes:
        order_count: Orders of the batch.
        order_ids: The key of each order id, once.
        customers: Key, id, name (that of the newest order), orders.
        minutes: Clock, minute since 1970 UTC, currency, orders, revenue.
        currencies: Currency, orders, revenue.
    """

    order_count: int
    order_ids: Sequence[Row]
    customers: Sequence[Row]
    minutes: Sequence[Row]
    currencies: Sequence[Row]


class Tally:
    """Adds a batch up.

    Sums are lists of a number of orders and what they come to in ten-thousandths.
    """

    def __init__(self) -> None:
        self._order_ids: list[str] = []
        self._created: dict[_Minute, list[int]] = {}
        self._processed: dict[_Minute, list[int]] = {}
        self._customers: dict[str, tuple[str, int]] = {}

    def add(self, order: Event) -> None:
        """Count one more order, whose numbers are scaled.

        Raises:
            RejectedRecord: One of its times is one that no date has.
        """
        created_at, processed_at = order["created_at"], order["processed_at"]
        if not (
            _FIRST_MS <= created_at <= _LAST_MS
            and _FIRST_MS <= processed_at <= _LAST_MS
        ):
            raise RejectedRecord(
                f"created_at is {created_at} ms and processed_at {processed_at}:"
                " one of them is in no year from 1 to 9999"
            )
        self._order_ids.append(order["order_id"])
        currency, total = order["currency"], order["total"]
        _count(self._created, (created_at // _MINUTE_MS, currency), total)
        _count(self._processed, (processed_at // _MINUTE_MS, currency), total)
        customer = order["customer"]
        known = self._customers.get(customer["id"])
        order_count = 1 if known is None else known[1] + 1
        self._customers[customer["id"]] = customer["name"], order_count

    def to_rows(self) -> "TallyRows":
        """Return what is to be added to each table."""
        return TallyRows(
            order_count=len(self._order_ids),
            order_ids=self._order_rows(),
            customers=self._customer_rows(),
            minutes=self._minute_rows(),
            currencies=self._currency_rows(),
        )

    def _order_rows(self) -> list[Row]:
        return [(key,) for key in sorted(map(to_key, set(self._order_ids)))]

    def _customer_rows(self) -> list[Row]:
        return sorted(
            (to_key(each), to_storable(each), to_storable(name), order_count)
            for each, (name, order_count) in self._customers.items()
        )

    def _minute_rows(self) -> list[Row]:
        return [
            *_minutes(Clock.CREATED_AT.value, self._created),
            *_minutes(Clock.PROCESSED_AT.value, self._processed),
        ]

    def _currency_rows(self) -> list[Row]:
        sums: dict[str, list[int]] = {}
        for (_, currency), (order_count, units) in self._processed.items():
            _count(sums, currency, units, order_count)
        return [
            (currency, sums[currency][0], units_to_text(sums[currency][1]))
            for currency in sorted(sums)
        ]


def to_minute(moment: datetime) -> int:
    """Return the minute that the moment belongs to, counted since 1970 UTC."""
    return (moment - EPOCH) // MINUTE


def to_moment(minute: int) -> datetime:
    """Return when a minute begins."""
    return EPOCH + minute * MINUTE


def to_key(words: str) -> bytes:
    """Return what stands for an id: itself if it is short, else its digest.

    An index takes no text of any length. Neighbours stay neighbours: ids that are
    counted up are added at one end of the index, not all over it.
    """
    key = words.encode()
    if len(key) <= _PLAIN_BYTES:
        return key
    # No text begins with this byte.
    return b"\xff" + blake2b(key, digest_size=_DIGEST_BYTES).digest()


def _count(
    sums: dict[Key, list[int]], key: Key, units: int, order_count: int = 1
) -> None:
    found = sums.get(key)
    if found is None:
        sums[key] = [order_count, units]
    else:
        found[0] += order_count
        found[1] += units


def _minutes(clock: str, sums: dict[_Minute, list[int]]) -> list[Row]:
    rows = []
    for key in sorted(sums):
        minute, currency = key
        order_count, units = sums[key]
        rows.append((clock, minute, currency, order_count, units_to_text(units)))
    return rows
