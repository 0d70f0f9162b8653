"""What a batch of orders adds to the figures; pure, nothing is read or written."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from registry.serdes import Event
from sinks.analytics_service.money import ZERO, add
from sinks.analytics_service.tables import Clock
from sinks.dead_letters import to_storable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

Row = dict[str, Any]


class OrderFact(NamedTuple):
    """What the figures need of an order; minutes are counted since 1970 UTC."""

    order_digest: bytes
    customer_digest: bytes
    customer_id: str
    customer_name: str
    currency: str
    total: Decimal
    created_minute: int
    processed_minute: int


class Sum:
    """A number of orders and what they come to."""

    __slots__ = ("order_count", "revenue")

    def __init__(self) -> None:
        self.order_count = 0
        self.revenue = ZERO

    def add(self, total: Decimal) -> None:
        """Count one more order."""
        self.order_count += 1
        self.revenue = add(self.revenue, total)

    def as_row(self, **key: object) -> Row:
        """Return the row that `key` names."""
        return {**key, "order_count": self.order_count, "revenue": self.revenue}


class Tally:
    """The sums of a batch, as rows in an order that every worker keeps to."""

    def __init__(self, facts: Iterable[OrderFact]) -> None:
        self._currencies: dict[str, Sum] = {}
        self._minutes: dict[tuple[str, int, str], Sum] = {}
        self._customers: dict[bytes, Row] = {}
        self.order_digests: list[bytes] = []
        for fact in facts:
            self._add(fact)
        self.order_digests.sort()

    def currency_rows(self) -> list[Row]:
        """Return a row a currency."""
        return [
            each.as_row(currency=currency)
            for currency, each in sorted(self._currencies.items())
        ]

    def minute_rows(self) -> list[Row]:
        """Return a row a clock, minute and currency."""
        return [
            each.as_row(clock=clock, minute=minute, currency=currency)
            for (clock, minute, currency), each in sorted(self._minutes.items())
        ]

    def customer_rows(self) -> list[Row]:
        """Return a row a customer, with the name of the newest order."""
        return [row for _, row in sorted(self._customers.items())]

    def _add(self, fact: OrderFact) -> None:
        self.order_digests.append(fact.order_digest)
        currency, total = fact.currency, fact.total
        created = (Clock.CREATED_AT.value, fact.created_minute, currency)
        processed = (Clock.PROCESSED_AT.value, fact.processed_minute, currency)
        _sum_of(self._currencies, currency).add(total)
        _sum_of(self._minutes, created).add(total)
        _sum_of(self._minutes, processed).add(total)
        known = self._customers.get(fact.customer_digest)
        self._customers[fact.customer_digest] = {
            "customer_digest": fact.customer_digest,
            "customer_id": fact.customer_id,
            "name": fact.customer_name,
            "order_count": 1 if known is None else known["order_count"] + 1,
        }


def to_fact(order: Event) -> OrderFact:
    """Return what the figures need of a decoded order."""
    customer = order["customer"]
    return OrderFact(
        digest(order["order_id"]),
        digest(customer["id"]),
        to_storable(customer["id"]),
        to_storable(customer["name"]),
        order["currency"],
        order["total"],
        to_minute(order["created_at"]),
        to_minute(order["processed_at"]),
    )


def to_minute(moment: datetime) -> int:
    """Return the minute that the moment belongs to, counted since 1970 UTC."""
    return (moment - EPOCH) // MINUTE


def to_moment(minute: int) -> datetime:
    """Return when a minute begins."""
    return EPOCH + minute * MINUTE


def digest(words: str) -> bytes:
    """Return a key of fixed size for any text."""
    return sha256(words.encode()).digest()


def _sum_of(sums: dict[Any, Sum], key: object) -> Sum:
    found = sums.get(key)
    if found is None:
        found = sums[key] = Sum()
    return found
