"""The disk below analytics-service is full, and then it is not."""

import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx

from operations.stack import Addresses, Child, wait_for_service
from operations.verify.pricing import in_units
from tests.faults import crowded_service
from tests.processors.conftest import Start, Verify
from tests.services import Topics, order, running_command, send_orders

ROOT = Path(__file__).parents[2]
ORDERS = 3000
PATIENCE_S = 120.0


def test_full_database_is_waited_for(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify, tmp_path: Path
) -> None:
    """Held with the reason, alive, nothing drained; then each order counts once."""
    wait_for_service(start())
    flag = tmp_path / "full"
    with _crowded(pipeline, topics, flag, tmp_path) as service:
        url = wait_for_service(service)
        send_orders(pipeline, topics.input, map(order, range(ORDERS)))
        service.wait_until(lambda: _has_counted(url, ORDERS), timeout_s=PATIENCE_S)

        flag.touch()
        send_orders(pipeline, topics.input, map(order, range(ORDERS, 2 * ORDERS)))
        held = service.wait_until(lambda: _find_hold(url), timeout_s=PATIENCE_S)
        is_alive = httpx.get(f"{url}/livez").is_success
        flag.unlink()
        service.wait_until(lambda: _has_counted(url, 2 * ORDERS), timeout_s=PATIENCE_S)
        totals = _get(f"{url}/api/totals")

    assert "full" in held
    assert is_alive
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == totals["orders"] == 2 * ORDERS
    assert totals["revenue"] == {
        currency: in_units(revenue) for currency, revenue in verdict.revenue.items()
    }


def _crowded(
    pipeline: Addresses, topics: Topics, flag: Path, folder: Path
) -> AbstractContextManager[Child]:
    command = [sys.executable, crowded_service.__file__, str(flag), "--log-format=json"]
    command += ["--bootstrap-servers", pipeline.bootstrap_servers]
    command += ["--registry-url", pipeline.registry_url]
    command += ["--input-topic", topics.output, "--group", topics.output]
    command += ["--database", f"sqlite:///{folder / 'figures.db'}"]
    path = {"PYTHONPATH": str(ROOT)}
    return running_command("crowded", command, folder=folder, **path)


def _get(url: str) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(url, timeout=30).json()
    return answer


def _has_counted(url: str, count: int) -> bool | None:
    return _get(f"{url}/api/totals")["orders"] == count or None


def _find_hold(url: str) -> str | None:
    return _get(f"{url}/status").get("held") or None
