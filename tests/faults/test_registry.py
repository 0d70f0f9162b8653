"""The registry answers, but not with what was asked for: held, never buried."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from operations.stack import Addresses, wait_for_service
from tests.faults.front import Front, Illness, standing_before
from tests.processors.conftest import Start, Verify
from tests.services import Topics, order, send_orders

ORDERS = 200
PATIENCE_S = 120.0


@pytest.fixture
def front(pipeline: Addresses) -> Iterator[Front]:
    """Give a server between the service and its registry."""
    with standing_before(pipeline.registry_url) as front:
        yield front


@pytest.mark.parametrize(
    "illness", [each for each in Illness if each is not Illness.NONE]
)
def test_registry_that_falls_ill_is_waited_for(  # noqa: PLR0913 - fixtures
    pipeline: Addresses,
    front: Front,
    topics: Topics,
    start: Start,
    verify: Verify,
    *,
    illness: Illness,
) -> None:
    """Live, not ready, nothing dead-lettered; then every order is priced."""
    flags = ("--registry-url", front.url, "--registry-property", "timeout=1")
    service = start(*flags)
    url = wait_for_service(service)
    front.fall_ill(illness)
    send_orders(pipeline, topics.input, map(order, range(ORDERS)))

    service.wait_until(lambda: _is_holding(url), timeout_s=PATIENCE_S)
    held = _status(url)
    probes = [httpx.get(f"{url}/{each}").status_code for each in ("livez", "readyz")]
    front.recover()
    service.wait_until(lambda: _has_processed(url), timeout_s=PATIENCE_S)

    assert "registry" in held["held"]
    assert probes == [200, 503]
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert (verdict.expected, verdict.dead_letters) == (ORDERS, 0)


def _status(url: str) -> dict[str, Any]:
    status: dict[str, Any] = httpx.get(f"{url}/status").json()
    return status


def _is_holding(url: str) -> bool | None:
    return _status(url)["state"] == "holding" or None


def _has_processed(url: str) -> bool | None:
    return _status(url).get("records_processed") == ORDERS or None
