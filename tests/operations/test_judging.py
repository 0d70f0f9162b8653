"""The verifier finds every way in which a pipeline can fail its promise."""

import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest

from tests.operations.forgery import Forgery, faults, order, priced


@pytest.fixture
def forgery() -> Forgery:
    """Return empty topics."""
    return Forgery()


def test_orders_priced_once_and_rightly_are_clean(forgery: Forgery) -> None:
    """One output for each input, whatever version wrote it, is what must be."""
    forgery.put(order("1"))
    forgery.put(order("2", discount=Decimal(0)), version=1)
    forgery.answer(priced("1"))
    forgery.answer(priced("2", total=Decimal("21.0000")))

    verdict = forgery.judge()

    assert verdict.is_clean
    assert verdict.expected == 2
    assert verdict.revenue_as_text() == {"USD": "39.9000"}
    assert str(verdict) == "verified: 2 orders, 0 missing, 0 duplicate, 0 wrong"


def test_order_without_output_is_missing(forgery: Forgery) -> None:
    """An input that nothing came of is found and named."""
    forgery.put(order("1"))
    forgery.put(order("2"))
    forgery.answer(priced("2"))

    verdict = forgery.judge()

    assert faults(verdict) == {"missing": 1}
    assert verdict.findings == ["order-details[0]@0: nothing came of order 1"]


@pytest.mark.parametrize("trace", ["", "a"])
def test_second_output_of_one_input_is_duplicate(forgery: Forgery, trace: str) -> None:
    """More than one output for one input record is found."""
    forgery.put(order("1"), trace=trace)
    forgery.answer(priced("1"), trace=trace)
    forgery.answer(priced("1"), trace=trace)

    assert faults(forgery.judge()) == {"duplicate": 1}


