"""Orders of a JSON Lines file are looked for among the inputs."""

import json
from pathlib import Path
from typing import Any

import pytest

from operations.demo import NORTHWIND, NORTHWIND_ORDERS
from operations.verify import Verdict, check_presence, read_orders
from operations.verify.pricing import in_units, price
from runtime.errors import BadInput


def line(order_id: str = "1", **changes: Any) -> str:  # noqa: ANN401 - fields of an order
    """Return an order as a line of JSON."""
    item = {"sku": "1", "name": "n", "quantity": 1, "unit_price": "1.00"}
    order = {
        "order_id": order_id,
        "customer": {"id": "c", "name": "n", "email": "e"},
        "items": [item],
        "currency": "USD",
        "created_at": "2026-01-31T12:00:00Z",
        **changes,
    }
    return json.dumps(order)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a test may write its file."""
    return tmp_path / "orders.jsonl"


def test_known_orders_have_their_known_revenue() -> None:
    """The verifier's own arithmetic gives the published figure of Northwind."""
    orders = [each.order for each in read_orders(NORTHWIND)]

    revenue = sum(price(each).total for each in orders)

    assert len(orders) == NORTHWIND_ORDERS
    assert in_units(revenue) == "1265793.0395"


def test_spellings_of_one_order_are_equal(path: Path) -> None:
    """Numbers, strings, offsets and an absent discount are read as what they mean."""
    item = {"sku": "1", "name": "n", "quantity": 1, "unit_price": 1, "discount": "0.0"}
    path.write_text(line(items=[item], created_at="2026-01-31T13:00:00+01:00") + "\n\n")
    [spelt_otherwise] = read_orders(path)
    path.write_text(line())

    assert read_orders(path)[0].order == spelt_otherwise.order


def test_line_that_is_not_in_the_topic_is_missing_and_expected(path: Path) -> None:
    """Each line needs an input of its own, also when two lines are equal."""
    path.write_text(f"{line()}\n{line()}\n")
    file_orders = read_orders(path)
    verdict = Verdict(expected=1)

    check_presence(file_orders, [file_orders[0].order], verdict)

    assert (verdict.expected, verdict.missing, verdict.wrong) == (2, 1, 0)
    assert verdict.findings == ["orders.jsonl:2: order 1 is not in the topic"]


def test_line_that_came_with_other_content_is_wrong(path: Path) -> None:
    """An order that was changed on its way into the topic is found."""
    path.write_text(f"{line()}\n{line(currency='EUR')}\n")
    [sent, arrived] = read_orders(path)
    verdict = Verdict(expected=1)

    check_presence([sent], [arrived.order], verdict)

    assert (verdict.expected, verdict.missing, verdict.wrong) == (1, 0, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "orders.jsonl:2: not an order"),
        ("[]", "orders.jsonl:2: not an order"),
        ("{}", "orders.jsonl:2: created_at is missing"),
        (line(items=[{"sku": "1"}]), "orders.jsonl:2: name is missing"),
        (line(created_at="yesterday"), "orders.jsonl:2: not an order: Invalid"),
        (line().replace('"1.00"', '"1.005"'), "1.005 has more than 2 decimals"),
        (line().replace('"1.00"', '"cheap"'), "orders.jsonl:2: not an order"),
    ],
)
def test_line_that_is_no_order_is_named(path: Path, text: str, reason: str) -> None:
    """A file that cannot be compared is refused with file, line and reason."""
    path.write_text(f"{line()}\n{text}\n")

    with pytest.raises(BadInput) as refused:
        read_orders(path)

    assert reason in str(refused.value)
