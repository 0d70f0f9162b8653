"""deploy/kubernetes: whole, true to the code, and as careful as the compose file."""

from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from operations.dashboard import main as dashboard
from processors.transaction_service import main as transaction_service
from producers.order_service import main as order_service
from registry.catalog import load_catalog
from registry.names import Subject
from schemas import CONTRACTS
from sinks.analytics_service import main as analytics_service
from sinks.notification_service import main as notification_service
from tests.compose.variables import variables_of

KUBERNETES = Path(__file__).parents[2] / "deploy/kubernetes"
FOLDERS = sorted(path.parent for path in KUBERNETES.rglob("kustomization.yaml"))
COMMANDS: dict[str, click.Command] = {
    "order-service": order_service,
    "transaction-service": transaction_service,
    "notification-service": notification_service,
    "analytics-service": analytics_service,
    "dashboard": dashboard,
}
READERS = ("transaction-service", "notification-service", "analytics-service")


def objects(folder: Path) -> list[dict[str, Any]]:
    """Return every object in the files of a folder."""
    paths = sorted(set(folder.glob("*.yaml")) - {folder / "kustomization.yaml"})
    texts = [path.read_text(encoding="utf-8") for path in paths]
    return [each for text in texts for each in yaml.safe_load_all(text)]


BASE = objects(KUBERNETES / "base")
SETTINGS = yaml.safe_load((KUBERNETES / "base/kustomization.yaml").read_text())


def find(kind: str, name: str) -> dict[str, Any]:
    """Return the object of the base with that kind and name."""
    (found,) = [o for o in BASE if (o["kind"], o["metadata"]["name"]) == (kind, name)]
    return found


def workload(name: str) -> dict[str, Any]:
    """Return what runs a service."""
    return find("StatefulSet" if name == "transaction-service" else "Deployment", name)


def container(name: str) -> dict[str, Any]:
    """Return the one container of a service."""
    (found,) = workload(name)["spec"]["template"]["spec"]["containers"]
    return dict(found)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_kustomization_lists_what_is_there(folder: Path) -> None:
    """No file is forgotten, and none is missing."""
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    files = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}

    assert {each for each in listed if not each.startswith("..")} == files
    assert [each for each in listed if not (folder / each).exists()] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_selectors_find_their_pods(name: str) -> None:
    """The workload and its Service select the labels that its pods have."""
    spec = workload(name)["spec"]
    labels = spec["template"]["metadata"]["labels"]

    assert spec["selector"]["matchLabels"].items() <= labels.items()
    assert find("Service", name)["spec"]["selector"].items() <= labels.items()


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_exist_with_their_flags_and_variables(name: str) -> None:
    """What a pod runs is a command, which knows every flag and variable it is given."""
    script, *flags = container(name)["args"]
    known = {flag for each in COMMANDS[name].params for flag in each.opts}
    given = {each["name"] for each in container(name).get("env", [])}

    assert script == name
    assert {each for each in flags if each.startswith("--")} <= known
    assert given <= variables_of(COMMANDS[name])


def test_shared_settings_are_read_by_the_services() -> None:
    """Every literal of the config map is a variable of each service that reads."""
    (generated,) = SETTINGS["configMapGenerator"]
    names = {each.partition("=")[0] for each in generated["literals"]}

    assert all(names <= variables_of(COMMANDS[name]) for name in READERS)


@pytest.mark.parametrize("name", COMMANDS)
def test_pods_are_asked_how_they_are(name: str) -> None:
    """Alive and ready are two questions, asked where the service listens."""
    asked = container(name)
    (port,) = asked["ports"]

    assert asked["livenessProbe"]["httpGet"] == {"path": "/livez", "port": port["name"]}
    assert asked["readinessProbe"]["httpGet"] == {
        "path": "/readyz",
        "port": port["name"],
    }
    assert f"ACCORD_LISTEN=0.0.0.0:{port['containerPort']}" in [
        *SETTINGS["configMapGenerator"][0]["literals"]
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_pods_can_neither_write_nor_rise(name: str) -> None:
    """No root, no capability, a read-only file system, no token, bounded memory."""
    pod = workload(name)["spec"]["template"]["spec"]
    security = container(name)["securityContext"]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert "memory" in container(name)["resources"]["limits"]


@pytest.mark.parametrize("name", READERS)
def test_readers_finish_before_they_are_killed(name: str) -> None:
    """A pod has longer than its group waits for it, and only one goes at a time."""
    (session_s,) = [
        each.default for each in COMMANDS[name].params if each.name == "session_timeout"
    ]
    pod = workload(name)["spec"]["template"]["spec"]

    assert pod["terminationGracePeriodSeconds"] > session_s
    assert find("PodDisruptionBudget", name)["spec"]["maxUnavailable"] == 1


def test_transaction_service_is_known_by_its_pods_name() -> None:
    """The replica id outlives the pod, so that its successor takes its slot."""
    (variable,) = container("transaction-service")["env"]

    assert variable["name"] == "ACCORD_REPLICA_ID"
    assert variable["valueFrom"]["fieldRef"] == {"fieldPath": "metadata.name"}


def test_passwords_come_from_secrets_alone() -> None:
    """A database's address holds its password; no file of the base does."""
    variables = [
        each
        for name in READERS
        for each in container(name).get("env", [])
        if each["name"] in {"ACCORD_DATABASE", "ACCORD_MAIL"}
    ]

    assert len(variables) == 3
    assert all("secretKeyRef" in each["valueFrom"] for each in variables)


@pytest.mark.parametrize("scaled", objects(KUBERNETES / "overlays/keda"))
def test_no_more_pods_than_partitions(scaled: dict[str, Any]) -> None:
    """KEDA scales a workload of the base, up to the partitions that it reads."""
    target = scaled["spec"]["scaleTargetRef"]
    (trigger,) = scaled["spec"]["triggers"]
    contracts = load_catalog(CONTRACTS).contracts
    contract = contracts[Subject(f"{trigger['metadata']['topic']}-value")]

    assert find(target["kind"], target["name"])["apiVersion"] == target["apiVersion"]
    assert scaled["spec"]["maxReplicaCount"] <= contract.partitions
    assert trigger["metadata"]["consumerGroup"] == target["name"]
