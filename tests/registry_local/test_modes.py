"""What the modes of a registry let in: imports with their ids, and nothing at all."""

import pytest

from registry.local import Emulation
from tests.registry_local.conftest import InProcess, StartInProcess


def test_any_negative_id_means_none(registry: InProcess) -> None:
    """Ids are taken from zero on; below it the registry chooses."""
    first = registry.register("s", "int", id=-5)
    again = registry.register("s", "int", id=-7)

    assert first["id"] == again["id"] == 1


def test_import_keeps_ids_and_counting_goes_on_after_them(registry: InProcess) -> None:
    """A schema comes with its id and version; later ones get higher ids."""
    registry.ask("PUT", "/mode/s", {"mode": "IMPORT"})
    registry.register("s", "int", id=40, version=7)
    registry.ask("PUT", "/mode/s", {"mode": "READWRITE"})

    assert registry.ask("GET", "/subjects/s/versions").json() == [7]
    assert registry.register("t", "long")["id"] == 41


def test_import_under_another_schemas_id_is_refused(registry: InProcess) -> None:
    """An id is never given a second meaning."""
    registry.ask("PUT", "/mode", {"mode": "IMPORT"})
    registry.register("s", "int", id=1, version=1)

    answer = registry.register("t", "long", id=1, version=1)

    assert answer["error_code"] == 42205
    assert "Overwrite new schema with id 1" in answer["message"]


def test_read_only_override_wins_over_the_subjects_own_mode(
    registry: InProcess,
) -> None:
    """Whoever locks everything need not look for exceptions."""
    registry.ask("PUT", "/mode/s", {"mode": "READWRITE"})
    registry.ask("PUT", "/mode", {"mode": "READONLY_OVERRIDE"})

    assert registry.register("s", "int")["error_code"] == 42205


def test_import_in_place_of_a_version_leaves_the_first_its_id(
    registry: InProcess,
) -> None:
    """What an id once meant is never told of another one."""
    registry.ask("PUT", "/mode/s", {"mode": "IMPORT"})
    registry.register("s", "int", id=5, version=2)
    registry.register("s", "long", id=6, version=2)

    found = registry.ask("POST", "/subjects/s", {"schema": '"int"'}).json()

    assert (found["id"], found["version"]) == (5, 2)
    assert registry.ask("GET", "/subjects/s/versions").json() == [2]


def test_same_schema_imported_as_two_versions_is_found_as_either(
    registry: InProcess,
) -> None:
    """Each is answered to who names it; the one written last to all others."""
    registry.ask("PUT", "/mode/s", {"mode": "IMPORT"})
    first = registry.register("s", "int", id=5, version=2)
    registry.register("s", "int", id=5, version=7)

    again = registry.register("s", "int", id=5, version=2)
    found = registry.ask("POST", "/subjects/s", {"schema": '"int"'}).json()

    assert first["version"] == again["version"] == 2
    assert found["version"] == 7


def test_import_mode_takes_what_does_not_fit(registry: InProcess) -> None:
    """What was released elsewhere is not judged again."""
    registry.ask("PUT", "/mode", {"mode": "IMPORT"})
    registry.register("s", "int", id=1, version=1)

    assert registry.register("s", "string", id=2, version=2)["id"] == 2


def test_import_mode_needs_an_empty_scope_or_force(registry: InProcess) -> None:
    """Ids of before and ids of elsewhere are mixed on purpose only."""
    registry.register("s", "int")

    refused = registry.ask("PUT", "/mode/s", {"mode": "IMPORT"}).json()
    other = registry.ask("PUT", "/mode/t", {"mode": "IMPORT"}).status_code
    forced = registry.ask("PUT", "/mode/s?force=true", {"mode": "IMPORT"}).json()

    assert refused["message"] == "Cannot import since found existing subjects"
    assert (other, forced) == (200, {"mode": "IMPORT"})


def test_import_mode_clears_what_was_deleted(registry: InProcess) -> None:
    """Soft-deleted versions of the scope go for good; its settings stay."""
    registry.register("s", "int")
    registry.ask("PUT", "/config/s", {"compatibility": "NONE"})
    registry.ask("DELETE", "/subjects/s")

    registry.ask("PUT", "/mode/s", {"mode": "IMPORT"})

    assert registry.ask("GET", "/subjects?deleted=true").json() == []
    assert registry.ask("GET", "/schemas/ids/1").status_code == 404
    assert registry.ask("GET", "/config/s").json() == {"compatibilityLevel": "NONE"}


def test_import_mode_does_not_clear_what_is_referred_to(registry: InProcess) -> None:
    """A deleted schema that another one needs keeps the mode from changing."""
    registry.register("r", {"type": "enum", "name": "R", "symbols": ["A"]})
    references = [{"name": "R", "subject": "r", "version": 1}]
    registry.register("s", {"type": "array", "items": "R"}, references=references)
    registry.ask("DELETE", "/subjects/s")
    registry.ask("DELETE", "/subjects/r")

    refused = registry.ask("PUT", "/mode/r", {"mode": "IMPORT"}).json()

    assert refused["error_code"] == 42206


@pytest.mark.parametrize(
    ("release", "place"), [(Emulation.V7_9, ""), (Emulation.V8, " in context ")]
)
def test_refusal_by_mode_names_the_context_since_8(
    start_in_process: StartInProcess, release: Emulation, place: str
) -> None:
    """Before, contexts had no place in these sentences."""
    registry = start_in_process(release)
    registry.register("s", "int")
    registry.ask("PUT", "/mode/s", {"mode": "READONLY"})
    registry.ask("PUT", "/mode/t", {"mode": "IMPORT"})

    said = [
        registry.ask("DELETE", "/subjects/s").json()["message"],
        registry.register("t", "long")["message"],
        registry.register("t", "long", id=1)["message"],
    ]

    assert said == [
        f"Subject s{place} is in read-only mode",
        f"Subject t{place} is not in read-write mode",
        f"Overwrite new schema with id 1{place} is not permitted.",
    ]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_default_context_is_the_global_scope_in_a_refusal(
    registry: InProcess, method: str
) -> None:
    """`/config/:.:` is `/config`, whose subject is none (registry-spec 2.8)."""
    registry.ask("PUT", "/mode", {"mode": "READONLY"})
    body = {"compatibility": "NONE"}

    answers = [registry.ask(method, f"/config{it}", body) for it in ("", "/:.:")]

    refused = "Subject null in context  is in read-only mode"
    assert [it.json()["message"] for it in answers] == [refused, refused]
