"""`pipeline up`, `report` and `verify`, as people run them."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from operations.demo import NORTHWIND
from tests.operations.conftest import Up, run

WaitUntil = Callable[[Callable[[], bool]], None]
FindProcesses = Callable[..., list[int]]

KEYS = [
    "bootstrap_servers",
    "registry_url",
    "dashboard_url",
    "analytics_url",
    "mail",
    "database_url",
    "data",
]


@pytest.fixture(scope="module")
def loaded(up: Up) -> Up:
    """Give a pipeline through which the orders of Northwind went."""
    written = run(
        "order-service",
        *("--bootstrap-servers", up.addresses["bootstrap_servers"]),
        *("--registry-url", up.addresses["registry_url"]),
        *("--from", NORTHWIND),
    )
    assert written.returncode == 0, written.stderr
    return up


def report(up: Up) -> dict[str, object]:
    """Return what `pipeline report` says."""
    figures: dict[str, object] = json.loads(up.run("report", "--format", "json").stdout)
    return figures


def drained(up: Up) -> bool:
    """Tell whether every order is counted and mailed."""
    figures = report(up)
    return (figures["orders"], figures["mails"], figures["lag"]) == (830, 830, 0)


def test_json_line_tells_where_everything_is(up: Up) -> None:
    """The one line has the promised keys, and who stands there answers."""
    assert list(up.addresses) == KEYS
    assert up.addresses["data"] == str(up.data)
    assert up.addresses["mail"] == f"maildir:{up.data / 'mail'}"
    assert httpx.get(f"{up.addresses['registry_url']}/subjects").json() == [
        "order-details-value",
        "order-processed-value",
    ]
    assert httpx.get(f"{up.addresses['analytics_url']}/readyz").is_success
    assert httpx.get(f"{up.addresses['dashboard_url']}/livez").is_success
    assert httpx.get(f"{up.addresses['dashboard_url']}/readyz").is_success


def test_report_shows_the_known_figures(loaded: Up, wait_until: WaitUntil) -> None:
    """Orders, exact revenue as text, mails; at rest nothing waits."""
    wait_until(lambda: drained(loaded))

    assert report(loaded) == {
        "orders": 830,
        "revenue": {"USD": "1265793.0395"},
        "mails": 830,
        "dead_letters": 0,
        "lag": 0,
        "repeated_order_ids": 0,
    }


def test_report_reads_the_database_where_no_service_runs(
    loaded: Up, wait_until: WaitUntil
) -> None:
    """Explicit addresses do without the pipeline's folder and its API."""
    wait_until(lambda: drained(loaded))

    told = run(
        *("pipeline", "report", "--format", "json"),
        *("--bootstrap-servers", loaded.addresses["bootstrap_servers"]),
        *("--database", loaded.addresses["database_url"]),
        *("--mail", loaded.addresses["mail"]),
    )

    figures = json.loads(told.stdout)
    assert figures["revenue"] == {"USD": "1265793.0395"}
    assert figures["mails"] == 830


def test_verify_finds_nothing_wrong(loaded: Up, wait_until: WaitUntil) -> None:
    """Every line of the file is among the inputs, every input has its output."""
    wait_until(lambda: drained(loaded))

    verified = loaded.run("verify", "--input", NORTHWIND, "--format", "json")

    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout) == {
        "expected": 830,
        "missing": 0,
        "duplicate": 0,
        "wrong": 0,
        "out_of_order": 0,
        "dead_letters": 0,
        "repeated_order_ids": 0,
    }


def test_verify_misses_an_order_that_never_came(
    loaded: Up, wait_until: WaitUntil, tmp_path: Path
) -> None:
    """A line of the file that is not among the inputs is missing: exit 1."""
    wait_until(lambda: drained(loaded))
    more = tmp_path / "more.jsonl"
    lines = NORTHWIND.read_text(encoding="utf-8").splitlines()
    more.write_text("\n".join([*lines, lines[0].replace('"10248"', '"99999"')]))

    verified = loaded.run("verify", "--input", more)

    assert verified.returncode == 1
    assert verified.stdout.splitlines()[-1] == (
        "verified: 831 orders, 1 missing, 0 duplicate, 0 wrong"
    )
    assert "more.jsonl:831: order 99999 is not in the topic" in verified.stderr


def test_service_that_dies_is_started_again(
    up: Up, wait_until: WaitUntil, find_processes: FindProcesses
) -> None:
    """After kill -9 the service is back at its address, without being asked."""
    url = up.services["transaction-service"]
    logged = up.data / "logs" / "transaction-service.log"
    before = logged.read_text().count("service.listening")
    both = find_processes("processors.transaction_service", up.data)
    [victim] = set(both) - set(find_processes("child.py", up.data))

    os.kill(victim, signal.SIGKILL)

    wait_until(lambda: logged.read_text().count("service.listening") > before)
    wait_until(lambda: httpx.get(f"{url}/readyz").is_success)
    assert "transaction-service is started again" in up.log_path.read_text()


def test_second_pipeline_on_the_same_folder_is_refused(up: Up) -> None:
    """One sentence, exit 78, and the first one goes on."""
    refused = run("pipeline", "up", "--data", up.data, "--services", "none")

    assert refused.returncode == 78
    assert "another stack runs on" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert (up.data / "stack.json").exists()


def test_stopped_pipeline_goes_on_with_its_data(
    kafka_works: None, tmp_path: Path
) -> None:
    """SIGTERM ends it with 0 and no further word; a second start finds its topics."""
    del kafka_works
    with Up(tmp_path / "data", "--services", "none") as first:
        assert first.addresses["analytics_url"] is None
        assert first.addresses["mail"] is None
        assert first.stop() == (0, "")
        assert not (first.data / "stack.json").exists()

    with Up(tmp_path / "data", "--services", "none") as second:
        verified = second.run("verify")

    assert verified.returncode == 0, verified.stderr
    assert verified.stdout.endswith("0 orders, 0 missing, 0 duplicate, 0 wrong\n")


def test_killed_pipeline_leaves_no_process(
    kafka_works: None,
    tmp_path: Path,
    wait_until: WaitUntil,
    find_processes: FindProcesses,
) -> None:
    """Kafka, registry and services die with it, even when it is killed -9."""
    del kafka_works
    with Up(tmp_path / "data", "--services", "transaction-service") as doomed:
        assert len(find_processes(doomed.data)) > 3

        doomed.process.kill()

        wait_until(lambda: not find_processes(doomed.data))
