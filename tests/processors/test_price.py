"""The total of an order: exact, or a reason why there is none.

Events carry whole numbers: hundredths, and ten-thousandths in the total.
"""

import re
from copy import deepcopy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.transaction_service import price
from runtime.errors import RejectedRecord

NOON = 1_767_268_800_000
LINE = {
    "sku": "11",
    "name": "Queso Cabrales",
    "quantity": 12,
    "unit_price": 1400,
    "discount": 15,
}
ORDER: dict[str, Any] = {
    "order_id": "10248",
    "customer": {"id": "VINET", "name": "Paul Henriot", "email": "p@shop.example"},
    "items": [LINE],
    "currency": "USD",
    "created_at": 1_767_225_600_000,
}

lines = st.fixed_dictionaries(
    {
        "sku": st.just("1"),
        "name": st.just("n"),
        "quantity": st.integers(1, 2**31 - 1),
        "unit_price": st.integers(0, 999_999),
        "discount": st.integers(0, 100),
    }
)


def order_with(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return ORDER with other fields; `line` changes its only line."""
    order = deepcopy(ORDER)
    order["items"][0].update(changes.pop("line", {}))
    order.update(changes)
    return order


def test_priced_order_carries_everything_but_its_lines() -> None:
    """An OrderProcessed event names the order, its customer and the exact total."""
    assert price(ORDER, NOON) == {
        "order_id": "10248",
        "customer": ORDER["customer"],
        "item_count": 1,
        "total": 1_428_000,
        "currency": "USD",
        "created_at": ORDER["created_at"],
        "processed_at": NOON,
    }


@given(st.lists(lines, min_size=1, max_size=4))
def test_total_is_the_exact_sum_of_the_lines(items: list[dict[str, Any]]) -> None:
    """No digit of any legal order is lost: the total equals the sum as fractions."""
    expected = sum(
        each["quantity"]
        * Fraction(each["unit_price"], 100)
        * (1 - Fraction(each["discount"], 100))
        for each in items
    )

    total = price(order_with(items=items), NOON)["total"]

    assert Fraction(total, 10_000) == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"currency": "XXX"}, "currency is XXX: its writer knows one that we do not"),
        ({"order_id": ""}, "order_id is empty"),
        ({"items": []}, "items is empty"),
        ({"line": {"quantity": 0}}, "items[0].quantity is 0"),
        ({"line": {"quantity": -3}}, "items[0].quantity is -3"),
        (
            {"line": {"unit_price": -1}},
            "items[0].unit_price is -0.01",
        ),
        ({"line": {"discount": 101}}, "items[0].discount is 1.01"),
        ({"line": {"discount": -1}}, "items[0].discount is -0.01"),
        (
            {
                "line": {
                    "quantity": 2**31 - 1,
                    "unit_price": 999_999_999_999,
                    "discount": 0,
                }
            },
            "total 21474836469978525163.5300 does not fit decimal(18,4)",
        ),
    ],
)
def test_illegal_order_is_rejected_with_its_reason(
    changes: dict[str, Any], reason: str
) -> None:
    """An order that cannot be priced is named for what is wrong, never guessed at."""
    with pytest.raises(RejectedRecord, match=re.escape(reason)):
        price(order_with(**changes), NOON)


def test_largest_total_that_fits_is_priced() -> None:
    """The bound of decimal(18,4) itself is legal."""
    order = order_with(
        line={
            "quantity": 10000,
            "unit_price": 999_999_999_999,
            "discount": 0,
        }
    )

    assert price(order, NOON)["total"] == 999_999_999_999_000_000
