"""Which lines are legal orders, and what is said of those that are not."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from producers.order_service.errors import IllegalOrder
from producers.order_service.orders import OrderRules, read_order
from registry.catalog import Contract

LONG = "x" * 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(order: object, rules: OrderRules) -> dict[str, Any]:
    """Read an order that is given as Python values."""
    return read_order(json.dumps(order).encode(), rules)


def test_legal_order_becomes_its_event(
    order: dict[str, Any], rules: OrderRules
) -> None:
    """Texts stay as they are, money is in hundredths, time in milliseconds."""
    event = read(order, rules)

    assert event == {
        "order_id": "10248",
        "customer": order["customer"],
        "items": [
            {
                "sku": "11",
                "name": "Queso Cabrales",
                "quantity": 12,
                "unit_price": 1400,
                "discount": 15,
            }
        ],
        "currency": "USD",
        "created_at": 836_438_400_000,
    }


@pytest.mark.parametrize("text", ["\t", '"', "<b>", LONG, " ", "\u0000", "日本 🎁"])
def test_any_text_that_is_not_empty_is_legal(
    text: str, order: dict[str, Any], rules: OrderRules
) -> None:
    """Order ids, names and article numbers are the shop's business."""
    order["order_id"] = order["customer"]["name"] = order["items"][0]["sku"] = text

    event = read(order, rules)

    assert event["order_id"] == text
    assert event["customer"]["name"] == text
    assert event["items"][0]["sku"] == text


@pytest.mark.parametrize(
    ("written", "price"),
    [
        ('"0.00"', 0),
        ('"9999999999.99"', 999_999_999_999),
        ("9999999999.99", 999_999_999_999),
        ("7", 700),
        ('"7"', 700),
        ('"-0"', 0),
        ("0.1", 10),
        ("1.5e3", 150_000),
        ("-0.0", 0),
        ("0e999999", 0),
    ],
)
def test_price_is_exact_whether_text_or_number(
    written: str, price: int, order: dict[str, Any], rules: OrderRules
) -> None:
    """A price never passes through a float."""
    order["items"][0]["unit_price"] = "PRICE"
    line = json.dumps(order).replace('"PRICE"', written)

    read_price = read_order(line.encode(), rules)["items"][0]["unit_price"]

    assert type(read_price) is int
    assert read_price == price


def test_absent_discount_is_zero(order: dict[str, Any], rules: OrderRules) -> None:
    """A line item without discount is at full price."""
    del order["items"][0]["discount"]

    assert read(order, rules)["items"][0]["discount"] == 0


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-01-31T09:30:00.250Z", datetime(2026, 1, 31, 9, 30, 0, 250000, UTC)),
        ("2026-01-31T10:30:00.25+01:00", datetime(2026, 1, 31, 9, 30, 0, 250000, UTC)),
        ("2026-01-31T10:30+0100", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("1969-12-31T23:59:59.999Z", datetime(1969, 12, 31, 23, 59, 59, 999000, UTC)),
    ],
)
def test_time_with_any_offset_is_told_in_utc(
    written: str, instant: datetime, order: dict[str, Any], rules: OrderRules
) -> None:
    """ISO 8601 with an offset names one instant, to the millisecond."""
    order["created_at"] = written

    event = read(order, rules)

    assert EPOCH + timedelta(milliseconds=event["created_at"]) == instant


@pytest.mark.parametrize("count", [1, 48])
def test_dozens_of_items_keep_their_order(
    count: int, order: dict[str, Any], rules: OrderRules
) -> None:
    """The lines of an order are as many, and in the order, that they came in."""
    line = order["items"][0]
    order["items"] = [{**line, "sku": str(number)} for number in range(count)]

    skus = [item["sku"] for item in read(order, rules)["items"]]

    assert skus == [str(number) for number in range(count)]


ILLEGAL_FIELDS = [
    (("order_id",), "", "order_id must not be empty"),
    (("order_id",), 7, "order_id must be a text, got 7"),
    (("order_id",), "\ud800", "order_id must not hold half of a surrogate pair"),
    (("customer",), [], "customer must be an object, got a list"),
    (("customer", "email"), None, "customer.email must be a text, got null"),
    (("customer", "phone"), "1", "customer.phone is not a field of an order"),
    (("items",), [], "items must have at least one entry"),
    (("items",), {}, "items must be a list, got an object"),
    (("items", 0), "x", 'items[0] must be an object, got "x"'),
    (
        ("items", 0, "discout"),
        "0.10",
        "items[0].discout is not a field of an order; did you mean discount?",
    ),
    (
        ("items", 0, "quantity"),
        -1,
        "items[0].quantity must be 1 to 2147483647, got -1",
    ),
    (("items", 0, "quantity"), 0, "items[0].quantity must be 1 to 2147483647, got 0"),
    (("items", 0, "quantity"), 2**31, "must be 1 to 2147483647, got 2147483648"),
    (("items", 0, "quantity"), 2.5, "quantity must be a whole number, got 2.5"),
    (("items", 0, "quantity"), "2", 'quantity must be a whole number, got "2"'),
    (("items", 0, "quantity"), True, "quantity must be a whole number, got true"),
    (
        ("items", 0, "unit_price"),
        "1.005",
        'items[0].unit_price must have at most 2 decimals, got "1.005"',
    ),
    (("items", 0, "unit_price"), 1.005, "must have at most 2 decimals, got 1.005"),
    (("items", 0, "unit_price"), "-0.01", "must be 0.00 to 9999999999.99"),
    (("items", 0, "unit_price"), "10000000000", "must be 0.00 to 9999999999.99"),
    (("items", 0, "unit_price"), True, "must be a decimal such as 12.50"),
    (("items", 0, "unit_price"), "1e3", "must be a decimal such as 12.50"),
    (("items", 0, "unit_price"), "NaN", "must be a decimal such as 12.50"),
    (("items", 0, "unit_price"), "٣", "must be a decimal such as 12.50"),
    (("items", 0, "discount"), None, "must be a decimal such as 12.50"),
    (("items", 0, "discount"), "1.01", "items[0].discount must be 0.00 to 1.00"),
    (("currency",), "XXX", "currency must be one of USD, EUR,"),
    (("currency",), "usd", 'BRL, got "usd"'),
    (("currency",), ["USD"], "BRL, got a list"),
    (("created_at",), "2026-01-31T09:30:00", "created_at must have an offset"),
    (("created_at",), "2026-01-31", "must be a time of ISO 8601 with an offset"),
    (("created_at",), "20260131T093000Z", "must be a time of ISO 8601"),
    (
        ("created_at",),
        "2026-01-31T09:30:00.0001Z",
        "created_at must not be finer than milliseconds, got",
    ),
    (("created_at",), "2026-02-30T00:00:00Z", "must be a time there is"),
    (("created_at",), "0001-01-01T00:00:00+14:00", "must be a time there is"),
    (("created_at",), 0, "created_at must be a text, got 0"),
]


