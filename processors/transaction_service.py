"""transaction-service: prices every order exactly once.

Reads `order-details`, writes `order-processed`, and `order-details.dlq` for records
that cannot be decoded or priced. Outputs, dead letters and input offsets commit in one
Kafka transaction.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact
from typing import Any

import click

from registry.names import Subject
from registry.serdes import Event
from runtime.errors import RejectedRecord
from runtime.processor import Processor, processor_options, run_processor

NO_CURRENCY = "XXX"
# decimal(18,4) holds 14 digits before the point.
_TOTAL_BEYOND = Decimal(10) ** 14
_CENT = Decimal("0.0001")
# Wide enough for any legal order; a digit lost would be an error, never a rounding.
_EXACT = Context(prec=100, traps=[Inexact])


def price(order: Event, processed_at: datetime) -> Event:
    """Return the OrderProcessed event of an OrderDetails event.

    total = sum of quantity x unit_price x (1 - discount) over the lines, exact.

    Raises:
        RejectedRecord: The order is not legal (docs/reference/contracts.md), or its
            total does not fit decimal(18,4).
    """
    _require_legal(order)
    total = Decimal(0)
    for line in order["items"]:
        gross = _EXACT.multiply(line["quantity"], line["unit_price"])
        net = _EXACT.multiply(gross, _EXACT.subtract(1, line["discount"]))
        total = _EXACT.add(total, net)
    if total >= _TOTAL_BEYOND:
        raise RejectedRecord(f"total {total} does not fit decimal(18,4)")
    return {
        "order_id": order["order_id"],
        "customer": order["customer"],
        "item_count": len(order["items"]),
        "total": _EXACT.quantize(total, _CENT),
        "currency": order["currency"],
        "created_at": order["created_at"],
        "processed_at": processed_at,
    }


def _require_legal(order: Event) -> None:
    if order["currency"] == NO_CURRENCY:
        raise RejectedRecord("currency is XXX: its writer knows one that we do not")
    if not order["order_id"]:
        raise RejectedRecord("order_id is empty")
    if not order["items"]:
        raise RejectedRecord("items is empty")
    for index, line in enumerate(order["items"]):
        if line["quantity"] < 1:
            raise RejectedRecord(f"items[{index}].quantity is {line['quantity']}")
        if line["unit_price"] < 0:
            raise RejectedRecord(f"items[{index}].unit_price is {line['unit_price']}")
        if not 0 <= line["discount"] <= 1:
            raise RejectedRecord(f"items[{index}].discount is {line['discount']}")


def price_now(order: Event) -> Iterable[Event]:
    """Return the order, priced as of now."""
    return [price(order, datetime.now(UTC))]


SERVICE = Processor(
    name="transaction-service",
    reads=Subject("order-details-value"),
    writes=Subject("order-processed-value"),
    transform=price_now,
)


@click.command(SERVICE.name, context_settings={"auto_envvar_prefix": "ACCORD"})
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
