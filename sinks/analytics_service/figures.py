"""What the database says: the figures, read in one consistent state each."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from sinks.analytics_service.money import average, to_text
from sinks.analytics_service.tables import (
    COUNTERS,
    CURRENCIES,
    CUSTOMERS,
    MINUTES,
    REPEATED,
    Clock,
    Store,
)
from sinks.analytics_service.tally import to_minute, to_moment

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteQuery:
    """Which minutes are asked for.

    Attributes:
        by: The time of an order that counts.
        currency: Only this one; None is all.
        first: Orders of this minute and later ones; None is no limit.
        last: Orders before this moment; None is no limit.
        limit: Most rows; the newest are kept.
    """

    by: Clock = Clock.CREATED_AT
    currency: str | None = None
    first: datetime | None = None
    last: datetime | None = None
    limit: int = 10_000


class Figures:
    """The figures of a store, as JSON; money is text with four decimals."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get_totals(self) -> Json:
        """Return orders, revenue and average order, in all and per currency."""
        with self._store.database.reading() as connection:
            rows = connection.execute(select(CURRENCIES).order_by("currency")).all()
            repeated = connection.execute(
                select(COUNTERS.c.value).where(COUNTERS.c.name == REPEATED)
            ).scalar()
            dead_letter_count = self._store.dead_letters.count(connection)
        return {
            "orders": sum(row.order_count for row in rows),
            "revenue": {row.currency: to_text(row.revenue) for row in rows},
            "currencies": [_as_currency(row) for row in rows],
            "repeated_order_ids": repeated or 0,
            "dead_letters": dead_letter_count,
        }

    def get_minutes(self, query: MinuteQuery) -> Json:
        """Return a row a minute and currency, the oldest first."""
        with self._store.database.reading() as connection:
            rows = connection.execute(_minutes_statement(query)).all()
        minutes = [
            {
                "minute": _as_text(to_moment(row.minute)),
                "currency": row.currency,
                "orders": row.order_count,
                "revenue": to_text(row.revenue),
            }
            for row in reversed(rows)
        ]
        return {"by": query.by.value, "minutes": minutes}

    def get_customers(self, limit: int) -> Json:
        """Return who ordered most often, the most frequent first."""
        customer = CUSTOMERS.c
        query = (
            select(customer.customer_id, customer.name, customer.order_count)
            .order_by(customer.order_count.desc(), customer.customer_key)
            .limit(limit)
        )
        with self._store.database.reading() as connection:
            rows = connection.execute(query).all()
        customers = [
            {"customer_id": row[0], "name": row[1], "orders": row[2]} for row in rows
        ]
        return {"customers": customers}

    def get_dead_letters(self) -> Json:
        """Return the dead letters by cause, the most frequent first."""
        with self._store.database.reading() as connection:
            return {"causes": _find_causes(self._store, connection)}


def _find_causes(store: Store, connection: Connection) -> list[Json]:
    return [
        {
            "fingerprint": cause["fingerprint"],
            "error": cause["error"],
            "example": cause["example"],
            "count": cause["count"],
            "newest_at": _as_text(
                datetime.fromtimestamp(cause["newest_ms"] / 1e3, UTC)
            ),
        }
        for cause in store.dead_letters.find_causes(connection)
    ]


def _minutes_statement(query: MinuteQuery) -> Select[Any]:
    row = MINUTES.c
    statement = select(MINUTES).where(row.clock == query.by.value)
    if query.currency is not None:
        statement = statement.where(row.currency == query.currency)
    if query.first is not None:
        statement = statement.where(row.minute >= to_minute(query.first))
    if query.last is not None:
        # The minute that begins at `last` is not asked for, one under way is.
        statement = statement.where(row.minute < _minutes_until(query.last))
    return statement.order_by(row.minute.desc(), row.currency.desc()).limit(query.limit)


def _minutes_until(moment: datetime) -> int:
    """Return the first minute that begins at `moment` or later."""
    minute = to_minute(moment)
    return minute if to_moment(minute) == moment else minute + 1


def _as_currency(row: Row[Any]) -> Json:
    revenue: Decimal = row.revenue
    return {
        "currency": row.currency,
        "orders": row.order_count,
        "revenue": to_text(revenue),
        "average": to_text(average(revenue, row.order_count)),
    }


def _as_text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