@pytest.mark.parametrize(("path", "value", "reason"), ILLEGAL_FIELDS)
def test_illegal_field_is_named_by_its_path_with_the_rule(
    path: tuple[str | int, ...],
    value: object,
    reason: str,
    rules: OrderRules,
    order: dict[str, Any],
) -> None:
    """The reason says which field, which rule, and what was found."""
    *parents, last = path
    target: Any = order
    for step in parents:
        target = target[step]
    target[last] = value

    with pytest.raises(IllegalOrder, match=re.escape(reason)):
        read(order, rules)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (("order_id",), "order_id is missing"),
        (("customer", "name"), "customer.name is missing"),
        (("items", 0, "unit_price"), "items[0].unit_price is missing"),
    ],
)
def test_missing_field_is_named_by_its_path(
    path: tuple[str | int, ...], reason: str, order: dict[str, Any], rules: OrderRules
) -> None:
    """Every field but the discount must be there."""
    *parents, last = path
    target: Any = order
    for step in parents:
        target = target[step]
    del target[last]

    with pytest.raises(IllegalOrder, match=re.escape(reason)):
        read(order, rules)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"order_id": "1"', "not JSON: Expecting ',' delimiter at column 17"),
        (b'{"order_id": "\t"}', "not JSON: Invalid control character at at column"),
        (b'{"a": NaN}', "not JSON: NaN is no number of JSON"),
        (b'{"a": -Infinity}', "not JSON: -Infinity is no number of JSON"),
        (b'{"a": 1, "a": 2}', 'the key "a" appears twice'),
        (b'{"a": {"b": 1, "b": 1}}', 'the key "b" appears twice'),
        (b'{"a": "\xff"}', "not UTF-8: byte 0xff at byte 8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a number has too many digits"),
        (b'{"a": 1e99999999999999999999}', "a number has too many digits"),
        (b"[]", "the line must be an object, got a list"),
        (b'"order"', 'the line must be an object, got "order"'),
        (b'{"\\ud800": 1}', "order_id is missing"),
    ],
)
def test_line_that_is_no_json_order_is_refused(
    line: bytes, reason: str, rules: OrderRules
) -> None:
    """Nothing is guessed from JSON that the standard does not allow."""
    with pytest.raises(IllegalOrder, match=re.escape(reason)):
        read_order(line, rules)


def test_surprising_key_is_quoted_printably(
    order: dict[str, Any], rules: OrderRules
) -> None:
    """Half of a surrogate pair in a key can still be said."""
    order["\ud800\n"] = 1

    with pytest.raises(IllegalOrder, match=r"^\\ud800\\n is not a field"):
        read(order, rules)


def test_long_value_is_cut_in_the_reason(
    order: dict[str, Any], rules: OrderRules
) -> None:
    """A sentence stays a sentence, whatever the line holds."""
    order["currency"] = "x" * 10_000

    with pytest.raises(IllegalOrder) as caught:
        read(order, rules)

    assert len(caught.value.reason) < 250


def test_discount_is_refused_by_version_1(
    order: dict[str, Any], contract: Contract
) -> None:
    """Version 1 cannot say a discount: the order would be sold at full price."""
    rules = OrderRules.from_version(contract.get_version(1))

    with pytest.raises(
        IllegalOrder,
        match=re.escape(
            "items[0].discount is 0.15, but contract version 1 has no discount"
        ),
    ):
        read(order, rules)


def test_discount_of_zero_is_accepted_by_version_1(
    order: dict[str, Any], contract: Contract
) -> None:
    """No discount is what version 1 says anyway."""
    rules = OrderRules.from_version(contract.get_version(1))
    order["items"][0]["discount"] = "0.00"

    assert read(order, rules)["items"][0]["discount"] == 0


def test_placeholder_currency_is_not_among_the_choices(rules: OrderRules) -> None:
    """XXX is what readers see of a currency they do not know; nobody writes it."""
    assert len(rules.currencies) == 15
    assert "XXX" not in rules.currencies
