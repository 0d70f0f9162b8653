"""At what pace order-service goes."""

import pytest

from producers.order_service.pace import Pace


def test_pace_spreads_orders_evenly() -> None:
    """At 4 a second, an order is due each quarter of a second."""
    now = [10.0]
    pace = Pace(4, clock=lambda: now[0])
    waits = [pace.wait_s]

    pace.advance()
    waits.append(pace.wait_s)
    now[0] += 0.2
    waits.append(pace.wait_s)
    pace.advance()
    waits.append(pace.wait_s)

    assert waits == pytest.approx([0, 0.25, 0.05, 0.3])


def test_pace_makes_up_for_at_most_a_second() -> None:
    """After an hour without Kafka no hour of orders comes at once."""
    now = [10.0]
    pace = Pace(4, clock=lambda: now[0])
    now[0] += 3600

    waits = [wait_after_order(pace) for _ in range(6)]

    assert waits == pytest.approx([0, 0, 0, 0, 0.25, 0.5])


def wait_after_order(pace: Pace) -> float:
    """Note an order; return the seconds until the next is due."""
    pace.advance()
    return pace.wait_s


def test_pace_without_rate_never_waits() -> None:
    """No rate is as fast as Kafka takes it."""
    pace = Pace(None, clock=lambda: 10.0)

    pace.advance()

    assert pace.wait_s == 0
