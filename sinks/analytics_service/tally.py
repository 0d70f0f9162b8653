"""What a batch of orders adds to the figures; pure, nothing is read or written."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from registry.serdes import Event
from runtime.errors import RejectedRecord
from sinks.analytics_service.money import units_to_text
from sinks.analytics_service.tables import Clock
from sinks.bulk import Row
from sinks.dead_letters import to_storables

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

_MINUTE_MS = 60_000
# Milliseconds since 1970 UTC: the years 1 to 9999, which are all that a date has.
_FIRST_MS = -62_135_596_800_000
_LAST_MS = 253_402_300_799_999
_PLAIN_BYTES = 36  # a UUID as text
_DIGEST_BYTES = 16

_Facts = tuple[str, str, str, str, int, int, int]
"""Order id, customer's id and name, currency, total, created at, processed at."""
_FACTS = 7


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
    """Adds a batch up: what counts of each order is kept, and summed by columns.

    An order as it was decoded takes several times as much memory as what is kept of
    it, and a batch of them is more than the CPU keeps at hand.
    """

    def __init__(self) -> None:
        self._facts: list[_Facts] = []

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
        customer = order["customer"]
        self._facts.append(
            (
                order["order_id"],
                customer["id"],
                customer["name"],
                order["currency"],
                order["total"],
                created_at,
                processed_at,
            )
        )

    def to_rows(self) -> "TallyRows":
        """Return what is to be added to each table."""
        columns = list(zip(*self._facts, strict=True)) or [()] * _FACTS
        order_ids, ids, names, codes, totals, created, processed = columns
        currencies = _Currencies(codes)
        return TallyRows(
            order_count=len(order_ids),
            order_ids=_order_rows(order_ids),
            customers=_customer_rows(ids, names),
            minutes=[
                *currencies.add_up_minutes(Clock.CREATED_AT, created, totals),
                *currencies.add_up_minutes(Clock.PROCESSED_AT, processed, totals),
            ],
            currencies=currencies.add_up(totals),
        )


class _Currencies:
    """The currencies of a batch, numbered: minute and currency are one whole number.

    Numbers are found and sorted several times as fast as pairs.
    """

    def __init__(self, currencies: Sequence[str]) -> None:
        self._names = sorted(set(currencies))
        numbers = {name: number for number, name in enumerate(self._names)}
        self._numbers = [numbers[each] for each in currencies]

    def add_up(self, totals: Sequence[int]) -> list[Row]:
        """Return currency, orders, revenue."""
        return [
            (self._names[number], count, units_to_text(units))
            for number, count, units in _add_up(self._numbers, totals)
        ]

    def add_up_minutes(
        self, clock: Clock, times_ms: Sequence[int], totals: Sequence[int]
    ) -> list[Row]:
        """Return clock, minute, currency, orders, revenue."""
        names, by = self._names, clock.value
        width = len(names)
        keys = [
            time_ms // _MINUTE_MS * width + number
            for time_ms, number in zip(times_ms, self._numbers, strict=True)
        ]
        return [
            (by, key // width, names[key % width], count, units_to_text(units))
            for key, count, units in _add_up(keys, totals)
        ]


def _add_up(
    keys: Sequence[int], totals: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    """Return each key, how often it is there, and the sum of what stands beside it."""
    counts = Counter(keys)
    sums = dict.fromkeys(counts, 0)
    for key, total in zip(keys, totals, strict=True):
        sums[key] += total
    ascending = sorted(counts)
    return zip(
        ascending,
        map(counts.__getitem__, ascending),
        map(sums.__getitem__, ascending),
        strict=True,
    )


def _order_rows(order_ids: Sequence[str]) -> list[Row]:
    # Ids that are counted up come in runs, which a set would scatter.
    return list(zip(to_keys(list(dict.fromkeys(sorted(order_ids)))), strict=True))


def _customer_rows(ids: Sequence[str], names: Sequence[str]) -> list[Row]:
    newest = dict(zip(ids, names, strict=True))
    counts = Counter(ids)
    customers = sorted(counts)
    return list(
        zip(
            to_keys(customers),
            to_storables(customers),
            to_storables([newest[each] for each in customers]),
            map(counts.__getitem__, customers),
            strict=True,
        )
    )


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
    return to_keys([words])[0]


def to_keys(ids: Sequence[str]) -> list[bytes]:
    """Return the key of each id."""
    keys = [each.encode() for each in ids]
    if max(map(len, keys), default=0) <= _PLAIN_BYTES:
        return keys
    return [each if len(each) <= _PLAIN_BYTES else _shorten(each) for each in keys]


def _shorten(key: bytes) -> bytes:
    # No text begins with this byte.
    return b"\xff" + blake2b(key, digest_size=_DIGEST_BYTES).digest()
