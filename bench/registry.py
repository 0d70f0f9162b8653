"""How fast the embedded registry is, over HTTP, as a client sees it.

With BENCH_REGISTRY_URL another registry is measured in the same run, in a column of
its own. It should be empty, and is left with the subjects that the run registered.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from registry.local import SqliteStore
from registry.local.entities import SchemaEntity
from registry.local.versions import Versions

_LOOK_UPS = 3000
_REGISTRATIONS = 300
_HISTORIES = (1, 10, 100, 300)
_SUBJECTS = 1000
_VERSIONS = 10_000
_JSON = "application/vnd.schemaregistry.v1+json"


@dataclass(frozen=True, slots=True)
class Spread:
    """Times of one kind of request, in seconds, ascending."""

    times_s: list[float]

    def at(self, share: float) -> str:
        """Return the time that this share of the requests kept within."""
        place = min(int(len(self.times_s) * share), len(self.times_s) - 1)
        return f"{1000 * self.times_s[place]:.2f} ms"


class Connection:
    """One connection to a registry, with as little client around it as can be."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        host, port = address.hostname or "127.0.0.1", address.port or 80
        self._socket = socket.create_connection((host, port), 60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """Return the body of the answer, which must be a 200."""
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: registry\r\nAccept: */*\r\n"
            f"Content-Type: {_JSON}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + content)
        status = self._reader.readline().split()[1]
        length = 0
        for line in iter(self._reader.readline, b"\r\n"):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        answer = self._reader.read(length)
        if status != b"200":
            raise SystemExit(f"{method} {path}: {status.decode()} {answer.decode()}")
        return answer

    def close(self) -> None:
        """Close it."""
        self._reader.close()
        self._socket.close()


def main() -> None:
    """Print the table."""
    other = os.environ.get("BENCH_REGISTRY_URL", "")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.db"
        columns = {"embedded": _measure_embedded(path)}
    if other:
        columns[other] = _measure(other)
    else:
        print("No other registry was measured: BENCH_REGISTRY_URL names none.")
    _print_table(columns)


def _measure_embedded(path: Path) -> dict[str, str]:
    with _serving(path) as (url, _):
        found = _measure(url)
    large = path.with_suffix(".large")
    _fill(large)
    with _serving(large) as (url, start_s):
        found[f"start with {_VERSIONS:,} versions"] = f"{start_s:.2f} s"
        found["register a new subject among them, p50"] = _register_new(url).at(0.5)
    return found


def _measure(url: str) -> dict[str, str]:
    run = uuid.uuid4().hex[:8]
    with closing(Connection(url)) as connection:
        schema_id = _register(connection, f"bench-{run}", 0)
    path = f"/schemas/ids/{schema_id}"
    alone = _repeat(url, lambda connection, _: connection.ask("GET", path), _LOOK_UPS)
    again = _repeat(
        url, lambda connection, _: _register(connection, f"bench-{run}", 0), _LOOK_UPS
    )
    found = {
        "GET /schemas/ids/{id}, p50": alone.at(0.5),
        "GET /schemas/ids/{id}, p99": alone.at(0.99),
        "GET /schemas/ids/{id}, 4 connections": _throughput(url, path),
        "register again, p50": again.at(0.5),
        "register again, p99": again.at(0.99),
        "register a new subject, p50": _register_new(url).at(0.5),
    }
    for length, spread in _measure_histories(url, f"bench-{run}-history"):
        found[f"register on a history of {length}, p50"] = spread.at(0.5)
    return found


def _register_new(url: str) -> Spread:
    run = uuid.uuid4().hex[:8]
    return _repeat(
        url,
        lambda connection, number: _register(connection, f"b-{run}-{number}", number),
        _REGISTRATIONS,
    )


def _measure_histories(url: str, subject: str) -> Iterator[tuple[int, Spread]]:
    connection, numbers = Connection(url), count(1)
    path = f"/config/{subject}"
    connection.ask("PUT", path, {"compatibility": "FULL_TRANSITIVE"})
    version_count = 0
    for length in _HISTORIES:
        while version_count < length:
            _register(connection, subject, next(numbers))
            version_count += 1
        times_s = [
            _time(lambda: _register(connection, subject, next(numbers)))
            for _ in range(9)
        ]
        version_count += len(times_s)
        yield length, Spread(sorted(times_s))
    connection.close()


def _register(connection: Connection, subject: str, number: int) -> int:
    fields = [
        {"name": f"field_{each}", "type": ["null", "string"], "default": None}
        for each in range(12)
    ]
    fields.append({"name": f"own_{number}", "type": ["null", "int"], "default": None})
    schema = {"type": "record", "name": "Order", "namespace": "bench", "fields": fields}
    path = f"/subjects/{subject}/versions"
    answer = connection.ask("POST", path, {"schema": json.dumps(schema)})
    return int(json.loads(answer)["id"])


def _repeat(url: str, ask: Callable[[Connection, int], object], times: int) -> Spread:
    connection = Connection(url)
    for number in range(times // 20):
        ask(connection, number)
    times_s = [
        _time(lambda: ask(connection, number))  # noqa: B023 - called at once
        for number in range(times // 20, times // 20 + times)
    ]
    connection.close()
    return Spread(sorted(times_s))


def _throughput(url: str, path: str, connections: int = 4) -> str:
    def ask_all() -> None:
        connection = Connection(url)
        for _ in range(_LOOK_UPS // connections):
            connection.ask("GET", path)
        connection.close()

    threads = [threading.Thread(target=ask_all) for _ in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return f"{_LOOK_UPS / (time.perf_counter() - began):,.0f} a second"


def _time(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


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
def _serving(path: Path) -> Iterator[tuple[str, float]]:
    """Serve the file; give its URL and the seconds until it answered."""
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
        yield url, time.perf_counter() - began
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _print_table(columns: Mapping[str, Mapping[str, str]]) -> None:
    rows = list(dict.fromkeys(row for column in columns.values() for row in column))
    width = max(map(len, rows))
    print(f"{'Schema registry':{width}}", *(f"{each:>16}" for each in columns))
    for row in rows:
        cells = (f"{column.get(row, '-'):>16}" for column in columns.values())
        print(f"{row:{width}}", *cells)


if __name__ == "__main__":
    main()
