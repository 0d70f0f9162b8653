"""Requests that no client of good will sends get a clean answer, never a traceback."""

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from registry.local import Limits
from registry.local.addresses import read_address
from tests.registry_local.conftest import InProcess, Serve, StartInProcess

_V1_JSON = "application/vnd.schemaregistry.v1+json"


def _answer(status: int, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"error_code": status, "message": message}


@pytest.mark.parametrize(
    "path",
    [
        "//subjects",
        "/subjects//versions",
        "/subjects/%01",
        "/subjects/%5C",
        "/subjects/%00",
        "/subjects/%zz",
        "/subjects/%E4",
        "/subjects/%ED%A0%80",
    ],
)
def test_path_that_can_be_misread_is_answered_by_a_page(
    registry: InProcess, path: str
) -> None:
    """No resource sees it; 400, and no JSON, as the reference's outermost layer."""
    answer = registry.ask("GET", path)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "text/html;charset=iso-8859-1"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a%2Fb", "a/b"),
        ("a+b", "a+b"),
        ("a%20b", "a b"),
        ("%253A", "%3A"),
        ("%C3%A9", "é"),
        ("a%3Bb", "a;b"),
        ("a;v=1", "a"),
        ("%3A.%3As", "s"),
    ],
)
def test_subject_is_decoded_once(registry: InProcess, sent: str, kept: str) -> None:
    """Slashes, spaces and the rest are part of it; a matrix parameter is not."""
    registry.register(sent, "int")

    assert registry.ask("GET", "/subjects").json() == [kept]


@pytest.mark.parametrize("name", ["__GLOBAL", "__EMPTY", ":.__GLOBAL:s"])
def test_reserved_subject_is_refused(registry: InProcess, name: str) -> None:
    """It belongs to the registry itself."""
    assert registry.register(name, "int")["error_code"] == 42208


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", _V1_JSON),
        ("application/*", _V1_JSON),
        ("application/json;q=0.5, text/html", "application/json"),
        ("application/json, */*", _V1_JSON),
        ("application/json, */*;q=0.1", "application/json"),
        (f"application/json;q=1, {_V1_JSON};q=0.2", "application/json"),
    ],
)
def test_best_type_that_the_client_accepts_is_sent(
    registry: InProcess, accept: str, content_type: str
) -> None:
    """Quality decides first, the registry's own preference second."""
    answer = registry.ask("GET", "/subjects", headers={"accept": accept})

    assert answer.headers["content-type"] == content_type


def test_address_with_its_origin_is_understood() -> None:
    """A client that believes in a proxy sends the whole of it."""
    address = read_address(b"http://registry:8081/subjects", b"deleted=true")

    assert (address.path, address.query) == ("/subjects", {"deleted": ["true"]})


def test_every_answer_carries_its_request_id(registry: InProcess) -> None:
    """The client's own id comes back; without one there is a new one."""
    echoed = registry.ask("GET", "/nope", headers={"x-request-id": "mine"})
    made = registry.ask("GET", "/subjects")

    assert echoed.headers["x-request-id"] == "mine"
    assert made.headers["x-request-id"]
    assert made.headers["vary"] == "Accept-Encoding"


def test_body_over_the_limit_is_refused(start_in_process: StartInProcess) -> None:
    """The code of a schema that is too large, whatever the body says."""
    registry = start_in_process(limits=Limits(max_body_bytes=1000))

    answer = registry.ask("POST", "/subjects/s/versions", raw=b" " * 1001)

    assert answer.status_code == 422
    assert answer.json() == {
        "error_code": 42209,
        "message": "The request's body exceeds 1000 bytes",
    }


def test_schema_over_a_million_bytes_is_refused(registry: InProcess) -> None:
    """In the reference's words for a record that its log cannot take."""
    answer = registry.register("s", {"type": "string", "doc": "x" * 1_000_000})

    assert answer["error_code"] == 42209


def test_schema_nested_beyond_reason_is_refused(registry: InProcess) -> None:
    """422 and a sentence, not an exhausted stack."""
    schema = '{"type":"array","items":' * 900 + '"int"' + "}" * 900

    answer = registry.ask("POST", "/subjects/s/versions", {"schema": schema})

    assert answer.status_code == 422
    assert answer.json()["error_code"] == 42201


@pytest.fixture
def connection(serve_registry: Serve) -> Iterator[http.client.HTTPConnection]:
    """Return a bare connection to a registry of its own."""
    address = urlsplit(serve_registry().url).netloc
    connection = http.client.HTTPConnection(address, timeout=10)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/subjects?x=" + "x" * 9000, {}, 414),
        ("/subjects", {f"x-{n}": "y" * 90 for n in range(100)}, 431),
    ],
    ids=["long target", "many headers"],
)
def test_oversized_request_head_is_refused(
    connection: http.client.HTTPConnection,
    target: str,
    headers: dict[str, str],
    status: int,
) -> None:
    """Over HTTP, with the status that names what is too long."""
    connection.request("GET", target, headers=headers)

    answer = connection.getresponse()

    assert answer.status == status
    assert json.loads(answer.read())["error_code"] == status


def _read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /subjects HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"POST"],
    ids=["nothing", "half a header", "half a line"],
)
def test_head_that_never_ends_is_refused_in_time(
    serve_registry: Serve, sent: bytes
) -> None:
    """408 and the end of the connection, however little came."""
    address = urlsplit(serve_registry("memory", "--head-timeout", "0.2").url)

    with socket.create_connection((address.hostname, address.port), 10) as slow:
        slow.sendall(sent)
        answer = _read_all(slow)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert answer.endswith(b'"message": "HTTP 408 Request Timeout"}')


