"""Workers come and go under load: one, then three, then one again."""

from collections.abc import Sequence
from typing import Any

import httpx

from operations.stack import Addresses, Child, wait_for_service
from tests.processors.conftest import Start, Verify
from tests.services import (
    PARTITIONS,
    Topics,
    find_log_ends,
    have_read_to,
    order,
    send_orders,
)

ORDERS = 30_000
SHARE = ORDERS // 3
PATIENCE_S = 150.0
FLAGS = (
    *("--batch-records", "100"),
    *("--session-timeout", "6", "--transaction-timeout", "5"),
)


def test_one_three_and_one_workers_price_each_order_once(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify
) -> None:
    """Two join in the middle of work, and leave in the middle of work."""
    first = start(*FLAGS)
    urls = [wait_for_service(first)]
    send_orders(pipeline, topics.input, map(order, range(SHARE)))
    first.wait_until(lambda: _count(urls) or None, timeout_s=PATIENCE_S)

    helpers = [start(*FLAGS), start(*FLAGS)]
    urls += [wait_for_service(each) for each in helpers]
    send_orders(pipeline, topics.input, map(order, range(SHARE, 2 * SHARE)))
    first.wait_until(lambda: _share(urls), timeout_s=PATIENCE_S)

    send_orders(pipeline, topics.input, map(order, range(2 * SHARE, ORDERS)))
    statuses = [_leave(each) for each in helpers]
    ends = find_log_ends(pipeline, topics.input)
    first.wait_until(
        lambda: have_read_to(ends, topics.input, [_status(urls[0])]),
        timeout_s=PATIENCE_S,
    )

    assert [*statuses, first.stop(grace_s=30)] == [0, 0, 0]
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == ORDERS


def _leave(helper: Child) -> int:
    return helper.stop(grace_s=30)


def _status(url: str) -> dict[str, Any]:
    status: dict[str, Any] = httpx.get(f"{url}/status", timeout=10).json()
    return status


def _count(urls: Sequence[str]) -> int:
    return sum(_status(url).get("records_processed", 0) for url in urls)


def _partitions(url: str) -> int:
    return sum(len(each) for each in _status(url).get("lag", {}).values())


def _share(urls: Sequence[str]) -> bool | None:
    """Each has partitions, and none is without a worker."""
    counts = [_partitions(url) for url in urls]
    return (all(counts) and sum(counts) == PARTITIONS) or None
