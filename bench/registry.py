"""How fast the embedded registry is over HTTP, and how fast others are.

Apicurio Registry is started beside it, in the same run on the same machine, if it can
be had. With BENCH_REGISTRY_URL one more registry is measured; it should be empty, and
is left with the subjects that the run registered.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from bench import apicurio
from bench.registry_load import Connection, Figure, measure, measure_new_subject
from registry.errors import PipelineError
from registry.local import SqliteStore
from registry.local.entities import SchemaEntity
from registry.local.versions import Versions

_SUBJECTS = 1000
_VERSIONS = 10_000
_OURS = "embedded"
_Columns = dict[str, dict[str, Figure]]


class _Served(NamedTuple):
    """The embedded registry as a process; `start_s` until it answered."""

    url: str
    pid: int
    start_s: float


def main() -> None:
    """Print the table; a ratio is how many times better the embedded one is."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            columns = {_OURS: _measure_embedded(Path(folder) / "registry.db")}
    except PipelineError as exc:
        sys.exit(f"the embedded registry was not measured: {exc}")
    columns |= _measure_apicurio()
    if url := os.environ.get("BENCH_REGISTRY_URL", ""):
        columns[url] = _collect(url, measure(url))
    _print_table(columns)


def _measure_embedded(path: Path) -> dict[str, Figure]:
    with _serving(path) as served:
        found = dict(measure(served.url, pid=served.pid))
    large = path.with_suffix(".large")
    _fill(large)
    with _serving(large) as served:
        found[f"start with {_VERSIONS:,} versions"] = Figure(served.start_s, "s")
        among_them = measure_new_subject(served.url)
    found["register a new subject among them, p50"] = among_them
    return found


def _measure_apicurio() -> _Columns:
    name = f"Apicurio {apicurio.VERSION}"
    try:
        with apicurio.serving() as (url, pid):
            return {name: _collect(name, measure(url, pid=pid))}
    except PipelineError as exc:
        print(f"{name} was not measured: {exc}")
        return {}


def _collect(name: str, rows: Iterable[tuple[str, Figure]]) -> dict[str, Figure]:
    """Return the rows up to one that cannot be had, and say what ends them there."""
    found: dict[str, Figure] = {}
    try:
        found.update(rows)
    except PipelineError as exc:
        print(f"{name} was measured no further: {exc}")
    return found


def _fill(path: Path) -> None:
    store = SqliteStore.open(path)
    versions = Versions(store)
    with store.transaction():
        for number in range(_VERSIONS):
            entity = SchemaEntity(
                subject=f"subject-{number % _SUBJECTS}",
                version=number // _SUBJECTS + 1,
                schema_id=number + 1,
                text=f'{{"type":"record","name":"R{number}","fields":[]}}',
            )
            versions.put(entity)
    store.close()


@contextmanager
def _serving(path: Path) -> Iterator[_Served]:
    """Serve the file."""
    options = ["--port", "0", "--store", str(path), "--no-log-requests"]
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "registry.local", *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = json.loads(process.stdout.readline() if process.stdout else "{}")["url"]
        with closing(Connection(url)) as connection:
            connection.ask("GET", "/")
        yield _Served(url, process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _print_table(columns: Mapping[str, Mapping[str, Figure]]) -> None:
    ours = columns[_OURS]
    others = {name: them for name, them in columns.items() if name != _OURS}
    width = max(map(len, ours))
    heads = [f"{name:>22}{'ratio':>8}" for name in others]
    print(f"{'Schema registry':{width}}{_OURS:>14}", *heads, sep="")
    for row, figure in ours.items():
        cells = [_compare(figure, them.get(row)) for them in others.values()]
        print(f"{row:{width}}{figure!s:>14}", *cells, sep="")


def _compare(ours: Figure, theirs: Figure | None) -> str:
    """Return their figure, and how many times better ours is."""
    if theirs is None:
        return f"{'-':>22}{'-':>8}"
    return f"{theirs!s:>22}{ours.times_better(theirs):>8.1f}"


if __name__ == "__main__":
    main()
