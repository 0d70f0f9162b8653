"""The registry client against servers that answer as registries and proxies do."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from registry.client import Credentials, Reference, RegistryClient, TlsFiles
from registry.errors import (
    ConfigError,
    IncompatibleSchema,
    PipelineError,
    RegistryRefused,
    RegistryUnavailable,
    VersionNotFound,
)
from registry.names import CompatibilityLevel
from tests.contracts.client.certificates import Certificates, make_certificates
from tests.contracts.conftest import Contracts

INT = '"int"'
_JSON = "application/vnd.schemaregistry.v1+json"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as the server got it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True, kw_only=True)
class Said:
    """One answer."""

    body: object
    status: int = 200
    kind: str = _JSON
    piece_pause_s: float = 0.0


Script = Callable[[Asked], Said]


@dataclass
class Server:
    """A small HTTP server that remembers what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def serve(script: Script, *, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Answer on a free port as the script says."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("content-length", 0))
            content = self.rfile.read(length)
            target = urlsplit(self.path)
            asked = Asked(
                method=self.command,
                path=target.path,
                query={key: each[0] for key, each in parse_qs(target.query).items()},
                headers={key.lower(): value for key, value in self.headers.items()},
                body=json.loads(content) if content else None,
            )
            server.asked.append(asked)
            self._send(script(asked))

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - http.server's own names

        def _send(self, said: Said) -> None:
            raw = said.body if isinstance(said.body, str) else json.dumps(said.body)
            self.send_response(said.status)
            self.send_header("content-type", said.kind)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            for each in [*raw] if said.piece_pause_s else [raw]:
                self.wfile.write(each.encode())
                self.wfile.flush()
                stopped.wait(said.piece_pause_s)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            with_errors = (BrokenPipeError, ConnectionResetError, ssl.SSLError)
            try:
                super().handle()
            except with_errors:
                self.close_connection = True

    stopped = threading.Event()
    http = _Quiet(("127.0.0.1", 0), Handler)
    if tls is not None:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    server = Server(f"{scheme}://127.0.0.1:{http.server_address[1]}")
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        stopped.set()
        http.shutdown()
        thread.join()
        http.server_close()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_arguments: object) -> None:
        """Say nothing about clients that hang up."""


@pytest.fixture
def open_server() -> Iterator[Callable[..., Server]]:
    """Return what starts a server for a script."""
    with ExitStack() as stack:
        yield lambda script, **options: stack.enter_context(serve(script, **options))


OpenServer = Callable[..., Server]


@contextmanager
def connect(url: str, **options: Any) -> Iterator[RegistryClient]:  # noqa: ANN401 - the client's own
    """Connect without pauses between attempts."""
    with RegistryClient(url, pause=lambda _: None, **options) as client:
        yield client


def always(said: Said) -> Script:
    """Answer every request so."""
    return lambda _: said


def test_user_and_password_of_the_address_are_sent_and_never_shown(
    open_server: OpenServer,
) -> None:
    """Basic authentication works from the address; messages leave it out."""
    refusal = Said(status=401, body={"error_code": 40101, "message": "Unauthorized"})
    server = open_server(always(refusal))
    url = server.url.replace("//", "//ann:s%3Ac%40ret@")

    with connect(url) as client, pytest.raises(RegistryRefused) as caught:
        client.get_subjects()

    assert server.asked[0].headers["authorization"] == "Basic YW5uOnM6Y0ByZXQ="
    assert "ret" not in f"{caught.value}{client.url}".replace("registry", "")


def test_token_is_sent_as_bearer(open_server: OpenServer) -> None:
    """A token goes with every request, and is not in the client's representation."""
    server = open_server(always(Said(body=[])))
    credentials = Credentials(token="t0ken")  # noqa: S106 - not a secret

    with connect(server.url, credentials=credentials) as client:
        client.get_subjects()

    assert server.asked[0].headers["authorization"] == "Bearer t0ken"
    assert "t0ken" not in repr(credentials)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Make an authority, a server's and a client's certificate."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def test_certificate_of_our_own_opens_a_server_that_asks_for_one(
    open_server: OpenServer, certificates: Certificates
) -> None:
    """Mutual TLS with a private authority works from three files."""
    server = open_server(always(Said(body=["a"])), tls=certificates.server_context())

    with connect(server.url, tls=certificates.client_files()) as client:
        assert client.get_subjects() == ["a"]


