"""Services that die are started again, ever more slowly, and it is said."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from operations.services import ServicePlan, plan_dashboard
from operations.supervisor import Supervised

WaitUntil = Callable[[Callable[[], bool]], None]
Supervise = Callable[[ServicePlan], Supervised]


@pytest.fixture
def said() -> list[str]:
    """Return what the person who watches was told."""
    return []


@pytest.fixture
def supervise(tmp_path: Path, said: list[str]) -> Iterator[Supervise]:
    """Return what starts a service under supervision, with short pauses."""
    started: list[Supervised] = []

    def start(plan: ServicePlan) -> Supervised:
        service = Supervised(plan, logs=tmp_path, talk=said.append, first_pause_s=0.01)
        started.append(service)
        return service

    yield start
    for each in started:
        each.stop()


def test_restarted_service_keeps_its_address(
    supervise: Supervise, said: list[str], wait_until: WaitUntil, tmp_path: Path
) -> None:
    """Who was told the address of a service finds it there after its death."""
    service = supervise(
        plan_dashboard(listen="127.0.0.1:0", analytics_url=None, services={})
    )
    url = service.wait_until_ready()

    def is_back() -> bool:
        service.check()
        return len(said) > 1 and _answers(url)

    os.kill(service.pid, signal.SIGKILL)
    wait_until(is_back)

    assert said[0].startswith("dashboard ended with status 137")
    assert said[1] == "dashboard is started again"
    assert (tmp_path / "dashboard.log").read_text().count(url) > 1


def test_crash_loop_is_reported(
    supervise: Supervise, said: list[str], wait_until: WaitUntil, tmp_path: Path
) -> None:
    """A service that cannot live is said to, with its last words and its log."""
    service = supervise(ServicePlan(name="broken", module="operations.nothing"))

    def is_reported() -> bool:
        service.check()
        return any("has died 5 times within a minute" in each for each in said)

    wait_until(is_reported)

    deaths = [each for each in said if "ended with status 1: " in each]
    assert len(deaths) == 5
    assert "No module named operations.nothing; again in 0.01 s" in deaths[0]
    assert "again in 0.16 s" in deaths[4]
    assert str(tmp_path / "broken.log") in said[-1]


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").is_success
    except httpx.TransportError:
        return False
