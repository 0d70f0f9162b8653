"""transaction-service --workers N: several processes, one service."""

import os
import signal
from typing import Any

import httpx
import pytest

from operations.stack import Addresses, Child, wait_for_service
from tests.processors.conftest import Start, Verify
from tests.services import Topics, find_log_ends, have_read_to, order, send_orders

WORKERS = 2
READY_S = 90
SHORT = ("--session-timeout", "6", "--transaction-timeout", "5")


@pytest.fixture
def service(start: Start) -> Child:
    """Return a service of two workers."""
    return start("--workers", str(WORKERS), *SHORT)


def test_workers_share_the_partitions_and_answer_as_one(
    pipeline: Addresses, topics: Topics, service: Child, verify: Verify
) -> None:
    """/status sums up, /metrics tells workers apart, /readyz waits for all."""
    url = wait_for_service(service, timeout_s=READY_S)
    service.wait_until(lambda: _partitions(url) == [3, 3] or None, timeout_s=READY_S)
    send_orders(pipeline, topics.input, map(order, range(500)))

    service.wait_until(lambda: _has_processed(url, 500), timeout_s=READY_S)
    metrics = httpx.get(f"{url}/metrics").text

    assert 'accord_records_processed_total{worker="transaction-service-0"}' in metrics
    assert 'accord_records_processed_total{worker="transaction-service-1"}' in metrics
    assert verify().is_clean


def test_worker_that_is_killed_is_started_again(
    pipeline: Addresses, topics: Topics, service: Child, verify: Verify
) -> None:
    """Its successor takes its place, and the service never ended."""
    url = wait_for_service(service, timeout_s=READY_S)
    victim = _status(url)["workers"][0]["pid"]
    os.kill(victim, signal.SIGKILL)
    send_orders(pipeline, topics.input, map(order, range(500)))

    service.wait_until(lambda: _is_replaced(url, victim), timeout_s=READY_S)
    ends = find_log_ends(pipeline, topics.input)
    service.wait_until(
        lambda: have_read_to(ends, topics.input, _status(url)["workers"]),
        timeout_s=READY_S,
    )

    assert service.exit_status is None
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == 500


def test_workers_that_cannot_start_end_the_service_with_their_reason(
    start: Start,
) -> None:
    """What a restart does not cure is not restarted: the exit code is theirs."""
    service = start("--workers", "2", "--output-topic", "nowhere")

    assert service.wait(timeout_s=READY_S) == 78
    assert "topic nowhere does not exist" in service.read_log()
    assert "Traceback" not in service.read_log()


def test_workers_drain_and_end(
    pipeline: Addresses, topics: Topics, start: Start
) -> None:
    """With --until-idle the service ends when the last worker has drained."""
    send_orders(pipeline, topics.input, map(order, range(100)))

    service = start("--workers", "2", "--until-idle", "2", *SHORT)

    assert service.wait(timeout_s=READY_S) == 0


def _status(url: str) -> dict[str, Any]:
    status: dict[str, Any] = httpx.get(f"{url}/status", timeout=10).json()
    return status


def _partitions(url: str) -> list[int]:
    placed = [each.get("next_offsets", {}) for each in _status(url)["workers"]]
    return [len(each) for topics in placed for each in topics.values()]


def _has_processed(url: str, count: int) -> bool | None:
    return _status(url)["records_processed"] == count or None


def _is_replaced(url: str, victim: int) -> bool | None:
    pids = [each.get("pid") for each in _status(url)["workers"]]
    return (None not in pids and victim not in pids) or None
