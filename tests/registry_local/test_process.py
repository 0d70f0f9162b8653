"""The registry as a process: one file, one owner, nothing answered is lost."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.local import SqliteStore
from registry.local.entities import SchemaEntity
from registry.local.versions import Versions
from tests.registry_local.conftest import Serve, Served

Run = Callable[..., subprocess.CompletedProcess[str]]


def _body(number: int) -> dict[str, str]:
    fields = [{"name": f"f{number}", "type": "int", "default": 0}]
    return {"schema": json.dumps({"type": "record", "name": "R", "fields": fields})}


def _register(client: httpx.Client, url: str, subject: str, number: int) -> int | None:
    """Return the id, or None if the registry died before it answered."""
    try:
        answer = client.post(f"{url}/subjects/{subject}/versions", json=_body(number))
    except httpx.TransportError:
        return None
    return int(answer.json()["id"])


def test_program_announces_its_url_and_nothing_else(serve_registry: Serve) -> None:
    """Standard output is one line of JSON; the URL in it answers."""
    served = serve_registry()

    answer = httpx.get(f"{served.url}/subjects")
    code = served.stop()

    assert answer.json() == []
    assert served.process.stdout is not None
    assert served.process.stdout.read() == ""
    assert code == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_registry_ends_well_on_a_signal(
    serve_registry: Serve, tmp_path: Path, how: signal.Signals
) -> None:
    """Both signals end it with 0, and its file opens again."""
    store = tmp_path / "registry.sqlite"

    assert serve_registry(store).stop(how) == 0
    SqliteStore.open(store).close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_restart_answers_what_was_answered(
    serve_registry: Serve, tmp_path: Path, how: signal.Signals
) -> None:
    """Schemas, configuration, modes and the id counter are where they were."""
    store = tmp_path / "registry.sqlite"
    first = serve_registry(store)
    httpx.post(f"{first.url}/subjects/s/versions", json=_body(1))
    httpx.put(f"{first.url}/config/s", json={"compatibility": "FULL"})
    httpx.put(f"{first.url}/mode/t", json={"mode": "READONLY"})
    before = httpx.get(f"{first.url}/subjects/s/versions/1").json()
    first.stop(how)

    second = serve_registry(store)

    assert httpx.get(f"{second.url}/subjects/s/versions/1").json() == before
    level = httpx.get(f"{second.url}/config/s").json()
    assert level == {"compatibilityLevel": "FULL"}
    assert httpx.get(f"{second.url}/mode/t").json() == {"mode": "READONLY"}
    with httpx.Client() as client:
        assert _register(client, second.url, "u", 2) == 2


def _list_all(url: str) -> list[dict[str, Any]]:
    """Return all versions; a page has a thousand at most."""
    with httpx.Client() as client:
        pages = (
            client.get(f"{url}/schemas?offset={offset}&limit=1000").json()
            for offset in range(0, 4000, 1000)
        )
        return [version for page in pages for version in page]


def test_kill_in_a_storm_loses_nothing_answered(
    serve_registry: Serve,
    tmp_path: Path,
    soak: bool,  # noqa: FBT001 - a fixture
) -> None:
    """Every id that a client was told is still there, and ids are dense and unique."""
    wanted_count = 2000 if soak else 300
    store = tmp_path / "registry.sqlite"
    first = serve_registry(store)
    answered: dict[int, str] = {}
    enough = threading.Event()

    def storm(worker: int) -> None:
        with httpx.Client() as client:
            for number in range(1000 * worker, 1000 * worker + 1000):
                subject = f"s{number}"
                schema_id = _register(client, first.url, subject, number)
                if schema_id is None:
                    return
                answered[schema_id] = subject
                if len(answered) >= wanted_count:
                    enough.set()

    with ThreadPoolExecutor(4) as workers:
        storms = [workers.submit(storm, worker) for worker in range(4)]
        assert enough.wait(30)
        first.stop(signal.SIGKILL)
        [each.result() for each in storms]
    second = serve_registry(store)

    kept = _list_all(second.url)
    places = {it["id"]: it["subject"] for it in kept}
    assert answered.items() <= places.items()
    assert sorted(places) == list(range(1, len(kept) + 1))


def test_one_schema_registered_by_many_at_once_has_one_id(
    serve_registry: Serve,
) -> None:
    """Whoever comes first, all are told the same id, and there is one version."""
    served = serve_registry()

    def register(_worker: int) -> int | None:
        with httpx.Client() as client:
            return _register(client, served.url, "s", 1)

    with ThreadPoolExecutor(8) as workers:
        ids = set(workers.map(register, range(24)))

    assert ids == {1}
    assert httpx.get(f"{served.url}/subjects/s/versions").json() == [1]


def test_second_process_on_a_file_is_refused(
    serve_registry: Serve, run: Run, tmp_path: Path
) -> None:
    """It ends with 78 and a sentence that names the file; the first goes on."""
    store = tmp_path / "registry.sqlite"
    first = serve_registry(store)

    second = run("--port", "0", "--store", str(store))

    assert second.returncode == 78
    assert f"another process has the registry file {store} open" in second.stderr
    assert "Traceback" not in second.stderr
    assert httpx.get(first.url).json() == {}


def test_taken_port_is_refused(run: Run) -> None:
    """It ends with 78 and says which port it could not have."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = run("--port", str(port))

    assert ended.returncode == 78
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr


def _fill(path: Path, version_count: int) -> None:
    store = SqliteStore.open(path)
    versions = Versions(store)
    with store.transaction():
        for number in range(1, version_count + 1):
            entity = SchemaEntity(
                subject=f"s{number % 1000}",
                version=number // 1000 + 1,
                schema_id=number,
                text=json.dumps(json.loads(_body(number)["schema"])),
            )
            versions.put(entity)
    store.close()


def test_large_registry_starts_and_answers_quickly(
    serve_registry: Serve, tmp_path: Path
) -> None:
    """10,000 versions cost a core less than 2 s to start, milliseconds a look-up."""
    path = tmp_path / "registry.sqlite"
    _fill(path, 10_000)

    served = serve_registry(path)
    start_s = _used_cpu_s(served)
    with httpx.Client() as client:
        statuses = {
            client.get(f"{served.url}/schemas/ids/{n}").status_code
            for n in range(1, 201)
        }

    assert statuses == {200}
    assert start_s < 2
    assert (_used_cpu_s(served) - start_s) / 200 < 0.01


def _used_cpu_s(served: Served) -> float:
    """Return what the process has used of a core, which no busy neighbour changes."""
    stat = Path(f"/proc/{served.process.pid}/stat").read_text(encoding="utf-8")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_contracts_serve_is_the_same_program() -> None:
    """Its options are the server's own, with a line of help for each."""
    serve = [str(Path(sys.executable).with_name("contracts")), "serve", "--help"]

    ended = subprocess.run(serve, capture_output=True, text=True, check=False)

    assert ended.returncode == 0
    assert "--emulate [7.9|8.x]" in ended.stdout
    assert "  Example:\n      contracts serve --port" in ended.stdout


def test_release_line_is_chosen_by_its_name(serve_registry: Serve) -> None:
    """By option, as clients would find it."""
    url = serve_registry("memory", "--emulate", "7.9").url

    answer = httpx.get(f"{url}/v1/metadata/version")

    assert answer.json()["version"] == "7.9.0"
