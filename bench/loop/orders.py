"""The orders that every contender prices, and what each must become.

Computed here with fastavro and whole numbers, apart from the product's code. Orders
repeat a few thousand templates; id, key and trace are an order's own.
"""

import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import fastavro

from registry.catalog import load_catalog
from schemas import CONTRACTS

SEED = 20_260_101
TEMPLATES = 20_000
FRAME_BYTES = 5
_OLD_SHARE = 0.2
_DISCOUNTED_SHARE = 0.4
_NAMES = (
    *("Paul Henriot", "Maria Anders", "Ana Trujillo", "Thomas Hardy"),
    *("Zoë Müller-Lüdenscheidt", "Søren Ærø", "山田 太郎"),
)
_ARTICLES = ("Queso Cabrales", "Tofu", "Gnocchi di nonna Alice", "Chai", "Rössle")
_CURRENCIES = (
    *("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "SEK", "NOK"),
    *("DKK", "PLN", "CZK", "INR", "CNY", "BRL"),
)
_START = datetime(2026, 1, 1, tzinfo=UTC)
_ID_LENGTH = b"\x48"  # 36, as Avro writes it

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Who orders, and how quickly one after the other.

    Attributes:
        customers: How many there are, 1 to 100,000.
        gap_ms: Between an order's creation and the next one's.
    """

    customers: int
    gap_ms: int


SHOP = Crowd(customers=1000, gap_ms=20)
"""Fifty orders a second, of customers that come again."""
SCATTERED = Crowd(customers=10**5, gap_ms=500_000)
"""Nothing to sum: nearly every order is of a minute and a customer of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """An order without its id.

    Attributes:
        writer: Index of the schema that wrote it.
        body: What follows its id on the wire.
        priced: What follows the id of what it becomes, up to the time of processing.
    """

    writer: int
    body: bytes
    priced: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Orders by their number, from 0 on.

    Attributes:
        templates: What orders repeat.
        schema_ids: Of the writers, in their order.
    """

    templates: Sequence[Template]
    schema_ids: Sequence[int]

    def records(self, count: int) -> Iterator[tuple[bytes, bytes]]:
        """Yield keys and values."""
        frames = [b"\0" + each.to_bytes(4, "big") for each in self.schema_ids]
        templates = [
            (frames[each.writer] + _ID_LENGTH, each.body) for each in self.templates
        ]
        for number in range(count):
            head, body = templates[number % len(templates)]
            key = key_of(number)
            yield key, head + key + body

    def expected(self, number: int) -> bytes:
        """Return what the order's output is between its frame and its last field."""
        priced = self.templates[number % len(self.templates)].priced
        return _ID_LENGTH + key_of(number) + priced

    def copied(self, number: int) -> bytes:
        """Return the order itself behind its frame."""
        body = self.templates[number % len(self.templates)].body
        return _ID_LENGTH + key_of(number) + body


def key_of(number: int) -> bytes:
    """Return an order's id, which is its key."""
    return b"%08x-0000-4000-8000-%012x" % (number, number)


def number_of(key: bytes) -> int:
    """Return which order has the key."""
    return int(key[:8], 16)


def trace_of(number: int) -> bytes:
    """Return an order's trace."""
    return b"00-%032x-%016x-01" % (number + 1, number + 1)


def processed_schema() -> Schema:
    """Return what orders become."""
    contract = load_catalog(CONTRACTS).get_contract("order-processed-value")
    return dict(contract.newest.schema)


def make_templates(
    writers: Sequence[Schema], lines: tuple[int, int] = (1, 5), crowd: Crowd = SHOP
) -> list[Template]:
    """Return orders of so many lines; those without a discount are of any version.

    Args:
        writers: Schemas, the first of which knows no discount.
        lines: Fewest and most lines of an order.
        crowd: Whose orders they are; all are alike in size.
    """
    chance = random.Random(SEED)  # noqa: S311 - alike in every run
    parsed = [fastavro.parse_schema(dict(each)) for each in writers]
    output = fastavro.parse_schema(processed_schema())
    count = TEMPLATES if lines[1] <= 10 else TEMPLATES // lines[1] * 5  # noqa: PLR2004
    occasions = (_occasion(chance, crowd, number) for number in range(count))
    return [_template(chance, parsed, output, lines, each) for each in occasions]


def _occasion(chance: random.Random, crowd: Crowd, number: int) -> Schema:
    """Return who orders, and when."""
    customer = chance.randrange(crowd.customers)
    return {
        "customer": {
            "id": f"C{customer:05}",
            "name": _NAMES[customer % len(_NAMES)],
            "email": f"customer{customer:05}@shop.example",
        },
        "created_at": _START + timedelta(milliseconds=number * crowd.gap_ms),
    }


def _template(
    chance: random.Random,
    writers: Sequence[Any],
    output: Any,  # noqa: ANN401 - as fastavro parsed it
    lines: tuple[int, int],
    occasion: Schema,
) -> Template:
    is_old = len(writers) == 1 or chance.random() < _OLD_SHARE
    writer = 0 if is_old else chance.randrange(1, len(writers))
    order = _order(chance, chance.randint(*lines), may_be_reduced=not is_old)
    event = {**order, **occasion}
    priced = {
        **event,
        "item_count": len(event["items"]),
        "total": Decimal(_total(event)).scaleb(-4),
        "processed_at": _START,
    }
    last = len(_encode({"type": "long"}, round(_START.timestamp() * 1000)))
    return Template(
        writer=writer,
        body=_encode(writers[writer], event)[1:],
        priced=_encode(output, priced)[1:-last],
    )


def _order(chance: random.Random, line_count: int, *, may_be_reduced: bool) -> Schema:
    return {
        "order_id": "",
        "items": [_line(chance, may_be_reduced) for _ in range(line_count)],
        "currency": chance.choice(
            [
                "USD",
                "EUR",
                "GBP",
                "JPY",
                "CHF",
                "CAD",
                "AUD",
                "SEK",
                "NOK",
                "DKK",
                "PLN",
                "CZK",
                "INR",
                "CNY",
                "BRL",
            ]
        ),
    }


def _line(chance: random.Random, may_be_reduced: bool) -> Schema:  # noqa: FBT001 - a share
    is_reduced = may_be_reduced and chance.random() < _DISCOUNTED_SHARE
    return {
        "sku": str(chance.randrange(10**4)),
        "name": chance.choice(_ARTICLES),
        "quantity": chance.randint(1, 150),
        "unit_price": Decimal(chance.randrange(100, 10**5)).scaleb(-2),
        "discount": Decimal(chance.choice([5, 10, 25]) if is_reduced else 0).scaleb(-2),
    }


def _total(event: Schema) -> int:
    """Return the total in units of its fourth decimal place."""
    return sum(
        line["quantity"]
        * int(line["unit_price"].scaleb(2))
        * (100 - int(line["discount"].scaleb(2)))
        for line in event["items"]
    )


def _encode(schema: Any, event: object) -> bytes:  # noqa: ANN401 - as fastavro parsed it
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, schema, event)
    return buffer.getvalue()