def test_server_that_asks_for_a_certificate_refuses_without(
    open_server: OpenServer, certificates: Certificates
) -> None:
    """Without our certificate nothing was decided."""
    server = open_server(always(Said(body=[])), tls=certificates.server_context())
    files = TlsFiles(ca=str(certificates.authority))

    with connect(server.url, tls=files) as client, pytest.raises(RegistryUnavailable):
        client.get_subjects()


def test_unknown_authority_is_not_trusted(
    open_server: OpenServer, certificates: Certificates
) -> None:
    """A server's certificate of an authority we do not know is refused."""
    server = open_server(always(Said(body=[])), tls=certificates.server_context())

    with connect(server.url) as client, pytest.raises(RegistryUnavailable) as caught:
        client.get_subjects()

    assert "CERTIFICATE_VERIFY_FAILED" in str(caught.value)


def test_encrypted_key_is_refused_instead_of_asked_for(
    certificates: Certificates,
) -> None:
    """No command waits at the terminal for the password of a key file."""
    files = TlsFiles(
        certificate=str(certificates.client), key=str(certificates.encrypted_key)
    )

    with pytest.raises(ConfigError, match="certificate file"):
        RegistryClient("https://127.0.0.1:1", tls=files)


@pytest.mark.parametrize("most", [2, 5, 10_000], ids="most {} a page".format)
def test_subjects_are_read_page_by_page(open_server: OpenServer, most: int) -> None:
    """Whatever the server's own limit, all names come, once each."""
    names = [f"s{number}" for number in range(7)]

    def page(asked: Asked) -> Said:
        start = int(asked.query["offset"])
        return Said(body=names[start : start + most])

    server = open_server(page)

    with connect(server.url) as client:
        assert client.get_subjects() == names


def test_server_without_pages_is_asked_no_more_than_twice(
    open_server: OpenServer,
) -> None:
    """A registry that ignores offset and limit does not make us ask for ever."""
    server = open_server(always(Said(body=["b", "a"])))

    with connect(server.url) as client:
        assert client.get_subjects() == ["a", "b"]

    assert len(server.asked) == 2


def test_context_of_the_address_is_kept(open_server: OpenServer) -> None:
    """A path such as /contexts/.x stands before every request's own."""
    server = open_server(always(Said(body=[1])))

    with connect(f"{server.url}/contexts/.x/") as client:
        client.get_versions("a/b")

    assert server.asked[0].path == "/contexts/.x/subjects/a%2Fb/versions"


def without_endpoint(missing: Said) -> Script:
    """Behave like Karapace: no verdict over all versions, but one over each."""

    def answer(asked: Asked) -> Said:
        path = asked.path
        if path.startswith("/config"):
            return Said(body={"compatibilityLevel": "BACKWARD_TRANSITIVE"})
        if path == "/subjects/s/versions":
            return Said(body=[1, 2, 3])
        if path == "/compatibility/subjects/s/versions":
            return missing
        refuses = path.endswith("/2")
        return Said(body={"is_compatible": not refuses, "messages": ["no"][:refuses]})

    return answer


@pytest.mark.parametrize(
    "missing",
    [
        Said(status=405, body={"detail": "Method Not Allowed"}),
        Said(status=404, body={"error_code": 404, "message": "HTTP 404 Not Found"}),
        Said(status=404, body="404: Not Found", kind="text/plain; charset=utf-8"),
        Said(status=405, body="405: Method Not Allowed", kind="text/plain"),
    ],
    ids=["fastapi", "confluent", "aiohttp-404", "aiohttp-405"],
)
def test_registry_without_the_endpoint_is_asked_version_by_version(
    open_server: OpenServer, missing: Said
) -> None:
    """Karapace's missing endpoint does not hide an old version that is broken."""
    server = open_server(without_endpoint(missing))
    reference = Reference(name="M", subject="m", version=1)

    with connect(server.url) as client:
        assert client.find_refusals("s", INT, references=[reference]) == ["no"]

    asked = [each for each in server.asked if each.path.startswith("/compat")]
    assert [each.path.rpartition("/")[2] for each in asked] == ["versions", "3", "2"]
    assert all(each.body["references"] for each in asked)


