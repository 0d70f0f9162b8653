"""docker-compose.yml: valid, complete, and true to the code."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SERVICES = [
    "order-service",
    "transaction-service",
    "notification-service",
    "analytics-service",
]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """Return the file's services, anchors and merges resolved."""
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def test_file_is_valid_compose() -> None:
    """A parser of the compose specification accepts the file as it stands."""
    # Compose fills variables in before it parses.
    filled = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", COMPOSE.read_text())
    text = yaml.safe_dump(yaml.safe_load(filled))

    assert "kafka" in PyCompose.from_yaml(text).service_names()


def test_parser_refuses_what_is_not_compose() -> None:
    """The check above can fail: an unknown key is refused."""
    with pytest.raises(ValueError, match="unknown"):
        PyCompose.from_yaml("services: {a: {image: b, unknown: 1}}")


def test_the_four_services_and_the_real_images_are_there(
    services: dict[str, Any],
) -> None:
    """Kafka, Confluent's registry and the four services, each image pinned."""
    assert set(SERVICES) <= set(services)
    assert services["schema-registry"]["image"].startswith("confluentinc/")
    assert services["kafka"]["image"].startswith("apache/kafka:")
    assert all(re.search(r":[\w.]+$", each["image"]) for each in services.values())


@pytest.mark.parametrize("name", SERVICES)
def test_services_wait_for_the_contracts(services: dict[str, Any], name: str) -> None:
    """Nothing starts before the gate has let its contract in."""
    condition = services[name]["depends_on"]["contracts"]["condition"]

    assert condition == "service_completed_successfully"


def test_every_command_is_a_console_script(services: dict[str, Any]) -> None:
    """What the containers run is what the package installs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    commands = {each["command"][0] for each in services.values() if "command" in each}

    assert commands <= set(project["scripts"])


def test_ports_are_published_on_loopback_only(services: dict[str, Any]) -> None:
    """Nothing of the stack is reachable from another machine by default."""
    ports = [port for each in services.values() for port in each.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
