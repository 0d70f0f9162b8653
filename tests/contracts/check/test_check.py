"""`contracts check` as a program: baselines, exit statuses, forms of output."""

import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest

from registry.client import RegistryClient
from tests.contracts.conftest import Contracts, Write

_ID = {"name": "id", "type": "string"}
_NOTE = {"name": "note", "type": "string"}
_V1 = {"type": "record", "name": "Order", "namespace": "shop", "fields": [_ID]}
_BAD = {**_V1, "fields": [_ID, _NOTE]}
_GOOD = {**_V1, "fields": [_ID, {**_NOTE, "default": ""}]}


@pytest.fixture
def repository(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a git repository, the current folder, with version 1 committed."""
    write("schemas/orders-value/v1.avsc", _V1)
    monkeypatch.chdir(tmp_path)
    for words in (
        "init -q -b main",
        "-c user.name=t -c user.email=t@t.example add -A",
        "-c user.name=t -c user.email=t@t.example commit -q -m one",
    ):
        subprocess.run(["git", *words.split()], check=True)
    return tmp_path


@pytest.mark.usefixtures("repository")
def test_nothing_new_is_accepted(contracts: Contracts) -> None:
    """A working tree like the baseline has nothing to judge."""
    outcome = contracts("check", "--against", "git:main")

    assert (outcome.status, outcome.err) == (0, "")
    assert "nothing new" in outcome.out


@pytest.mark.usefixtures("repository")
def test_candidate_is_judged_against_the_commit(
    contracts: Contracts, write: Write
) -> None:
    """What breaks a reader is refused, at its line, with a fix that was tried."""
    write("schemas/orders-value/v2.avsc", json.dumps(_BAD, indent=2))

    outcome = contracts("check", "--against", "git:HEAD", "--format", "json")

    assert outcome.status == 1
    assert outcome.json["verdict"] == "refused"
    (finding,) = [each for each in outcome.json["findings"] if each["direction"]]
    assert finding["rule_id"] == "READER_FIELD_MISSING_DEFAULT_VALUE"
    assert (finding["file"], finding["line"]) == ("schemas/orders-value/v2.avsc", 10)
    assert finding["fix"]["sentence"] == 'give note the default ""'


@pytest.mark.usefixtures("repository")
def test_compatible_candidate_is_accepted(contracts: Contracts, write: Write) -> None:
    """A field with a default may come."""
    write("schemas/orders-value/v2.avsc", _GOOD)

    assert contracts("check", "--against", "git:main").status == 0


@pytest.mark.usefixtures("repository")
def test_warning_refuses_if_asked_to(contracts: Contracts, write: Write) -> None:
    """--fail-on warning makes a warning a refusal."""
    field = {"name": "rate", "type": "int", "default": 2}
    write("schemas/orders-value/v2.avsc", {**_V1, "fields": [_ID, field]})

    assert contracts("check", "--against", "git:main").status == 0
    strict = contracts("check", "--against", "git:main", "--fail-on", "warning")
    assert strict.status == 1


@pytest.mark.usefixtures("repository")
def test_edited_release_is_refused_at_the_edit(
    contracts: Contracts, write: Write
) -> None:
    """A committed version file must not change."""
    write("schemas/orders-value/v1.avsc", _GOOD)

    outcome = contracts("check", "--against", "git:main", "--format", "json")

    (finding,) = outcome.json["findings"]
    assert finding["rule_id"] == "RELEASED_FILE_EDITED"
    assert finding["line"] == 1
    assert finding["column"] > 1


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    "baseline", ["git:no-such-branch", "git:--all", "dir:no-such-folder", "what:x"]
)
def test_unreadable_baseline_is_undecided(contracts: Contracts, baseline: str) -> None:
    """The gate fails closed: exit 3 and one sentence."""
    outcome = contracts("check", "--against", baseline)

    assert outcome.status == 3
    assert outcome.err.startswith("Error: ")
    assert "Traceback" not in outcome.err


def test_missing_folder_is_wrong_usage(contracts: Contracts, tmp_path: Path) -> None:
    """Exit 2 tells a mistake from a refusal."""
    assert contracts("check", "--dir", tmp_path / "nowhere").status == 2


@pytest.mark.usefixtures("repository")
def test_unknown_subject_is_wrong_usage(contracts: Contracts) -> None:
    """The sentence names the subjects that there are."""
    outcome = contracts("check", "nope-value")

    assert outcome.status == 2
    assert "orders-value" in outcome.err


def test_folder_of_released_versions_is_a_baseline(
    contracts: Contracts, write: Write, tmp_path: Path
) -> None:
    """dir: needs neither git nor a manifest."""
    write("released/orders-value/v1.avsc", _V1)
    write("new/orders-value/v1.avsc", _V1)
    write("new/orders-value/v2.avsc", _BAD)

    outcome = contracts(
        "check", "--dir", tmp_path / "new", "--against", f"dir:{tmp_path / 'released'}"
    )

    assert outcome.status == 1


def test_registry_is_a_baseline_and_is_asked_itself(
    contracts: Contracts, write: Write, tmp_path: Path, registry_url: str
) -> None:
    """Gate and registry agree, and the registry's level is the one that counts."""
    write("schemas/orders-value/v1.avsc", _V1)
    write("schemas/orders-value/v2.avsc", _BAD)
    with closing(RegistryClient(registry_url)) as client:
        client.register("orders-value", json.dumps(_V1))

    outcome = contracts(
        *("check", "--dir", tmp_path / "schemas", "--format", "json"),
        *("--against", f"registry:{registry_url}"),
    )

    rules = {each["rule_id"] for each in outcome.json["findings"]}
    assert outcome.status == 1
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in rules
    assert "REGISTRY_DISAGREES" not in rules
    assert outcome.json["subjects"][0]["level"] == "BACKWARD"


class _Odd(http.server.BaseHTTPRequestHandler):
    """A server that is no registry."""

    status: ClassVar[int]
    body: ClassVar[bytes]

    def do_GET(self) -> None:
        """Answer everything alike."""
        self.send_response(self.status)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(self.body)

    do_POST = do_GET  # noqa: N815 - the name that the base class wants

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - as the base class has it
        """Say nothing."""


@pytest.fixture(
    params=[(401, b"no"), (500, b"oops"), (200, b"<html>"), (200, b"[]")],
    ids=["401", "500", "html", "another shape"],
)
def odd_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a server that answers as no registry would."""
    status, body = request.param
    handler = type("Handler", (_Odd,), {"status": status, "body": body})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_is_no_registry_gives_no_verdict(
    contracts: Contracts, write: Write, tmp_path: Path, odd_url: str
) -> None:
    """Exit 3, one sentence, and JSON that says undecided."""
    write("schemas/orders-value/v1.avsc", _V1)

    outcome = contracts(
        *("check", "--dir", tmp_path / "schemas", "--format", "json"),
        *("--against", f"registry:{odd_url}"),
    )

    assert (outcome.status, outcome.json["verdict"]) == (3, "undecided")
    assert outcome.err.count("Error: ") == 1


def test_several_baselines_are_judged_in_one_run(
    contracts: Contracts, write: Write, tmp_path: Path
) -> None:
    """One that refuses is enough."""
    write("a/orders-value/v1.avsc", _V1)
    write("b/orders-value/v1.avsc", _BAD)
    write("new/orders-value/v1.avsc", _V1)
    write("new/orders-value/v2.avsc", _GOOD)

    outcome = contracts(
        *("check", "--dir", tmp_path / "new", "--format", "json"),
        *("--against", f"dir:{tmp_path / 'a'}", "--against", f"dir:{tmp_path / 'b'}"),
    )

    assert outcome.status == 1
    assert len(outcome.json["subjects"]) == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param('{"type": "record",\n "name": }', ":2:10", id="malformed"),
        pytest.param('{"type": "record",\n "name": "R"', ":2:", id="cut off"),
        pytest.param("", ":1:1", id="empty"),
        pytest.param('{\n"type": "array",\n"items": "Nope"}', ":3:10", id="unknown"),
        pytest.param('"int" "int"', ":1:", id="two values"),
        pytest.param('{"type":"array","items":' * 3000 + '"int"', ":1:", id="deep"),
    ],
)
def test_text_that_is_no_schema_is_refused_with_its_place(
    contracts: Contracts, write: Write, tmp_path: Path, text: str, place: str
) -> None:
    """A sentence with file, line and column; no Java names, no traceback."""
    write("schemas/s/v1.avsc", text)

    outcome = contracts("check", "--dir", tmp_path / "schemas")

    assert outcome.status == 1
    assert f"v1.avsc{place}" in outcome.out
    assert "SCHEMA_INVALID" in outcome.out
    assert "com.fasterxml" not in outcome.out


def test_schemas_that_name_each_other_in_a_circle_are_refused(
    contracts: Contracts, write: Write, tmp_path: Path
) -> None:
    """It ends, and says which name has no definition."""
    for name, other in (("A", "B"), ("B", "A")):
        field = {"name": "f", "type": f"n.{other}"}
        schema = {"type": "record", "name": name, "namespace": "n", "fields": [field]}
        write(f"schemas/{name}/v1.avsc", schema)

    outcome = contracts("check", "--dir", tmp_path / "schemas")

    assert outcome.status == 1
    assert "Undefined schema: n.A" in outcome.out


def test_reference_to_another_subject_is_resolved(
    contracts: Contracts, write: Write, tmp_path: Path
) -> None:
    """A named type of another subject's newest version needs no manifest."""
    money = {"name": "amount", "type": "shop.Money"}
    write("schemas/money/v1.avsc", {**_V1, "name": "Money"})
    write("schemas/orders-value/v1.avsc", {**_V1, "fields": [_ID, money]})

    assert contracts("check", "--dir", tmp_path / "schemas").status == 0


@pytest.mark.parametrize("output_format", ["text", "markdown", "github", "junit"])
def test_every_form_names_rule_and_place(
    contracts: Contracts, write: Write, tmp_path: Path, output_format: str
) -> None:
    """Whoever reads it finds the line."""
    write("schemas/orders-value/v1.avsc", _V1)
    write("schemas/orders-value/v2.avsc", _BAD)

    outcome = contracts(
        "check", "--dir", tmp_path / "schemas", "--format", output_format
    )

    assert outcome.status == 1
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in outcome.out
    assert "orders-value/v2.avsc" in outcome.out


@pytest.mark.usefixtures("repository")
def test_baseline_can_be_configured(contracts: Contracts, write: Write) -> None:
    """Without --against the gate asks pyproject.toml."""
    write("pyproject.toml", '[tool.contracts]\nagainst = ["git:main"]\n')
    write("schemas/orders-value/v2.avsc", _BAD)

    outcome = contracts("check", "--format", "json")

    assert outcome.status == 1
    assert outcome.json["subjects"][0]["baseline"] == "git:main"


@pytest.mark.usefixtures("repository")
def test_malformed_configuration_is_undecided(
    contracts: Contracts, write: Write
) -> None:
    """Exit 3, and what it should look like."""
    write("pyproject.toml", "[tool.contracts]\nagainst = 1\n")

    outcome = contracts("check")

    assert outcome.status == 3
    assert "git:origin/main" in outcome.err
