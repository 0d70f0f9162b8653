"""A worker that freezes, and comes back after all that it held has run out.

That is its transaction, its session in the group, and the time between two polls.
"""

import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from operations.lag import Reader, count_lag
from operations.stack import Addresses, Child, wait_for_service
from runtime.config import KafkaSettings
from tests.faults import stopping_service
from tests.processors.conftest import Start, Verify
from tests.services import (
    Topics,
    find_log_ends,
    flags_for,
    have_read_to,
    order,
    running_command,
    send_orders,
)

ROOT = Path(__file__).parents[2]
ORDERS = 6000
PATIENCE_S = 120.0
FLAGS = (
    *("--batch-records", "200", "--log-format", "json"),
    *("--transaction-timeout", "2", "--session-timeout", "6"),
    *("--max-poll-interval", "6"),
)


@pytest.mark.parametrize(
    "step", ["after:produce", "before:commit_transaction", "during:commit_transaction"]
)
def test_output_of_a_zombie_stays_invisible(  # noqa: PLR0913 - fixtures
    pipeline: Addresses,
    topics: Topics,
    start: Start,
    verify: Verify,
    tmp_path: Path,
    *,
    step: str,
) -> None:
    """Its orders are done by the other worker; awake again, it doubles none."""
    survivor = start(*FLAGS)
    url = wait_for_service(survivor)
    program = [sys.executable, stopping_service.__file__, step]
    flags = [*flags_for(pipeline, topics), *FLAGS, "--replica-id", "zombie"]
    path = {"PYTHONPATH": str(ROOT)}
    with running_command("zombie", [*program, *flags], folder=tmp_path, **path) as it:
        wait_for_service(it)
        survivor.wait_until(lambda: _owns(url, 3), timeout_s=PATIENCE_S)
        send_orders(pipeline, topics.input, map(order, range(ORDERS)))
        _wait_for_line(it, stopping_service.STOPPED)
        ends = find_log_ends(pipeline, topics.input)
        survivor.wait_until(
            lambda: have_read_to(ends, topics.input, [_status(url)]),
            timeout_s=PATIENCE_S,
        )

        it.signal(signal.SIGCONT)
        survivor.wait_until(lambda: _owns(url, 3), timeout_s=PATIENCE_S)
        send_orders(pipeline, topics.input, map(order, range(ORDERS, 2 * ORDERS)))
        survivor.wait_until(lambda: _is_done(pipeline, topics), timeout_s=PATIENCE_S)
        statuses = [each.stop(grace_s=30) for each in (it, survivor)]

    assert statuses == [0, 0]
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == 2 * ORDERS


def _wait_for_line(child: Child, event: str) -> None:
    child.wait_until(lambda: child.find_logged("event", event), timeout_s=PATIENCE_S)


def _is_done(pipeline: Addresses, topics: Topics) -> bool | None:
    kafka = KafkaSettings(bootstrap_servers=pipeline.bootstrap_servers)
    reader = Reader(group=topics.input, topic=topics.input)
    return count_lag(kafka, [reader]) == 0 or None


def _owns(url: str, count: int) -> bool | None:
    lags = _status(url).get("lag", {})
    return sum(len(each) for each in lags.values()) == count or None


def _status(url: str) -> dict[str, Any]:
    status: dict[str, Any] = httpx.get(f"{url}/status").json()
    return status
