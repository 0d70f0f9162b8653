"""Long computations: done elsewhere, once, and nobody waits for another's."""

import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.errors import SchemaTooDeep
from registry.local import Emulation, SqliteStore
from registry.local.entities import SchemaEntity
from registry.local.offload import Errand, Offload, WorkPending
from registry.local.registry import Registry
from registry.local.settings import Config, Settings
from registry.local.versions import Versions
from tests.registry_local.conftest import InProcess, Serve

_VERSION_COUNT = 60
_FIELD_COUNT = 150


def _fails() -> int:
    raise SchemaTooDeep


def test_quick_work_is_done_at_once() -> None:
    """Up to 20,000 characters of schemas."""
    offload = Offload()

    with offload.serving(Errand()):
        assert offload.compute("key", lambda: 7, size_chars=20_000) == 7


def test_long_work_is_found_done_by_the_next_attempt() -> None:
    """The first attempt ends; after the work, the second goes on with its result."""
    offload, errand = Offload(), Errand()

    with offload.serving(errand), pytest.raises(WorkPending) as pending:
        offload.compute("key", lambda: 7, size_chars=200_001)
    pending.value.work()

    with offload.serving(errand):
        assert offload.compute("key", _fails, size_chars=200_001) == 7


def test_failure_of_long_work_reaches_the_next_attempt() -> None:
    """As if it had been done there."""
    offload, errand = Offload(), Errand()

    with offload.serving(errand), pytest.raises(WorkPending) as pending:
        offload.compute("key", _fails, size_chars=10**9)
    pending.value.work()

    with offload.serving(errand), pytest.raises(SchemaTooDeep):
        offload.compute("key", lambda: 7, size_chars=10**9)


def test_request_whose_work_changes_for_ever_does_it_itself() -> None:
    """It loses patience after eight rounds; it is never sent round without end."""
    offload, errand = Offload(), Errand()
    for number in range(8):
        errand.do(number, lambda: 0)

    with offload.serving(errand):
        assert offload.compute("another", lambda: 7, size_chars=10**9) == 7


def test_work_that_no_request_waits_for_is_done_at_once() -> None:
    """Used as a library, nothing is put off."""
    assert Offload().compute("key", lambda: 7, size_chars=10**9) == 7


def _schema(number: int) -> str:
    fields: list[dict[str, Any]] = [
        {"name": f"f{each}", "type": ["null", "string"], "default": None}
        for each in range(_FIELD_COUNT)
    ]
    fields.append({"name": f"n{number}", "type": "int", "default": 0})
    return json.dumps(
        {"type": "record", "name": "R", "fields": fields}, separators=(",", ":")
    )


def test_long_schema_is_read_beside_the_others() -> None:
    """Whoever sends megabytes waits for them alone."""
    parts = Registry.build(SqliteStore.open(None), Emulation.V8)
    symbols = [f"SYMBOL_{number}" for number in range(3000)]
    text = json.dumps({"type": "enum", "name": "E", "symbols": symbols})
    sent = SchemaEntity(subject="s", version=0, schema_id=-1, text=text)
    errand = Errand()

    with parts.offload.serving(errand), pytest.raises(WorkPending) as pending:
        parts.parser.parse(sent, is_new=True)
    pending.value.work()
    with parts.offload.serving(errand):
        found = parts.parser.parse(sent, is_new=True)

    assert found.entity.text == text.replace(": ", ":").replace(", ", ",")


def test_schemas_with_too_many_pairs_of_types_are_not_compared(
    registry: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two wide unions would keep the registry busy for hours; it says so instead."""
    monkeypatch.setattr("registry.compatibility.check._MOST_PAIRS", 100)
    before, after = ([_record(number, name) for number in range(20)] for name in "ab")
    registry.register("s", before)

    answer = registry.register("s", after)

    assert answer["error_code"] == 42201
    assert "more than 100 pairs of types" in answer["message"]


def _record(number: int, field: str) -> dict[str, object]:
    fields = [{"name": field, "type": "int"}]
    return {"type": "record", "name": f"R{number}", "fields": fields}


@pytest.fixture
def long_history(tmp_path: Path) -> Path:
    """Return the file of a registry with a subject that is long to compare with."""
    path = tmp_path / "registry.sqlite"
    store = SqliteStore.open(path)
    versions = Versions(store)
    with store.transaction():
        for number in range(1, _VERSION_COUNT + 1):
            entity = SchemaEntity(
                subject="s", version=number, schema_id=number, text=_schema(number)
            )
            versions.put(entity)
        Settings(store).put_config("s", Config({"compatibility": "FULL_TRANSITIVE"}))
    store.close()
    return path


def _slowest_while(busy: Future[httpx.Response], url: str) -> tuple[int, float]:
    """Return how many look-ups were answered meanwhile, and the slowest's time."""
    times_s = []
    with httpx.Client() as client:
        while not busy.done():
            began = time.perf_counter()
            client.get(f"{url}/schemas/ids/1")
            times_s.append(time.perf_counter() - began)
    return len(times_s), max(times_s)


def test_others_are_served_during_a_long_comparison(
    serve_registry: Serve, long_history: Path
) -> None:
    """Look-ups are answered all along, each in a fraction of the comparison's time."""
    url = serve_registry(long_history).url
    body = {"schema": _schema(1000)}

    began = time.perf_counter()
    with ThreadPoolExecutor(1) as threads:
        busy = threads.submit(
            httpx.post, f"{url}/subjects/s/versions", json=body, timeout=60
        )
        answered_count, slowest_s = _slowest_while(busy, url)
    long_s = time.perf_counter() - began

    assert busy.result().json()["version"] == _VERSION_COUNT + 1
    assert answered_count >= 5
    assert slowest_s < long_s / 2


def test_long_comparison_refuses_as_a_short_one_does(
    serve_registry: Serve, long_history: Path
) -> None:
    """Where a computation is done changes no word of the answer."""
    url = serve_registry(long_history).url
    body = {"schema": json.dumps({"type": "record", "name": "Q", "fields": []})}

    answer = httpx.post(f"{url}/subjects/s/versions", json=body, timeout=60).json()

    assert answer["error_code"] == 40901
    assert "expected: R" in answer["message"]
    assert f"{{oldSchemaVersion: {_VERSION_COUNT}}}" in answer["message"]
