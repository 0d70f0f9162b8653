"""kill -9 of transaction-service under load: nothing missing, duplicate or wrong."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from operations.stack import Addresses, Child, wait_for_service
from tests.processors.conftest import Start, Verify
from tests.services import Topics, find_log_ends, have_read_to, order, send_orders

ORDERS = 20_000
KILLS = 3
SMALL_BATCHES = ("--batch-records", "200")


def test_killed_workers_successor_goes_on_exactly(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify
) -> None:
    """Three victims in the middle of 20,000 orders; the fourth finishes the work."""
    send_orders(pipeline, topics.input, map(order, range(ORDERS)))
    done = [_kill_in_the_middle(start(*SMALL_BATCHES)) for _ in range(KILLS)]

    successor = start("--until-idle", "2")

    assert successor.wait(timeout_s=120) == 0
    assert all(0 < each < ORDERS for each in done)
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == ORDERS


def test_survivor_takes_over_what_a_killed_worker_left(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify
) -> None:
    """With two workers and one killed, the other finishes after the session's end."""
    flags = (*SMALL_BATCHES, "--session-timeout", "6", "--transaction-timeout", "5")
    victim, survivor = start(*flags), start(*flags)
    url = wait_for_service(survivor)
    send_orders(pipeline, topics.input, map(order, range(ORDERS)))

    _kill_in_the_middle(victim)
    ends = find_log_ends(pipeline, topics.input)
    survivor.wait_until(
        lambda: have_read_to(ends, topics.input, [httpx.get(f"{url}/status").json()]),
        timeout_s=120,
    )

    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == ORDERS


def _kill_in_the_middle(victim: Child) -> int:
    """Kill the worker as soon as it has committed something; return how much."""
    url = wait_for_service(victim)
    count = victim.wait_until(lambda: _processed_count(url) or None, timeout_s=60)
    victim.kill()
    return count


def _processed_count(url: str) -> int:
    text = httpx.get(f"{url}/metrics").text
    for family in text_string_to_metric_families(text):
        if family.name == "accord_records_processed":
            return int(family.samples[0].value)
    return 0
