"""What events look like in Python: made by `contracts codegen`, not by hand.

One type a record or enum of the newest versions. A decoded event has every field.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias, TypedDict


class Customer(TypedDict):
    """Who placed the order."""

    id: str
    """The shop's own id of the customer; any non-empty text."""

    name: str
    """Name as the customer writes it; any non-empty Unicode text."""

    email: str
    """Address that the confirmation goes to."""


class LineItem(TypedDict):
    """One line of an order."""

    sku: str
    """Article number; any non-empty text."""

    name: str
    """Article name; any non-empty text."""

    quantity: int
    """Pieces ordered, 1 to 2147483647."""

    unit_price: Decimal
    """Price of one piece in the order's currency, 0.00 to 9999999999.99."""

    discount: Decimal
    """Fraction of the line's price that is taken off, 0.00 to 1.00."""


Currency: TypeAlias = Literal[
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
    "XXX",
]
"""ISO 4217 code. XXX is ISO's "no currency": what a reader sees of a currency that it
does not know yet.
"""


class OrderDetails(TypedDict):
    """An order as the shop took it, not priced yet."""

    order_id: str
    """The shop's own id of the order; also the record's key. Any non-empty text."""

    customer: Customer
    """Who placed the order."""

    items: list[LineItem]
    """The order's lines; at least one."""

    currency: Currency
    """Currency of every unit_price of the order."""

    created_at: datetime
    """When the customer placed the order, in milliseconds since 1970-01-01 UTC."""


class OrderProcessed(TypedDict):
    """An order with its exact total."""

    order_id: str
    """The shop's own id of the order; also the record's key."""

    customer: Customer
    """Who placed the order."""

    item_count: int
    """Number of lines of the order, not of pieces; at least 1."""

    total: Decimal
    """Sum of quantity x unit_price x (1 - discount) over the lines, exact, in the
    order's currency.
    """

    currency: Currency
    """Currency of total."""

    created_at: datetime
    """When the customer placed the order, in milliseconds since 1970-01-01 UTC."""

    processed_at: datetime
    """When the total was computed, in milliseconds since 1970-01-01 UTC."""
