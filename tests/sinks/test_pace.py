"""No more letters a second than the server wants."""

import threading
import time

import pytest

from sinks.notification_service.pace import Pace


def test_letters_are_spread_over_time() -> None:
    """Ten a tenth of a second apart take nine tenths; the first goes at once."""
    pace = Pace(10, threading.Event())
    started = time.monotonic()
    pace.wait()
    first_s = time.monotonic() - started

    for _ in range(9):
        pace.wait()

    assert first_s < 0.1
    assert time.monotonic() - started >= 0.9


def test_letters_that_were_late_are_not_made_up_for() -> None:
    """After a pause they come one by one, not in a burst."""
    pace = Pace(20, threading.Event())
    pace.wait()
    time.sleep(0.3)  # what is tested: time in which no letter was due
    pace.wait()
    started = time.monotonic()

    pace.wait()

    assert time.monotonic() - started >= 0.04


def test_service_that_stops_waits_for_no_letter() -> None:
    """One letter in ten seconds does not keep it for ten seconds."""
    stop = threading.Event()
    pace = Pace(0.1, stop)
    pace.wait()
    stop.set()
    started = time.monotonic()

    pace.wait()

    assert time.monotonic() - started < 5


@pytest.mark.parametrize(("rate", "limit"), [(0.2, 1), (7.9, 7), (100, 100)])
def test_as_many_letters_are_claimed_as_go_out_in_a_second(
    rate: float, limit: int
) -> None:
    """A claim that waits long would be in doubt for long."""
    assert Pace(rate, threading.Event()).limit_a_second == limit
