"""What must become of an order, worked out in whole numbers.

Money is counted in the smallest unit that the contract has: prices in hundredths,
discounts in hundredths, so that quantity x price x (100 - discount) is the total in
ten-thousandths without any rounding.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from operations.verify.decoding import Event

_TOTAL_DIGITS = 18
_LARGEST_PRICE = 10**12 - 1


class Customer(NamedTuple):
    """Who placed an order."""

    id: str
    name: str
    email: str


class Line(NamedTuple):
    """A line of an order; price and discount in hundredths."""

    sku: str
    name: str
    quantity: int
    unit_price: int
    discount: int


class Order(NamedTuple):
    """An order as it was placed."""

    order_id: str
    customer: Customer
    items: tuple[Line, ...]
    currency: str
    created_at: datetime


class Priced(NamedTuple):
    """What an order becomes; the total in ten-thousandths."""

    order_id: str
    customer: Customer
    item_count: int
    total: int
    currency: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What makes an order one that cannot be priced.

    Attributes:
        currencies: Those that a total may be in.
    """

    currencies: Collection[str]

    def find_refusal(self, order: Order) -> str:
        """Return why the order must become a dead letter, or ""."""
        if order.currency not in self.currencies:
            return f"currency {order.currency} is none that the readers know"
        if not order.order_id:
            return "order_id is empty"
        if not order.items:
            return "it has no items"
        for number, line in enumerate(order.items):
            reason = _find_line_refusal(line)
            if reason:
                return f"items[{number}]: {reason}"
        total = price(order).total
        if abs(total) >= 10**_TOTAL_DIGITS:
            return f"total {in_units(total)} does not fit decimal(18,4)"
        return ""

    def find_excuse(self, order: Order) -> str:
        """Return why the order may be a dead letter though it can be priced, or ""."""
        texts = [*order.customer]
        texts += [text for line in order.items for text in (line.sku, line.name)]
        if not all(texts):
            return "a text that must not be empty is empty"
        if any(line.unit_price > _LARGEST_PRICE for line in order.items):
            return "a unit_price does not fit decimal(12,2)"
        return ""


def price(order: Order) -> Priced:
    """Return what the order becomes."""
    total = sum(
        line.quantity * line.unit_price * (100 - line.discount) for line in order.items
    )
    return Priced(
        order.order_id,
        order.customer,
        len(order.items),
        total,
        order.currency,
        order.created_at,
    )


def to_order(event: Event) -> Order:
    """Return an OrderDetails event as a value; an absent discount is none at all.

    Raises:
        KeyError: A field is missing.
        TypeError: A field is of another type.
        ValueError: An amount has more decimals than its contract allows.
    """
    return Order(
        event["order_id"],
        _customer(event),
        tuple(
            Line(
                item["sku"],
                item["name"],
                item["quantity"],
                to_units(item["unit_price"], decimals=2),
                to_units(item.get("discount", Decimal(0)), decimals=2),
            )
            for item in event["items"]
        ),
        event["currency"],
        event["created_at"],
    )


def to_priced(event: Event) -> Priced:
    """Return an OrderProcessed event as a value; raises as `to_order` does."""
    if not isinstance(event["processed_at"], datetime):
        raise TypeError("processed_at is not a time")
    return Priced(
        event["order_id"],
        _customer(event),
        event["item_count"],
        to_units(event["total"], decimals=4),
        event["currency"],
        event["created_at"],
    )


def to_units(amount: Decimal | int, *, decimals: int) -> int:
    """Return the amount in units of its last decimal, or raise ValueError."""
    sign, digits, exponent = Decimal(amount).as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{amount} is not a number")  # noqa: TRY004 - NaN is a Decimal
    text = "".join(map(str, digits)) + "0" * (exponent + decimals)
    too_fine = max(0, -(exponent + decimals))
    if too_fine and text[-too_fine:].strip("0"):
        raise ValueError(f"{amount} has more than {decimals} decimals")
    units = int(text[: len(text) - too_fine] or "0")
    return -units if sign else units


def in_units(total: int) -> str:
    """Return a total in ten-thousandths as text with four decimals."""
    sign = "-" if total < 0 else ""
    whole, fraction = divmod(abs(total), 10_000)
    return f"{sign}{whole}.{fraction:04}"


def _customer(event: Event) -> Customer:
    customer = event["customer"]
    return Customer(customer["id"], customer["name"], customer["email"])


def _find_line_refusal(line: Line) -> str:
    if line.quantity < 1:
        return f"quantity is {line.quantity}"
    if line.unit_price < 0:
        return "unit_price is negative"
    if not 0 <= line.discount <= 100:  # noqa: PLR2004 - hundredths: nothing to all
        return "discount is not between 0 and 1"
    return ""
