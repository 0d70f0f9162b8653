"""The total of an order: exact, or a reason why there is none."""

import re
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.transaction_service import price
from runtime.errors import RejectedRecord

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LINE = {
    "sku": "11",
    "name": "Queso Cabrales",
    "quantity": 12,
    "unit_price": Decimal("14.00"),
    "discount": Decimal("0.15"),
}
ORDER: dict[str, Any] = {
    "order_id": "10248",
    "customer": {"id": "VINET", "name": "Paul Henriot", "email": "p@shop.example"},
    "items": [LINE],
    "currency": "USD",
    "created_at": datetime(2026, 1, 1, tzinfo=UTC),
}

lines = st.fixed_dictionaries(
    {
        "sku": st.just("1"),
        "name": st.just("n"),
        "quantity": st.integers(1, 2**31 - 1),
        "unit_price": st.decimals(0, Decimal("9999.99"), places=2),
        "discount": st.decimals(0, 1, places=2),
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
        "total": Decimal("142.8000"),
        "currency": "USD",
        "created_at": ORDER["created_at"],
        "processed_at": NOON,
    }


@given(st.lists(lines, min_size=1, max_size=4))
def test_total_is_the_exact_sum_of_the_lines(items: list[dict[str, Any]]) -> None:
    """No digit of any legal order is lost: the total equals the sum as fractions."""
    expected = sum(
        each["quantity"]
        * Fraction(each["unit_price"])
        * (1 - Fraction(each["discount"]))
        for each in items
    )

    total = price(order_with(items=items), NOON)["total"]

    assert Fraction(total) == expected
    assert total.as_tuple().exponent == -4


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"currency": "XXX"}, "currency is XXX: its writer knows one that we do not"),
        ({"order_id": ""}, "order_id is empty"),
        ({"items": []}, "items is empty"),
        ({"line": {"quantity": 0}}, "items[0].quantity is 0"),
        ({"line": {"quantity": -3}}, "items[0].quantity is -3"),
        (
            {"line": {"unit_price": Decimal("-0.01")}},
            "items[0].unit_price is -0.01",
        ),
        ({"line": {"discount": Decimal("1.01")}}, "items[0].discount is 1.01"),
        (
            {
                "line": {
                    "quantity": 2**31 - 1,
                    "unit_price": Decimal("9999999999.99"),
                    "discount": Decimal(0),
                }
            },
            "total 21474836469978525163.53 does not fit decimal(18,4)",
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
            "unit_price": Decimal("9999999999.99"),
            "discount": Decimal(0),
        }
    )

    assert price(order, NOON)["total"] == Decimal("99999999999900.0000")