def test_doubled_output_does_not_hide_a_missing_one(forgery: Forgery) -> None:
    """Two equal orders: the first one's output twice is no output of the second."""
    forgery.put(order("1"), trace="a")
    forgery.put(order("1"), trace="b")
    forgery.answer(priced("1"), trace="a")
    forgery.answer(priced("1"), trace="a")

    assert faults(forgery.judge()) == {"missing": 1, "duplicate": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"total": Decimal("18.9001")},
        {"currency": "EUR"},
        {"item_count": 2},
        {"customer": {"id": "c", "name": "Zoe", "email": "zoe@shop.example"}},
        {"created_at": priced()["processed_at"]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_output_that_differs_is_wrong(forgery: Forgery, change: dict[str, Any]) -> None:
    """Every field that an order determines is compared."""
    forgery.put(order("1"))
    forgery.answer(priced("1", **change))

    verdict = forgery.judge()

    assert faults(verdict) == {"wrong": 1}
    assert next(iter(change)) in verdict.findings[0]


def test_output_of_no_input_is_wrong(forgery: Forgery) -> None:
    """An order that nobody placed is found."""
    forgery.answer(priced("1"))

    assert faults(forgery.judge()) == {"wrong": 1}


def test_output_that_cannot_be_decoded_is_wrong(forgery: Forgery) -> None:
    """Bytes that are no event are found, though their key names no order."""
    forgery.put(order("1"))
    forgery.answer(priced("1"))
    forgery.answer(b"not avro")

    assert faults(forgery.judge()) == {"wrong": 1}


def test_swapped_outputs_are_out_of_order(forgery: Forgery) -> None:
    """Outputs follow each other as their inputs do."""
    forgery.put(order("1"))
    forgery.put(order("2"))
    forgery.answer(priced("2"))
    forgery.answer(priced("1"))

    verdict = forgery.judge()

    assert faults(verdict) == {"out_of_order": 1}
    assert str(verdict).endswith("0 wrong, 1 out of order")


def test_repeated_order_id_is_a_figure_of_its_own(forgery: Forgery) -> None:
    """Two input records with one order id must give two outputs; nothing is wrong."""
    forgery.put(order("1"))
    forgery.put(order("1", quantity=4))
    forgery.answer(priced("1"))
    forgery.answer(priced("1", total=Decimal("37.8000")))

    verdict = forgery.judge()

    assert faults(verdict) == {}
    assert verdict.expected == 2
    assert verdict.repeated_order_ids == 1


UNPRICEABLE = {
    "no bytes": None,
    "bytes of another kind": b"hello",
    "unknown schema id": b"\x00\x00\x00\x03\xe7body",
    "unknown currency": order(currency="XXX"),
    "currency of a newer writer": order(currency="JPY"),
    "empty order id": order(order_id=""),
    "no items": order(items=[]),
    "quantity 0": order(quantity=0),
    "negative price": order(unit_price=Decimal("-0.01")),
    "discount above 1": order(discount=Decimal("1.01")),
    "total just too large": order(
        quantity=100_000, unit_price=Decimal(1_000_000_000), discount=Decimal(0)
    ),
    "total too large": order(
        quantity=2**31 - 1, unit_price=Decimal("9999999999.99"), discount=Decimal(0)
    ),
}


@pytest.mark.parametrize("event", UNPRICEABLE.values(), ids=UNPRICEABLE)
def test_dead_letter_with_a_reason_is_accounted_for(
    forgery: Forgery, event: dict[str, Any] | bytes | None
) -> None:
    """The verifier finds the reason itself; such an input is owed no output."""
    forgery.bury(forgery.put(event))

    verdict = forgery.judge()

    assert faults(verdict) == {}
    assert (verdict.expected, verdict.dead_letters) == (0, 1)


@pytest.mark.parametrize("event", UNPRICEABLE.values(), ids=UNPRICEABLE)
def test_unpriceable_record_without_dead_letter_is_missing(
    forgery: Forgery, event: dict[str, Any] | bytes | None
) -> None:
    """A record that was passed over in silence is found."""
    forgery.put(event)

    assert faults(forgery.judge()) == {"missing": 1}


def test_largest_total_that_fits_must_be_priced(forgery: Forgery) -> None:
    """A dead letter for 99999999999999.9900 is not justified: it fits."""
    largest = order(
        quantity=10_000, unit_price=Decimal("9999999999.99"), discount=Decimal(0)
    )
    forgery.bury(forgery.put(largest))

    assert faults(forgery.judge()) == {"missing": 1}


def test_dead_letter_without_a_reason_is_missing(forgery: Forgery) -> None:
    """Setting an order aside that can be priced loses it."""
    forgery.bury(forgery.put(order("1")))

    verdict = forgery.judge()

    assert faults(verdict) == {"missing": 1}
    assert "can be priced, but is a dead letter" in verdict.findings[0]


def test_order_both_priced_and_dead_letter_is_duplicate(forgery: Forgery) -> None:
    """A record has one outcome."""
    forgery.bury(forgery.put(order("1")))
    forgery.answer(priced("1"))

    assert faults(forgery.judge()) == {"duplicate": 1}


def test_second_dead_letter_of_one_input_is_duplicate(forgery: Forgery) -> None:
    """So is a dead letter that is written twice."""
    source = forgery.put(b"hello")
    forgery.bury(source)
    forgery.bury(source)

    assert faults(forgery.judge()) == {"duplicate": 1}


@pytest.mark.parametrize(
    "change", [{"value": b"hallo"}, {"key": b"other"}, {"headers": []}], ids=str
)
def test_dead_letter_that_is_not_its_input_is_wrong(
    forgery: Forgery, change: dict[str, Any]
) -> None:
    """A dead letter keeps key and value, and names the record that it was."""
    forgery.bury(forgery.put(b"hello"), **change)

    assert faults(forgery.judge()) == {"wrong": 1, "missing": 1}


def test_dead_letter_with_bytes_after_its_event_is_accounted_for(
    forgery: Forgery,
) -> None:
    """The stock deserializer ignores such bytes; a stricter reader need not."""
    value = forgery.put(order("1")).value or b""
    forgery.inputs.clear()
    forgery.bury(forgery.put(value + b"\x00"))

    assert faults(forgery.judge()) == {}


def test_replayed_dead_letter_may_come_late(forgery: Forgery) -> None:
    """A record set aside and replayed is priced once, and out of turn."""
    letter = forgery.bury(forgery.put(order("1"), trace="a"))
    forgery.put(order("2"), trace="b")
    forgery.put(order("1"), trace="a", replay_of=letter)
    forgery.answer(priced("1"), trace="a", replay_of=letter)
    forgery.answer(priced("2"), trace="b")

    verdict = forgery.judge()

    assert faults(verdict) == {}
    assert verdict.expected == 2


def test_dead_letter_may_fail_and_be_replayed_again(forgery: Forgery) -> None:
    """What comes back and fails is another dead letter; each may come back once."""
    first = forgery.bury(forgery.put(order("1"), trace="a"))
    second = forgery.bury(forgery.put(order("1"), trace="a", replay_of=first))
    forgery.put(order("1"), trace="a", replay_of=second)
    forgery.answer(priced("1"), trace="a", replay_of=second)

    verdict = forgery.judge()

    assert faults(verdict) == {}
    assert (verdict.expected, verdict.dead_letters) == (1, 2)


def test_dead_letter_that_came_back_twice_is_found(forgery: Forgery) -> None:
    """Both are priced, and one of them is too many."""
    letter = forgery.bury(forgery.put(order("1"), trace="a"))
    for _ in range(2):
        forgery.put(order("1"), trace="a", replay_of=letter)
        forgery.answer(priced("1"), trace="a", replay_of=letter)

    assert faults(forgery.judge()) == {"duplicate": 1}


def test_verifier_shares_no_code_with_what_it_judges() -> None:
    """Neither a service nor our serdes are loaded with it."""
    code = "import sys, operations.verify.command; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    shared = ("producers", "processors", "sinks", "registry.serdes", "runtime.loop")
    assert "operations.verify.command" in loaded
    assert [each for each in loaded if each.startswith(shared)] == []
