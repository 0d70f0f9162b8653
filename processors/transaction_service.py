"""transaction-service: prices every order exactly once.

Reads `order-details`, writes `order-processed`, and `order-details.dlq` for records
that cannot be decoded or priced. Outputs, dead letters and input offsets commit in one
Kafka transaction.
"""

import time
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import click

from registry.codec import Numbers
from registry.installed import version_option
from registry.names import Subject
from registry.serdes import Event
from runtime.config import SETTINGS
from runtime.errors import RejectedRecord
from runtime.processor import Processor, processor_options, run_processor

NO_CURRENCY = "XXX"
# Events carry whole numbers: prices in hundredths, discounts in hundredths, totals in
# ten-thousandths, which is why nothing is ever rounded. decimal(18,4) has 18 digits.
_WHOLE = 100
_TOTAL_BEYOND = 10**18


def price(order: Event, processed_at: int) -> Event:
    """Return the OrderProcessed event of an OrderDetails event, numbers scaled.

    total = sum of quantity x unit_price x (1 - discount) over the lines, exact.
    The customer and `created_at` are handed on as they come.

    Args:
        order: Prices and discounts in hundredths.
        processed_at: Milliseconds since 1970-01-01 UTC.

    Raises:
        RejectedRecord: The order is not legal (docs/reference/contracts.md), or its
            total does not fit decimal(18,4).
    """
    total, lines = 0, order["items"]
    for line in lines:
        quantity, unit_price = line["quantity"], line["unit_price"]
        left = _WHOLE - line["discount"]
        if quantity < 1 or unit_price < 0 or not 0 <= left <= _WHOLE:
            _require_legal(order)
        total += quantity * unit_price * left
    currency, order_id = order["currency"], order["order_id"]
    if currency == NO_CURRENCY or not order_id or not lines:
        _require_legal(order)
    if total >= _TOTAL_BEYOND:
        raise RejectedRecord(f"total {_scaled(total, 4)} does not fit decimal(18,4)")
    return {
        "order_id": order_id,
        "customer": order["customer"],
        "item_count": len(lines),
        "total": total,
        "currency": currency,
        "created_at": order["created_at"],
        "processed_at": processed_at,
    }


def _require_legal(order: Event) -> None:
    """Raise RejectedRecord for the first thing that makes an order illegal."""
    if order["currency"] == NO_CURRENCY:
        raise RejectedRecord("currency is XXX: its writer knows one that we do not")
    if not order["order_id"]:
        raise RejectedRecord("order_id is empty")
    if not order["items"]:
        raise RejectedRecord("items is empty")
    for index, line in enumerate(order["items"]):
        if line["quantity"] < 1:
            raise RejectedRecord(f"items[{index}].quantity is {line['quantity']}")
        for name in ("unit_price", "discount"):
            if line[name] < 0 or (name == "discount" and line[name] > _WHOLE):
                amount = _scaled(line[name], 2)
                raise RejectedRecord(f"items[{index}].{name} is {amount}")


def _scaled(number: int, places: int) -> Decimal:
    return Decimal((number < 0, tuple(map(int, str(abs(number)))), -places))


def price_now(order: Event) -> Iterable[Event]:
    """Return the order, priced as of now."""
    return (price(order, time.time_ns() // 1_000_000),)


SERVICE = Processor(
    name="transaction-service",
    reads=Subject("order-details-value"),
    writes=Subject("order-processed-value"),
    transform=price_now,
    numbers=Numbers.SCALED,
    passes_on=("customer", "created_at"),
)


@click.command(SERVICE.name, context_settings=SETTINGS)
@version_option()
@processor_options(SERVICE)
def main(**options: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Price every order exactly once.

    Reads order-details, writes order-processed; a record that cannot be decoded or
    priced goes to order-details.dlq. Start as many as there are partitions to share.

    \b
    Example:
        transaction-service --bootstrap-servers 127.0.0.1:9092 \\
            --registry-url http://127.0.0.1:8081 --until-idle 5

    \b
    Exit codes:
        0 drained    2 usage    70 bug or too many dead letters
        75 try again (broker or registry absent, id taken)
        78 configuration (port taken, contract not registered, topic missing)
    """  # noqa: D301 - \b is click's mark, not a backslash
    run_processor(SERVICE, options)


if __name__ == "__main__":
    main()