def test_missing_version_is_no_missing_endpoint(open_server: OpenServer) -> None:
    """A registry that has the endpoint is asked once, whatever it misses."""
    said = Said(status=404, body={"error_code": 40402, "message": "Version not found"})
    server = open_server(always(said))

    with connect(server.url) as client, pytest.raises(VersionNotFound):
        client.find_refusals("s", INT)

    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("level", "count"),
    [("NONE", 0), ("BACKWARD", 1), ("FULL_TRANSITIVE", 3)],
)
def test_level_decides_which_versions_are_asked_about(
    open_server: OpenServer, level: str, count: int
) -> None:
    """One by one, only the versions that count at the level are asked about."""
    fallback = without_endpoint(Said(status=405, body={}))

    def answer(asked: Asked) -> Said:
        if asked.path.startswith("/config"):
            return Said(body={"compatibilityLevel": level})
        if asked.path[-1].isdigit():
            return Said(body={"is_compatible": True})
        return fallback(asked)

    server = open_server(answer)

    with connect(server.url) as client:
        assert client.find_refusals("s", INT) == []

    assert len([each for each in server.asked if each.path[-1].isdigit()]) == count


HTML = "<!doctype html><title>Sign in</title>"
UNDECIDED = {
    "401": Said(status=401, body={"error_code": 401, "message": "Unauthorized"}),
    "401 HTML": Said(status=401, body=HTML, kind="text/html"),
    "403": Said(status=403, body={"error_code": 40301, "message": "no"}),
    "404 HTML": Said(status=404, body=HTML, kind="text/html"),
    "500": Said(status=500, body={"error_code": 50001, "message": "store"}),
    "503 empty": Said(status=503, body="", kind="text/plain"),
    "200 HTML": Said(body=HTML, kind="text/html"),
    "200 HTML as JSON": Said(body=HTML),
    "302": Said(status=302, body=HTML, kind="text/html"),
    "200 another shape": Said(body={"hello": "world"}),
    "200 null": Said(body=None),
    "200 number": Said(body=3),
    "200 list": Said(body=["a", {}]),
    "204": Said(status=204, body="", kind="text/plain"),
    "broken JSON": Said(body='{"is_compatible": tr'),
    "deep JSON": Said(body="[" * 100_000),
}
CALLS: dict[str, Callable[[RegistryClient], object]] = {
    "versions": lambda client: client.get_versions("s"),
    "version": lambda client: client.get_version("s", 1),
    "lookup": lambda client: client.find_registered("s", INT),
    "verdict": lambda client: client.find_refusals("s", INT),
    "level": lambda client: client.find_level("s"),
    "register": lambda client: client.register("s", INT),
    "mode": lambda client: client.get_mode("s"),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("said", UNDECIDED)
def test_answer_that_no_registry_gives_is_never_a_verdict(
    open_server: OpenServer, said: str, call: str
) -> None:
    """Whatever stands between us and the registry, the error says: undecided."""
    server = open_server(always(UNDECIDED[said]))

    with (
        connect(server.url) as client,
        pytest.raises((RegistryUnavailable, RegistryRefused)) as caught,
    ):
        CALLS[call](client)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_reads_are_tried_again_and_writes_are_not(
    open_server: OpenServer, status: int
) -> None:
    """What changes nothing is asked three times; a write might have succeeded."""
    server = open_server(always(Said(status=status, body={"message": "later"})))

    with connect(server.url) as client:
        with pytest.raises(PipelineError):
            client.get_versions("s")
        with pytest.raises(PipelineError):
            client.set_level("s", CompatibilityLevel.FULL)

    assert [each.method for each in server.asked] == ["GET", "GET", "GET", "PUT"]


def test_read_that_succeeds_at_the_second_attempt_is_answered(
    open_server: OpenServer,
) -> None:
    """A passing trouble is not told."""
    answers = [Said(status=503, body={}), Said(body=[1])]
    server = open_server(lambda _: answers.pop(0))

    with connect(server.url) as client:
        assert client.get_versions("s") == [1]


@pytest.mark.parametrize("code", [409, 40901])
def test_refusal_at_the_level_is_a_verdict(open_server: OpenServer, code: int) -> None:
    """Both generations' codes for an incompatible schema are told from errors."""
    said = Said(status=409, body={"error_code": code, "message": "incompatible"})
    server = open_server(always(said))

    with connect(server.url) as client, pytest.raises(IncompatibleSchema):
        client.register("s", INT)


@pytest.mark.parametrize("piece_pause_s", [0.05, 3.0], ids=["trickle", "silence"])
def test_slow_answer_is_given_up(open_server: OpenServer, piece_pause_s: float) -> None:
    """A server that sends byte after byte does not hold us longer than a silent one."""
    said = Said(body=["subject"] * 50, piece_pause_s=piece_pause_s)
    server = open_server(always(said))

    started = time.monotonic()
    with (
        connect(server.url, timeout_s=0.2) as client,
        pytest.raises(RegistryUnavailable, match="in time"),
    ):
        client.get_versions("s")

    assert time.monotonic() - started < 3


@pytest.mark.parametrize("said", ["401", "500", "200 HTML", "200 another shape"])
def test_command_line_says_undecided_in_one_sentence(
    open_server: OpenServer,
    contracts: Contracts,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit status 3, one error line, no traceback."""
    monkeypatch.setattr("registry.transport._PAUSES_S", (0.0, 0.0))
    server = open_server(always(UNDECIDED[said]))

    outcome = contracts("level", "s", "--registry-url", server.url)

    assert outcome.status == 3
    assert outcome.err.count("Error: ") == 1
    assert outcome.err.count("\n") <= 2


@pytest.mark.parametrize("value", ["soon", "0", "-1", "nan", "inf"])
def test_timeout_that_is_no_time_is_named(
    contracts: Contracts, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """The sentence names the variable and the value."""
    monkeypatch.setenv("SCHEMA_REGISTRY_TIMEOUT_S", value)

    outcome = contracts("level", "--registry-url", "http://127.0.0.1:1")

    assert outcome.status == 3
    assert f"SCHEMA_REGISTRY_TIMEOUT_S is '{value}'" in outcome.err


def test_slow_registry_ends_the_command_undecided(
    open_server: OpenServer, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The longest wait comes from the environment."""
    monkeypatch.setattr("registry.transport._PAUSES_S", (0.0, 0.0))
    monkeypatch.setenv("SCHEMA_REGISTRY_TIMEOUT_S", "0.1")
    server = open_server(always(Said(body=["x"] * 9, piece_pause_s=3.0)))

    outcome = contracts("level", "--registry-url", server.url)

    assert outcome.status == 3
    assert "in time" in outcome.err


def test_proxy_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A malformed proxy variable is a sentence, not a traceback."""
    monkeypatch.setenv("ALL_PROXY", "nonsense://proxy:1")

    with pytest.raises(ConfigError, match="proxy"):
        RegistryClient("http://127.0.0.1:1")


def test_contexts_of_a_registry_keep_subjects_apart(registry_url: str) -> None:
    """Two contexts of one registry hold different versions under one name."""
    with (
        connect(f"{registry_url}/contexts/.one") as one,
        connect(f"{registry_url}/contexts/.two") as two,
    ):
        one.register("s", INT)
        two.register("s", '"long"')

        assert one.get_version("s", 1).text == INT
        assert two.get_version("s", 1).text == '"long"'


def test_files_that_are_no_certificates_are_named(tmp_path: Path) -> None:
    """A missing or malformed file is a sentence about the setting."""
    absent = str(tmp_path / "absent.pem")

    with pytest.raises(ConfigError, match="certificate file"):
        RegistryClient("https://127.0.0.1:1", tls=TlsFiles(ca=absent))
