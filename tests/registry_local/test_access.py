"""Who is let in, what may be written, and what the log tells of it."""

import base64
import datetime as dt
import ipaddress
import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from registry.errors import ConfigError
from registry.local import Accounts, Options, SqliteStore
from registry.local.accounts import hash_password
from tests.registry_local.conftest import InProcess, Serve, StartInProcess
from tests.registry_local.test_process import Run

_BODY = {"schema": '"int"'}


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture
def guarded(start_in_process: StartInProcess) -> InProcess:
    """Return a registry that knows alice, hashed, and bob, in plain text."""
    text = f"# people\nalice:{hash_password('p:ss')}\n\nbob:word\n"
    accounts = Accounts.parse(text, source="test")
    return start_in_process(options=Options(accounts=accounts))


@pytest.mark.parametrize(
    ("user", "password"), [("alice", "p:ss"), ("bob", "word")], ids=["hashed", "plain"]
)
def test_user_with_the_right_password_is_let_in(
    guarded: InProcess, user: str, password: str
) -> None:
    """Once and again; a password may contain a colon."""
    headers: dict[str, str | None] = {"authorization": _basic(user, password)}

    answers = [guarded.ask("GET", "/subjects", headers=headers) for _ in range(2)]

    assert [it.status_code for it in answers] == [200, 200]


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        _basic("alice", "word"),
        _basic("bob", "p:ss"),
        _basic("carol", "word"),
        _basic("", ""),
        "Bearer word",
        "Basic !!!",
        "Basic /w==",
    ],
)
def test_anybody_else_is_refused(guarded: InProcess, authorization: str | None) -> None:
    """401 in JSON, with the scheme to use, whatever the address."""
    headers = {"authorization": authorization}

    answer = guarded.ask("GET", "/nope", headers=headers)

    assert answer.json() == {"error_code": 401, "message": "HTTP 401 Unauthorized"}
    assert answer.headers["www-authenticate"] == 'Basic realm="schema registry"'
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("alice:word\nbob\n", "line 2 of FILE is neither user:password"),
        ("alice:\n", "line 1 of FILE is neither"),
        (":word\n", "line 1 of FILE is neither"),
        ("alice:scrypt$xyz$0\n", "line 1 of FILE is neither"),
        ("alice:word\nalice:word2\n", "line 2 of FILE names alice again"),
        ("# nobody\n", "FILE has no account"),
    ],
)
def test_accounts_that_are_none_are_refused(text: str, reason: str) -> None:
    """With the line's number, and never with the line."""
    with pytest.raises(ConfigError, match=reason) as caught:
        Accounts.parse(text, source="FILE")

    assert "word2" not in str(caught.value)


def test_file_of_accounts_guards_the_process(
    serve_registry: Serve, tmp_path: Path
) -> None:
    """By option; the log names the user and no password."""
    accounts = tmp_path / "accounts.txt"
    accounts.write_text(f"alice:{hash_password('secret-word')}\n")
    served = serve_registry("memory", "--basic-auth-file", str(accounts))

    stranger = httpx.get(f"{served.url}/subjects")
    friend = httpx.get(f"{served.url}/subjects", auth=("alice", "secret-word"))
    served.stop()

    assert (stranger.status_code, friend.status_code) == (401, 200)
    log = served.log.read_text()
    assert '"user": "alice"' in log
    assert "secret-word" not in log
    assert "Basic" not in log


