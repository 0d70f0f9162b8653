"""Ordinary lines, read at once; any other is left to the reader that can say why.

Ordinary is what programs write: each field once, and amounts as text with two decimals.
What this reader takes, the other one takes as well, and gives the same event.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from producers.order_service.errors import IllegalOrder
from producers.order_service.instants import parse_instant, to_millis
from producers.order_service.orders import MOST_PIECES, OrderRules, read_order
from registry.serdes import Event

_IS_PRICE = re.compile(r"[0-9]{1,10}\.[0-9]{2}").fullmatch
_DISCOUNTS = {f"{each // 100}.{each % 100:02}": each for each in range(101)}
_NO_DISCOUNTS = {"0.00": 0}

# Texts of a line, names of fields included: all but items, an item, its discount.
_ORDER_TEXTS = 14
_ITEM_TEXTS = 7
_DISCOUNT_TEXTS = 2


def read_line(content: bytes, rules: OrderRules) -> Event:
    """Return the event of any line, as `read_order` gives it.

    Raises:
        IllegalOrder: The line is no legal order.
    """
    found = find_ordinary_order(content, rules)
    return read_order(content, rules) if found is None else found


def find_ordinary_order(content: bytes, rules: OrderRules) -> Event | None:
    """Return the event of an ordinary line, or None if there is any doubt.

    The number of quotes tells that the fields which are there are the only ones, and
    none of them there twice.
    """
    discounts = _DISCOUNTS if rules.has_discount else _NO_DISCOUNTS
    try:
        order = orjson.loads(content)
        customer, items, currency = order["customer"], order["items"], order["currency"]
        texts = [order["order_id"], customer["id"], customer["name"], customer["email"]]
        text_count = _ORDER_TEXTS + _scale(items, discounts, texts)
        order["created_at"] = to_millis(parse_instant(order["created_at"]))
        "".join(texts)  # which refuses what is no text
    except (IllegalOrder, LookupError, TypeError, ValueError):
        return None
    is_ordinary = (
        items
        and all(texts)
        and currency in rules.currencies
        and _count_quotes(content) == 2 * text_count
    )
    return order if is_ordinary else None


def _scale(
    items: Sequence[dict[str, Any]], discounts: Mapping[str, int], texts: list[str]
) -> int:
    """Make numbers of what is to be one; return how many texts the items take.

    Args:
        items: Each is changed.
        discounts: In hundredths, by their texts.
        texts: Gets those that stay texts.
    """
    text_count = _ITEM_TEXTS * len(items)
    for item in items:
        texts += item["sku"], item["name"]
        quantity, price = item["quantity"], item["unit_price"]
        if type(quantity) is not int or not 1 <= quantity <= MOST_PIECES:
            raise ValueError
        if not _IS_PRICE(price):
            raise ValueError
        item["unit_price"] = int(price.replace(".", ""))
        if "discount" in item:
            item["discount"] = discounts[item["discount"]]
            text_count += _DISCOUNT_TEXTS
        else:
            item["discount"] = 0
    return text_count


def _count_quotes(content: bytes) -> int:
    """Return the number of quotes that no backslash makes part of a text."""
    if b"\\" in content:
        content = content.replace(rb"\\", b"").replace(rb"\"", b"")
    return content.count(b'"')
