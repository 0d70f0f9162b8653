"""deploy/kubernetes against the schemas that Kubernetes, KEDA and kustomize publish."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # no stubs
import pydantic
import pytest
import yaml
from cloudcoil.models.keda.v1alpha1 import ScaledObject

from tests.compose.test_kubernetes import BASE, FOLDERS, KUBERNETES, SETTINGS, objects

RELEASES = ["1.35", "1.37"]
"""The oldest and the newest release of Kubernetes that its makers maintain."""
CUSTOM = {"keda.sh/v1alpha1", "kafka.strimzi.io/v1beta2"}
SCALED = objects(KUBERNETES / "overlays/keda")


def every_object() -> Iterator[Any]:
    """Yield the objects of all folders, each under its kind and name."""
    for folder in FOLDERS:
        for each in objects(folder):
            words = (folder.name, each["kind"], each["metadata"]["name"])
            yield pytest.param(each, id="-".join(words))


CORE = [each for each in every_object() if each.values[0]["apiVersion"] not in CUSTOM]


def build(kustomize: str, folder: Path) -> list[dict[str, Any]]:
    """Return what `kubectl apply -k` would send."""
    done = subprocess.run(
        [kustomize, "build", str(folder)], capture_output=True, text=True, check=True
    )
    return list(yaml.safe_load_all(done.stdout))


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name)
def built(request: pytest.FixtureRequest, kustomize: str) -> list[dict[str, Any]]:
    """Give what kustomize makes of a folder."""
    return build(kustomize, request.param)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("found", CORE)
def test_core_object_is_of_its_published_schema(
    found: dict[str, Any], release: str
) -> None:
    """No field is unknown, misspelt, of another type, or missing."""
    assert kubernetes_validate.validate(found, release, strict=True) == release


def test_schema_refuses_a_misspelt_field() -> None:
    """The check above can fail."""
    wrong = BASE[0] | {"labels": {}}

    with pytest.raises(kubernetes_validate.ValidationError, match="labels"):
        kubernetes_validate.validate(wrong, RELEASES[-1], strict=True)


@pytest.mark.parametrize("scaled", SCALED)
def test_scaled_object_is_of_kedas_published_schema(scaled: dict[str, Any]) -> None:
    """The models made from KEDA's own definitions know every field, and its type."""
    model = ScaledObject.model_validate(scaled, extra="forbid", strict=True)

    assert model.spec.scale_target_ref.name == scaled["metadata"]["name"]


def test_model_refuses_a_misspelt_field() -> None:
    """The check above can fail, also deep inside."""
    trigger = SCALED[0]["spec"]["triggers"][0] | {"authentication": {}}
    wrong = SCALED[0] | {"spec": SCALED[0]["spec"] | {"triggers": [trigger]}}

    with pytest.raises(pydantic.ValidationError, match="authentication"):
        ScaledObject.model_validate(wrong, extra="forbid", strict=True)


def test_build_has_all_of_the_base(built: list[dict[str, Any]]) -> None:
    """Kustomize builds every folder, and an overlay takes nothing away."""
    kept = {(each["kind"], each["metadata"]["name"]) for each in built}

    assert {(each["kind"], each["metadata"]["name"]) for each in BASE} <= kept


def test_build_is_of_the_published_schemas(built: list[dict[str, Any]]) -> None:
    """What is sent, the generated config map included, is as valid as the files."""
    core = [each for each in built if each["apiVersion"] not in CUSTOM]
    releases = {
        kubernetes_validate.validate(each, RELEASES[-1], strict=True) for each in core
    }

    assert releases == {RELEASES[-1]}


def test_build_is_in_one_namespace(built: list[dict[str, Any]]) -> None:
    """Nothing lands where the operator happens to be."""
    inside = [each for each in built if each["kind"] != "Namespace"]

    assert {each["metadata"].get("namespace") for each in inside} == {"accord"}


def test_pods_read_the_settings_that_the_build_generates(
    built: list[dict[str, Any]],
) -> None:
    """A changed setting has a new name, so that pods roll; all of them name it."""
    (settings,) = [each for each in built if each["kind"] == "ConfigMap"]
    pods = [each["spec"]["template"]["spec"] for each in built if has_pods(each)]
    read = [
        each["envFrom"][0]["configMapRef"]["name"]
        for pod in pods
        for each in pod["containers"]
    ]

    assert len(read) == 6
    assert set(read) == {settings["metadata"]["name"]}
    assert read[0].startswith("accord-")


def test_pods_run_the_image_that_the_kustomization_names(
    built: list[dict[str, Any]],
) -> None:
    """No container is left with the bare name of the files."""
    (image,) = SETTINGS["images"]
    pods = [each["spec"]["template"]["spec"] for each in built if has_pods(each)]
    images = {each["image"] for pod in pods for each in pod["containers"]}

    assert images == {f"{image['newName']}:{image['newTag']}"}


def test_strimzi_overlay_leads_the_services_to_its_own_brokers(kustomize: str) -> None:
    """The bootstrap address is that of the Service that Strimzi makes."""
    made = build(kustomize, KUBERNETES / "overlays/strimzi")
    (settings,) = [each for each in made if each["kind"] == "ConfigMap"]
    (kafka,) = [each for each in made if each["kind"] == "Kafka"]
    (listener,) = kafka["spec"]["kafka"]["listeners"]
    name = f"{kafka['metadata']['name']}-kafka-bootstrap"

    assert settings["data"]["KAFKA_BOOTSTRAP_SERVERS"] == f"{name}:{listener['port']}"


def test_number_of_pods_is_kedas_alone(kustomize: str) -> None:
    """An overlay that is applied again does not set back what KEDA scaled."""
    made = build(kustomize, KUBERNETES / "overlays/keda")
    fixed = {each["metadata"]["name"] for each in made if "replicas" in spec_of(each)}

    assert fixed == {"order-service", "dashboard"}


def spec_of(found: dict[str, Any]) -> dict[str, Any]:
    """Return what an object asks for, if it asks."""
    return dict(found.get("spec", {}))


def has_pods(found: dict[str, Any]) -> bool:
    """Tell whether an object makes pods."""
    return found["kind"] in {"Deployment", "StatefulSet", "Job"}
