"""Orders in a JSON Lines file, compared with the inputs in the topic."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from operations.verify.pricing import Order, to_order
from operations.verify.verdict import Verdict
from runtime.errors import BadInput


class FileOrder(NamedTuple):
    """An order and its line, "file:line"."""

    place: str
    order: Order


def read_orders(path: Path) -> list[FileOrder]:
    """Return the orders of a file; empty lines are no orders.

    Raises:
        BadInput: A line is no order, or the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return list(_parse_lines(path.name, file))
    except OSError as exc:
        raise BadInput(str(path), f"cannot be read: {exc.strerror}") from exc


def check_presence(
    file_orders: Iterable[FileOrder], inputs: Sequence[Order], verdict: Verdict
) -> None:
    """Note each line that is not among the inputs; a line needs an input of its own.

    A line whose order id came with another content is wrong, one whose order id did
    not come is missing; the latter counts as an order that was expected.
    """
    unclaimed: dict[str, list[Order]] = defaultdict(list)
    for order in inputs:
        unclaimed[order.order_id].append(order)
    without_equal = [each for each in file_orders if not _claim(each.order, unclaimed)]
    for place, order in without_equal:
        others = unclaimed[order.order_id]
        if others:
            others.pop()
            verdict.note_wrong(f"{place}: order {order.order_id} differs in the topic")
        else:
            verdict.expected += 1
            verdict.note_missing(f"{place}: order {order.order_id} is not in the topic")


def _claim(order: Order, unclaimed: dict[str, list[Order]]) -> bool:
    candidates = unclaimed[order.order_id]
    if order not in candidates:
        return False
    candidates.remove(order)
    return True


def _parse_lines(name: str, lines: Iterable[bytes]) -> Iterator[FileOrder]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            place = f"{name}:{number}"
            yield FileOrder(place, _parse_line(place, line))


def _parse_line(place: str, line: bytes) -> Order:
    try:
        event = json.loads(line, parse_float=Decimal)
        event["created_at"] = datetime.fromisoformat(event["created_at"])
        for item in event["items"]:
            _read_amounts(item)
        return to_order(event)
    except KeyError as exc:
        raise BadInput(place, f"{exc.args[0]} is missing") from exc
    except (TypeError, ValueError, InvalidOperation) as exc:
        raise BadInput(place, f"not an order: {exc}") from exc


def _read_amounts(item: dict[str, Any]) -> None:
    for name in ("unit_price", "discount"):
        if name in item:
            item[name] = Decimal(item[name])
