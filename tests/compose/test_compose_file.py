"""docker-compose.yml and what it mounts: valid, complete, and true to the code."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from operations.dashboard import main as dashboard
from processors.transaction_service import main as transaction_service
from producers.order_service import main as order_service
from sinks.analytics_service import main as analytics_service
from sinks.notification_service import main as notification_service
from tests.compose.images import ACCORD, stand_ins
from tests.compose.variables import variables_of

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
CLUSTER = ROOT / "docker-compose.cluster.yml"
MOUNTED = ROOT / "deploy/compose"
DASHBOARD = MOUNTED / "grafana/dashboards/accord.json"
ALERTS = MOUNTED / "prometheus/alerts.yml"
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
METRICS = (ROOT / "docs/reference/metrics.md").read_text(encoding="utf-8")
LISTENERS = {
    "order-service": order_service,
    "transaction-service": transaction_service,
    "notification-service": notification_service,
    "analytics-service": analytics_service,
    "dashboard": dashboard,
}
"""By their names, which are those of their console scripts."""
SERVICES = [name for name in LISTENERS if name != "dashboard"]


def defaults(text: str) -> dict[str, str]:
    """Return the variables that a compose file reads, with their defaults."""
    return dict(re.findall(r"\$\{(\w+):-([^}]*)\}", text))


def read(path: Path) -> dict[str, Any]:
    """Return a file as Compose sees it: variables filled in, anchors resolved."""
    filled = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", path.read_text(encoding="utf-8"))
    # Compose's own tag, which replaces a list instead of adding to it.
    found: dict[str, Any] = yaml.safe_load(filled.replace("!override ", ""))
    return found


STACK: dict[str, Any] = read(COMPOSE)["services"]
OURS = {name: each for name, each in STACK.items() if each["image"] == ACCORD}


@pytest.mark.parametrize("path", [COMPOSE, CLUSTER], ids=lambda path: path.name)
def test_file_is_valid_compose(path: Path) -> None:
    """A parser of the compose specification accepts the file as it stands."""
    text = yaml.safe_dump(read(path))

    assert "kafka" in PyCompose.from_yaml(text).service_names()


def test_parser_refuses_what_is_not_compose() -> None:
    """The check above can fail: an unknown key is refused."""
    with pytest.raises(ValueError, match="unknown"):
        PyCompose.from_yaml("services: {a: {image: b, unknown: 1}}")


@pytest.mark.parametrize(
    "image",
    [
        "apache/kafka:",
        "confluentinc/cp-schema-registry:8.",
        "postgres:",
        "axllent/mailpit:",
        "prom/prometheus:",
        "grafana/grafana:",
    ],
)
def test_stack_has_the_real_images(image: str) -> None:
    """Kafka, Confluent's registry and the others are there, pinned."""
    (found,) = [each["image"] for each in STACK.values() if image in each["image"]]

    assert re.search(r":v?\d+\.\d+[\w.-]*$", found)


def test_every_image_has_its_stand_in() -> None:
    """A machine that reaches no image registry can run all of the file."""
    folders = stand_ins(STACK).values()

    assert [each for each in folders if not (each / "Dockerfile").exists()] == []


def test_cluster_adds_brokers_alone() -> None:
    """The override changes services of the file, and adds two brokers."""
    assert set(read(CLUSTER)["services"]) - set(STACK) == {"kafka-2", "kafka-3"}


@pytest.mark.parametrize("name", SERVICES)
def test_services_wait_for_the_contracts(name: str) -> None:
    """Nothing starts before the gate has let its contract in."""
    condition = STACK[name]["depends_on"]["contracts"]["condition"]

    assert condition == "service_completed_successfully"


@pytest.mark.parametrize("name", STACK)
def test_every_service_is_watched_and_bounded(name: str) -> None:
    """Each has a health check, or ends; each has limits of CPU and memory."""
    service = STACK[name]

    assert ("test" in service["healthcheck"]) != (service["restart"] == "no")
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}