def test_head_that_comes_byte_by_byte_is_refused_in_time(serve_registry: Serve) -> None:
    """Every byte is not a new start: the clock runs from the first."""
    address = urlsplit(serve_registry("memory", "--head-timeout", "0.3").url)
    deadline = time.monotonic() + 5

    with socket.create_connection((address.hostname, address.port), 10) as slow:
        slow.settimeout(0.02)
        answer = _trickle(slow, deadline)

    assert answer.startswith(b"HTTP/1.1 408 ")


def _trickle(slow: socket.socket, deadline: float) -> bytes:
    slow.sendall(b"GET / HTTP/1.1\r\nX: ")
    while time.monotonic() < deadline:
        slow.sendall(b"x")
        with contextlib.suppress(TimeoutError):
            return slow.recv(65536)
    return b""


def test_connection_serves_on_between_slow_requests(serve_registry: Serve) -> None:
    """The clock stops with each head; a pause between two is not one's slowness."""
    address = urlsplit(serve_registry("memory", "--head-timeout", "0.5").url).netloc
    connection = http.client.HTTPConnection(address, timeout=10)

    connection.request("GET", "/subjects")
    first = connection.getresponse()
    first.read()
    time.sleep(0.7)  # the pause is what is tested
    connection.request("GET", "/subjects")
    second = connection.getresponse()
    second.read()
    connection.close()

    assert (first.status, second.status) == (200, 200)


@pytest.mark.parametrize(
    "flood",
    [b"x-flood: " + b"y" * 1_000_000, b"\r\n".join([b"x-flood: y"] * 100_000)],
    ids=["one long", "many"],
)
def test_flood_of_headers_gets_an_answer(serve_registry: Serve, flood: bytes) -> None:
    """A clean 4xx that the client can still read, not a reset connection."""
    address = urlsplit(serve_registry().url)

    with socket.create_connection((address.hostname, address.port), 10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" + flood + b"\r\n\r\n")
        answer = _read_all(client)

    assert answer.startswith(b"HTTP/1.1 4")
    assert b'"error_code": 4' in answer or b'"error_code":4' in answer


def test_what_is_no_http_gets_an_answer(serve_registry: Serve) -> None:
    """400 in JSON."""
    address = urlsplit(serve_registry().url)

    with socket.create_connection((address.hostname, address.port), 10) as client:
        client.sendall(b"\x16\x03\x01 what is this\r\n\r\n")
        answer = _read_all(client)

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_oversized_body_is_refused_over_http(serve_registry: Serve) -> None:
    """The same to a client that sends all before it looks for an answer."""
    address = urlsplit(serve_registry("memory", "--max-body-bytes", "2000").url)
    head = b"POST /subjects/s/versions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

    with socket.create_connection((address.hostname, address.port), 10) as client:
        client.sendall(head + b"Content-Length: 8000000\r\n\r\n" + b" " * 8_000_000)
        answer = _read_all(client)

    assert answer.startswith(b"HTTP/1.1 422 ")
    assert b'"error_code":42209' in answer


def test_body_that_never_comes_is_refused_in_time(
    start_in_process: StartInProcess,
) -> None:
    """408 after the time that a body may take; others are served meanwhile."""
    registry = start_in_process(limits=Limits(body_timeout_s=0.05))

    answer = registry.ask_slowly("POST", "/subjects/s/versions")

    assert (answer.status_code, answer.json()) == _answer(
        408, "HTTP 408 Request Timeout"
    )


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "PUT"])
def test_method_without_a_meaning_is_refused(registry: InProcess, method: str) -> None:
    """405 in JSON, without a content type."""
    answer = registry.ask(method, "/subjects")

    assert (answer.status_code, answer.json()) == _answer(
        405, "HTTP 405 Method Not Allowed"
    )
    assert "content-type" not in answer.headers


@pytest.mark.parametrize("name", ["offset", "limit"])
@pytest.mark.parametrize("value", ["", "%20", "00000000000"])
def test_number_without_a_value_is_not_sent(
    registry: InProcess, name: str, value: str
) -> None:
    """Only what is there and no integer is refused (registry-spec 2.1)."""
    registry.register("s", "int")

    assert registry.ask("GET", f"/subjects?{name}={value}").json() == ["s"]


def test_version_may_have_zeros_before_it(registry: InProcess) -> None:
    """It is an integer as Java reads one, however long (registry-spec 2.2)."""
    registry.register("s", "int")

    version = "0" * 30 + "1"

    assert registry.ask("GET", f"/subjects/s/versions/{version}").json()["version"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/subjects/:.:__EMPTY/versions", {"schema": '"int"'}),
        ("PUT", "/config/:.:__EMPTY", {"normalize": True}),
        ("PUT", "/mode/:.:__EMPTY", {"mode": "READONLY"}),
    ],
)
def test_invalid_subject_is_named_as_it_was_sent(
    registry: InProcess, method: str, path: str, body: dict[str, Any]
) -> None:
    """It is judged before it gets its one spelling (registry-spec 2.1)."""
    answer = registry.ask(method, path, body).json()

    assert answer["error_code"] == 42208
    assert answer["message"] == "The specified subject ':.:__EMPTY' is not a valid."


def test_metadata_that_says_nothing_is_still_metadata(registry: InProcess) -> None:
    """Empty maps are left out of it; an object is not left out (registry-spec 2.1)."""
    registered = registry.register("s", "int", metadata={"properties": {}})
    read = registry.ask("GET", "/subjects/s/versions/1").json()

    assert registered["metadata"] == read["metadata"] == {}