def test_accounts_may_stand_in_the_environment(
    serve_registry: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For who has no file to keep them in."""
    monkeypatch.setenv("REGISTRY_BASIC_AUTH", "alice:word")
    url = serve_registry().url

    assert httpx.get(url).status_code == 401
    assert httpx.get(url, auth=("alice", "word")).status_code == 200


def test_file_of_accounts_that_is_not_there_ends_the_start(
    run: Run, tmp_path: Path
) -> None:
    """78 and a sentence; a registry that should be guarded does not start open."""
    ended = run("--port", "0", "--basic-auth-file", str(tmp_path / "nowhere"))

    assert ended.returncode == 78
    assert "cannot read the accounts in" in ended.stderr


def test_every_request_is_logged_with_its_id(serve_registry: Serve) -> None:
    """A line of JSON each: facts, and neither a query nor a body."""
    served = serve_registry()
    httpx.post(
        f"{served.url}/subjects/s/versions?normalize=true",
        json=_BODY,
        headers={"X-Request-ID": "mine"},
    )
    served.stop()

    (line,) = [json.loads(each) for each in served.log.read_text().splitlines()]

    assert line.pop("duration_s") > 0
    assert line.pop("timestamp")
    assert line == {
        "event": "request.answered",
        "level": "info",
        "service": "registry",
        "request_id": "mine",
        "method": "POST",
        "path": "/subjects/s/versions",
        "status": 200,
    }


def test_no_log_is_kept_if_none_is_wanted(serve_registry: Serve) -> None:
    """Standard error stays empty."""
    served = serve_registry("memory", "--no-log-requests")
    httpx.get(f"{served.url}/subjects")
    served.stop()

    assert served.log.read_text() == ""


@pytest.fixture
def filled_store(tmp_path: Path) -> Path:
    """Return the file of a registry that has one schema."""
    path = tmp_path / "registry.sqlite"
    registry = InProcess(Options(), SqliteStore.open(path))
    registry.register("s", "int")
    registry.close()
    return path


@pytest.fixture
def read_only(filled_store: Path) -> Iterator[InProcess]:
    """Return a registry that only reads that file."""
    store = SqliteStore.open(filled_store, is_read_only=True)
    registry = InProcess(Options(), store)
    yield registry
    registry.close()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/subjects/s/versions", {"schema": '"long"'}),
        ("DELETE", "/subjects/s", None),
        ("DELETE", "/contexts/.c", None),
        ("PUT", "/config", {"compatibility": "NONE"}),
        ("PUT", "/mode", {"mode": "IMPORT"}),
        ("DELETE", "/associations/resources/r", None),
    ],
)
def test_read_only_registry_refuses_every_write(
    read_only: InProcess, method: str, path: str, body: object
) -> None:
    """With 42205; what is there is read, and found when it is registered again."""
    refused = read_only.ask(method, path, body)

    assert refused.json()["error_code"] == 42205
    assert read_only.register("s", "int")["id"] == 1
    assert read_only.ask("GET", "/subjects").json() == ["s"]


def test_read_only_process_refuses_a_write(
    serve_registry: Serve, filled_store: Path
) -> None:
    """By option."""
    url = serve_registry(filled_store, "--read-only").url

    answer = httpx.delete(f"{url}/subjects/s")

    assert answer.json() == {
        "error_code": 42205,
        "message": "This registry is read-only",
    }


@pytest.mark.parametrize("name", ["memory", "nowhere.sqlite"])
def test_read_only_registry_of_nothing_does_not_start(
    run: Run, tmp_path: Path, name: str
) -> None:
    """78 and a sentence, instead of an empty registry for ever."""
    store = name if name == "memory" else str(tmp_path / name)

    ended = run("--port", "0", "--store", store, "--read-only")

    assert ended.returncode == 78
    assert "there is nothing to read in" in ended.stderr


def test_store_that_is_read_only_is_not_changed(filled_store: Path) -> None:
    """The refusal is the store's own, so that no route can forget it."""
    before = filled_store.read_bytes()
    store = SqliteStore.open(filled_store, is_read_only=True)
    store.close()

    assert filled_store.read_bytes() == before


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a PEM file with a certificate of 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "registry")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def test_https_is_spoken_with_a_certificate(
    serve_registry: Serve, certificate: Path
) -> None:
    """A client that trusts the certificate reads; the URL says https."""
    url = serve_registry("memory", "--tls-certificate", str(certificate)).url
    trusting = ssl.create_default_context(cafile=str(certificate))

    answer = httpx.get(f"{url}/subjects", verify=trusting)

    assert url.startswith("https://127.0.0.1:")
    assert answer.json() == []


@pytest.mark.parametrize(
    ("option", "reason"),
    [("--tls-certificate", "cannot use"), ("--tls-key", "needs --tls-certificate")],
)
def test_certificate_that_is_none_ends_the_start(
    run: Run, tmp_path: Path, option: str, reason: str
) -> None:
    """78 and a sentence that names the file or the missing option."""
    path = tmp_path / "notes.pem"
    path.write_text("no certificate\n")

    ended = run("--port", "0", option, str(path))

    assert ended.returncode == 78
    assert reason in ended.stderr
    assert "Traceback" not in ended.stderr
