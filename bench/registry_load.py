"""What a client asks of a registry, and how long the answers take."""

import json
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from registry.errors import RegistryRefused, RegistryUnavailable

_PATIENCE_S = 300
"""A Java server that has just started, on busy cores, can take a minute for one."""
_LOOK_UPS = 3000
_REGISTRATIONS = 300
_HISTORIES = (1, 10, 100, 300)
_CONNECTIONS = 4
_JSON = "application/vnd.schemaregistry.v1+json"


@dataclass(frozen=True, slots=True)
class Figure:
    """What one measurement gave.

    Attributes:
        value: A time, or requests a second.
        unit: "ms", "s" or "/s".
    """

    value: float
    unit: str

    def __str__(self) -> str:
        digits = 0 if self.unit == "/s" else 2
        return f"{self.value:,.{digits}f} {self.unit}"

    def times_better(self, other: "Figure") -> float:
        """Return how many times better this is than the other one."""
        if self.unit == "/s":
            return self.value / other.value
        return other.value / self.value


class Connection:
    """One connection to a registry, with as little client around it as can be."""

    def __init__(self, url: str) -> None:
        self._url = url
        address = urlsplit(url)
        host, port = address.hostname or "127.0.0.1", address.port or 80
        self._base = address.path.rstrip("/")
        self._socket = socket.create_connection((host, port), _PATIENCE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """Return the body of the answer.

        Raises:
            RegistryRefused: It is not a 200.
            RegistryUnavailable: There is none in five minutes.
        """
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {self._base}{path} HTTP/1.1\r\nHost: registry\r\nAccept: */*\r\n"
            f"Content-Type: {_JSON}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        try:
            status, answer = self._exchange(head.encode() + content)
        except TimeoutError:
            reason = f"{method} {path}: no answer in {_PATIENCE_S} s"
            raise RegistryUnavailable(self._url, reason) from None
        if status != 200:  # noqa: PLR2004 - HTTP's own number
            reason = f"{method} {path}: {answer.decode()}"
            raise RegistryRefused(status=status, error_code=0, reason=reason)
        return answer

    def _exchange(self, request: bytes) -> tuple[int, bytes]:
        self._socket.sendall(request)
        status = int(self._reader.readline().split()[1])
        length = 0
        for line in iter(self._reader.readline, b"\r\n"):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return status, self._reader.read(length)

    def close(self) -> None:
        """Close it."""
        self._reader.close()
        self._socket.close()


def measure(url: str, *, pid: int | None = None) -> Iterator[tuple[str, Figure]]:
    """Yield every figure of the registry at `url`, with what was asked, as it is found.

    Each request is made as often before it is measured as it is measured: what a
    registry compiles, or reads once, is not in the figures.

    Args:
        url: Where it is.
        pid: Its process, if it runs here: then what a core serves is told too.

    Raises:
        RegistryRefused: It answers with an error.
        RegistryUnavailable: It does not answer.
    """
    subject = f"bench-{uuid.uuid4().hex[:8]}"
    with closing(Connection(url)) as connection:
        schema_id = _register(connection, subject, 0)
    path = f"/schemas/ids/{schema_id}"
    alone = _repeat(url, lambda connection, _: connection.ask("GET", path), _LOOK_UPS)
    yield "GET /schemas/ids/{id}, p50", _at(0.5, alone)
    yield "GET /schemas/ids/{id}, p99", _at(0.99, alone)
    yield from _measure_together(url, path, pid)
    again = _repeat(
        url, lambda connection, _: _register(connection, subject, 0), _LOOK_UPS
    )
    yield "register again, p50", _at(0.5, again)
    yield "register again, p99", _at(0.99, again)
    yield "register a new subject, p50", measure_new_subject(url)
    for length, figure in _measure_histories(url, f"{subject}-history"):
        yield f"register on a history of {length}, p50", figure


def measure_new_subject(url: str) -> Figure:
    """Return the median time to register a first version."""
    run = uuid.uuid4().hex[:8]
    times_s = _repeat(
        url,
        lambda connection, number: _register(connection, f"b-{run}-{number}", number),
        _REGISTRATIONS,
    )
    return _at(0.5, times_s)


def _measure_histories(url: str, subject: str) -> Iterator[tuple[int, Figure]]:
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
        yield length, _at(0.5, times_s)
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


def _repeat(
    url: str, ask: Callable[[Connection, int], object], times: int
) -> list[float]:
    with closing(Connection(url)) as connection:
        for number in range(times):
            ask(connection, number)
        return [
            _time(lambda: ask(connection, number))  # noqa: B023 - called at once
            for number in range(times, 2 * times)
        ]


def _measure_together(
    url: str, path: str, pid: int | None
) -> Iterator[tuple[str, Figure]]:
    def ask_all(_number: int) -> None:
        with closing(Connection(url)) as connection:
            for _ in range(_LOOK_UPS // _CONNECTIONS):
                connection.ask("GET", path)

    began, cpu_s = time.perf_counter(), _read_cpu_s(pid)
    with ThreadPoolExecutor(_CONNECTIONS) as clients:
        list(clients.map(ask_all, range(_CONNECTIONS)))
    asked = f"GET /schemas/ids/{{id}}, {_CONNECTIONS} connections"
    yield asked, Figure(_LOOK_UPS / (time.perf_counter() - began), "/s")
    if pid is not None:
        used_s = _read_cpu_s(pid) - cpu_s
        yield f"{asked}, a core", Figure(_LOOK_UPS / used_s, "/s")


def _read_cpu_s(pid: int | None) -> float:
    """Return the CPU seconds that a process has used; 0 for None."""
    if pid is None:
        return 0
    after_name = (
        Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    )
    user, system = after_name.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _time(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _at(share: float, times_s: list[float]) -> Figure:
    place = min(int(len(times_s) * share), len(times_s) - 1)
    return Figure(1000 * sorted(times_s)[place], "ms")