@pytest.mark.parametrize("name", OURS)
def test_our_containers_cannot_write_or_rise(name: str) -> None:
    """Their file system is read-only, and they have no capability to lose."""
    service = STACK[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", LISTENERS)
def test_commands_exist_with_their_flags(name: str) -> None:
    """What a container runs is a console script, and it knows every flag."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    script, *arguments = STACK[name]["command"]
    known = {flag for each in LISTENERS[name].params for flag in each.opts}

    assert script in scripts
    assert {each for each in arguments if each.startswith("--")} <= known


@pytest.mark.parametrize("name", LISTENERS)
def test_variables_are_those_that_the_service_reads(name: str) -> None:
    """Every variable that is set has a flag; nothing is set in vain."""
    assert set(STACK[name]["environment"]) <= variables_of(LISTENERS[name])


@pytest.mark.parametrize("name", LISTENERS)
def test_services_listen_where_they_are_asked(name: str) -> None:
    """The health check asks the port that the service is told to listen on."""
    port = STACK[name]["environment"]["ACCORD_LISTEN"].rpartition(":")[2]

    assert f":{port}/readyz" in STACK[name]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("path", [COMPOSE, CLUSTER], ids=lambda path: path.name)
def test_ports_are_published_on_loopback_only(path: Path) -> None:
    """Nothing of the stack is reachable from another machine by default."""
    services = read(path)["services"].values()
    ports = [port for each in services for port in each.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_env_file_tells_every_default() -> None:
    """`.env` names what can be set, each with the value it has without the file."""
    lines = (ROOT / ".env").read_text(encoding="utf-8").splitlines()
    told = dict(line.split("=", 1) for line in lines if line and line[0] != "#")

    assert told == defaults(COMPOSE.read_text()) | defaults(CLUSTER.read_text())


def test_mounted_files_exist() -> None:
    """Every path of the repository that is mounted is there."""
    mounts = [each for one in STACK.values() for each in one.get("volumes", [])]
    paths = [each.partition(":")[0] for each in mounts if each.startswith("./")]

    assert len(paths) == 6
    assert [each for each in paths if not (ROOT / each).is_dir()] == []


def test_prometheus_asks_the_services_where_they_listen() -> None:
    """It finds each of the four by its name, at its port."""
    config = yaml.safe_load((MOUNTED / "prometheus/prometheus.yml").read_text())
    (found,) = config["scrape_configs"][0]["dns_sd_configs"]

    assert set(found["names"]) == set(SERVICES)
    assert found["port"] == 8080


def test_alerts_are_those_that_the_page_explains() -> None:
    """Prometheus has the rules of docs/operations.md, word for word."""
    shown = OPERATIONS.split("```yaml")[1].split("```")[0]

    assert yaml.safe_load(ALERTS.read_text()) == yaml.safe_load(shown)


@pytest.mark.parametrize("path", [DASHBOARD, ALERTS], ids=lambda path: path.name)
def test_metrics_are_those_that_the_page_lists(path: Path) -> None:
    """No panel and no rule asks for a metric that no service exports.

    The page is held against the running services by a test of its own.
    """
    listed = set(re.findall(r"^\| `(accord_\w+)`", METRICS, re.MULTILINE))
    asked = set(re.findall(r"\baccord_\w+", path.read_text()))

    assert asked
    assert {re.sub(r"_bucket$", "", each) for each in asked} <= listed


def test_dashboard_is_found_and_asks_the_provisioned_source() -> None:
    """Grafana looks where it is mounted; panels read the provisioned Prometheus."""
    sources = yaml.safe_load(
        (MOUNTED / "grafana/provisioning/datasources/prometheus.yml").read_text()
    )["datasources"]
    panels = json.loads(DASHBOARD.read_text())["panels"]

    provider = yaml.safe_load(
        (MOUNTED / "grafana/provisioning/dashboards/accord.yml").read_text()
    )["providers"][0]
    mounted = [each.split(":")[:2] for each in STACK["grafana"]["volumes"]]

    assert [
        "./deploy/compose/grafana/dashboards",
        provider["options"]["path"],
    ] in mounted
    assert {each["datasource"]["uid"] for each in panels} == {sources[0]["uid"]}
    assert sources[0]["url"] == "http://prometheus:9090"


def test_image_has_versions_of_the_lock() -> None:
    """The image installs what the tests ran with, less what only tests need."""
    pins = [
        set(re.findall(r"^[\w.-]+==\S+", path.read_text(), re.MULTILINE))
        for path in (ROOT / "deploy/image.lock", ROOT / "requirements.lock")
    ]

    assert pins[0] < pins[1]
