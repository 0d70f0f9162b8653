"""Send the Northwind orders, then prove that each is priced, counted and mailed once.

What is under way settles within a time; what is wrong then is told, and the exit code
is 1.
"""

# ruff: noqa: INP001 - a script that compose mounts, in no package

import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.resources import files
from typing import Any, TypeVar

import httpx

_ORDERS = str(files("operations") / "data" / "northwind-orders.jsonl")
_SEND = ["order-service", "--from", _ORDERS]
_VERIFY = ["pipeline", "verify", "--input", _ORDERS]
_PATIENCE_S = 120.0
_LOOK_AGAIN_S = 1.0
T = TypeVar("T")
_READERS = {"transaction-service", "notification-service", "analytics-service"}


class NotYet(Exception):
    """Something is not as it must be in the end; it may still become so."""


def main() -> int:
    """Send, let it settle, and tell; return the exit code."""
    subprocess.run(_SEND, check=True)  # noqa: S603 - our own command
    deadline = time.monotonic() + _PATIENCE_S
    try:
        expected = _settle(verify, deadline)
        _settle(lambda: count("ANALYTICS", "totals", "orders", expected), deadline)
        _settle(lambda: count("NOTIFICATION", "mails", "mails", expected), deadline)
        _settle(look_at_metrics, deadline)
    except NotYet as problem:
        _tell(f"failed: {problem}")
        return 1
    return 0


def verify() -> int:
    """Return how many orders were verified, once the verifier finds nothing wrong."""
    done = subprocess.run(_VERIFY, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise NotYet(done.stdout + done.stderr)
    _tell(done.stdout.rstrip())
    figures = dict(row.rsplit(maxsplit=1) for row in done.stdout.splitlines()[:-1])
    return int(figures["expected"])


def count(service: str, path: str, name: str, expected: int) -> None:
    """Compare what a sink counted with what was verified."""
    answer = _ask(f"{os.environ[f'ACCORD_{service}_URL']}/api/{path}")
    if answer[name] != expected:
        raise NotYet(f"{answer[name]} {name}, expected {expected}")
    _tell(f"{expected} {name}")


def look_at_metrics() -> None:
    """Ask Prometheus which services it reads."""
    url = f"{os.environ['ACCORD_PROMETHEUS_URL']}/api/v1/query?query=up==1"
    found = {each["metric"]["job"] for each in _ask(url)["data"]["result"]}
    if missing := _READERS - found:
        raise NotYet(f"Prometheus does not read {', '.join(sorted(missing))}")
    _tell(f"Prometheus reads {', '.join(sorted(found))}")


def _settle(check: Callable[[], T], deadline: float) -> T:
    while True:
        try:
            return check()
        except NotYet:
            if time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_AGAIN_S)


def _ask(url: str) -> Any:  # noqa: ANN401 - what JSON holds
    try:
        return httpx.get(url).raise_for_status().json()
    except httpx.HTTPError as exc:
        raise NotYet(f"{url}: {exc}") from exc


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
