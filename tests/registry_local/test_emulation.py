"""Answering as the releases before 8: what a client can see of it."""

import pytest

from registry.local import Emulation
from tests.registry_local.conftest import InProcess, StartInProcess

_RECORD = {
    "type": "record",
    "name": "R",
    "fields": [{"name": "f", "type": ["null", "int"], "default": None}],
}


@pytest.fixture
def old(start_in_process: StartInProcess) -> InProcess:
    """Return a registry that answers as 7.9."""
    return start_in_process(Emulation.V7_9)


def test_registration_answers_its_id_alone(old: InProcess) -> None:
    """Version, guid and text are told since 8."""
    assert old.register("s", "int") == {"id": 1}


def test_version_has_no_guid_times_or_avro_type(old: InProcess) -> None:
    """What is left is what 7.9 had."""
    old.register("s", "int")

    by_version = old.ask("GET", "/subjects/s/versions/1").json()
    by_id = old.ask("GET", "/schemas/ids/1").json()

    assert by_version == {"subject": "s", "version": 1, "id": 1, "schema": '"int"'}
    assert by_id == {"schema": '"int"'}


def test_incompatible_schema_has_the_old_code(old: InProcess) -> None:
    """409 both as status and as code."""
    old.register("s", "int")

    assert old.register("s", "string")["error_code"] == 409


def test_union_default_must_fit_the_first_branch(
    old: InProcess, registry: InProcess
) -> None:
    """Avro 1.11 looks at one branch, 1.12 at all of them."""
    field = {"name": "f", "type": ["null", "int"], "default": 1}
    schema = {**_RECORD, "fields": [field]}

    assert old.register("s", schema)["error_code"] == 42201
    assert registry.register("s", schema)["id"] == 1


def test_letters_of_any_script_name_a_type(old: InProcess, registry: InProcess) -> None:
    """Avro 1.12 wants ASCII for what is new."""
    schema = {**_RECORD, "name": "é"}

    assert old.register("s", schema) == {"id": 1}
    assert registry.register("s", schema)["error_code"] == 42201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/schemas/guids/00000000-0000-0000-0000-000000000000"),
        ("GET", "/associations/resources/-/orders"),
        ("DELETE", "/contexts/.c"),
    ],
)
def test_address_of_a_later_release_is_unknown(
    old: InProcess, method: str, path: str
) -> None:
    """404, from which the clients conclude that it is an older registry."""
    answer = old.ask(method, path)

    assert answer.json()["message"] == "HTTP 404 Not Found"


def test_deleted_schema_keeps_what_it_refers_to(
    old: InProcess, registry: InProcess
) -> None:
    """Before 8 a soft-deleted referrer still blocks, since 8 it does not."""
    answers = [_delete_behind_deleted_referrer(each) for each in (old, registry)]

    assert answers == [422, 200]


def test_id_outside_import_mode_is_refused_in_the_old_words(old: InProcess) -> None:
    """The sentence names no context."""
    answer = old.register("s", "int", id=5)

    assert answer["message"] == "Subject s is not in import or forward mode"


@pytest.mark.parametrize(
    ("release", "ids"), [(Emulation.V7_9, [2]), (Emulation.V8, [])]
)
def test_deleted_referrer_is_listed_while_it_counts(
    start_in_process: StartInProcess, release: Emulation, ids: list[int]
) -> None:
    """What blocks a deletion is what the listing of referrers shows."""
    registry = start_in_process(release)
    _delete_behind_deleted_referrer(registry)

    assert registry.ask("GET", "/subjects/r/versions/1/referencedby").json() == ids


def test_parts_of_later_releases_are_ignored(old: InProcess) -> None:
    """A setting and a filter that 7.9 does not know change nothing."""
    old.register("s", "int")
    old.ask("DELETE", "/subjects/s/versions/1")

    assert old.ask("PUT", "/config", {"validateNewSchemas": False}).json() == {}
    listing = old.ask("GET", "/subjects/s/versions?deletedAsNegative=true")
    assert listing.json()["error_code"] == 40401


def _delete_behind_deleted_referrer(registry: InProcess) -> int:
    registry.register("r", _RECORD)
    registry.register(
        "s",
        {"type": "array", "items": "R"},
        references=[{"name": "R", "subject": "r", "version": 1}],
    )
    registry.ask("DELETE", "/subjects/s")
    return registry.ask("DELETE", "/subjects/r").status_code


def test_refused_schema_is_printed_with_the_parts_of_its_time(
    old: InProcess, registry: InProcess
) -> None:
    """No guid, no time, no deletion mark before 8 (registry-spec 2.9)."""
    answers = [
        each.register("s", {"type": "Nope"})["message"] for each in (old, registry)
    ]
    parts = ("guid=", "ts=", "deleted=")

    shown = [[part for part in parts if part in each] for each in answers]

    assert shown == [[], list(parts)]
    assert "version=null,id=null,schemaType=AVRO,references=[]," in answers[0]
