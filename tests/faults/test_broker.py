"""Brokers go away under load and come back: the services wait, and go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from operations.stack import Addresses, Child, Stack, wait_for_service
from operations.stack.kafka import LocalKafka
from operations.verify.pricing import in_units
from tests import services
from tests.faults.cluster import End, find_leader, own_stack, stop_in_order
from tests.processors.conftest import Start, Verify
from tests.services import Topics, order, send_orders

ORDERS = 10_000
PATIENCE_S = 150.0
SMALL_BATCHES = ("--batch-records", "100")


@pytest.fixture(scope="module", params=[1, 3], ids=["one broker", "three brokers"])
def cluster(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    require_or_skip: Callable[[str], None],
) -> Iterator[Stack]:
    """Give a stack that no other test is on, with one broker and with three.

    Of three, each has a copy of everything, and two must have a record before it
    counts.
    """
    folder = tmp_path_factory.mktemp("cluster")
    with own_stack(folder, require_or_skip, brokers=request.param) as running:
        yield running


@pytest.fixture
def pipeline(cluster: Stack) -> Addresses:
    """Return that stack's addresses, for the other fixtures too."""
    return cluster.addresses


@pytest.fixture
def analytics(
    pipeline: Addresses, topics: Topics, tmp_path: Path
) -> Iterator[tuple[Child, str]]:
    """Run analytics-service behind transaction-service; its process and URL."""
    with services.running(
        "analytics-service",
        *("--bootstrap-servers", pipeline.bootstrap_servers),
        *("--registry-url", pipeline.registry_url),
        *("--input-topic", topics.output, "--group", topics.output),
        *("--database", f"sqlite:///{tmp_path / 'figures.db'}"),
        *SMALL_BATCHES,
        folder=tmp_path,
    ) as counting:
        yield counting, wait_for_service(counting)


@pytest.mark.parametrize("end", [stop_in_order, Child.kill])
def test_leader_that_ends_under_load_costs_nothing(  # noqa: PLR0913 - fixtures
    cluster: Stack,
    topics: Topics,
    start: Start,
    verify: Verify,
    *,
    analytics: tuple[Child, str],
    end: End,
) -> None:
    """A lone broker comes back; of three, the other two do without the leader.

    The services wait. Every order is priced and counted once, and in its order.
    """
    counting, counting_url = analytics
    pricing = start(*SMALL_BATCHES)
    url = wait_for_service(pricing)
    send_orders(cluster.addresses, topics.input, map(order, range(ORDERS)))
    pricing.wait_until(lambda: _has_begun(url), timeout_s=PATIENCE_S)

    broker = find_leader(cluster, topics.output)
    end(broker)
    done_before = _count(counting_url)
    with _back_afterwards(cluster.kafka, broker):
        counting.wait_until(lambda: _is_done(counting_url), timeout_s=PATIENCE_S)
    totals = _get(f"{counting_url}/api/totals")

    assert done_before < ORDERS
    assert [pricing.stop(grace_s=30), counting.stop(grace_s=30)] == [0, 0]
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == totals["orders"] == ORDERS
    assert totals["revenue"] == {
        currency: in_units(revenue) for currency, revenue in verdict.revenue.items()
    }


@contextmanager
def _back_afterwards(kafka: LocalKafka, broker: Child) -> Iterator[None]:
    """Have the broker back after the block, or before it if there is no other.

    The next test finds the cluster whole.
    """
    is_alone = len(kafka.brokers) == 1
    if is_alone:
        broker.restart()
    yield
    if not is_alone:
        broker.restart()
    kafka.wait_until_ready()


def _get(url: str) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(url, timeout=30).json()
    return answer


def _count(counting_url: str) -> int:
    return int(_get(f"{counting_url}/api/totals")["orders"])


def _has_begun(url: str) -> bool | None:
    return _get(f"{url}/status").get("records_processed", 0) > 0 or None


def _is_done(counting_url: str) -> bool | None:
    return _count(counting_url) >= ORDERS or None
