"""docker-compose.yml: who waits for whom, what is kept, and what ends by itself."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from operations.cli import pipeline
from producers.order_service import main as order_service
from registry.cli import contracts
from tests.compose.test_compose_file import (
    CLUSTER,
    COMPOSE,
    LISTENERS,
    MOUNTED,
    OURS,
    ROOT,
    SERVICES,
    STACK,
    read,
)
from tests.compose.variables import variables_of

ADDED: dict[str, Any] = read(CLUSTER)["services"]
BROKERS = ["kafka", "kafka-2", "kafka-3"]
ONCE = [name for name, each in STACK.items() if each["restart"] == "no"]
END_TO_END = (MOUNTED / "e2e/end_to_end.py").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROBES = {
    "kafka": "kafka-broker-api-versions.sh",
    "schema-registry": "/subjects",
    "postgres": "pg_isready",
    "mailpit": "/mailpit readyz",
    "prometheus": "/-/ready",
    "grafana": "/api/health",
    **dict.fromkeys(LISTENERS, "/readyz"),
}
WAITS = [
    pytest.param(name, awaited, each["condition"], id=f"{name}-{awaited}")
    for name, service in STACK.items()
    for awaited, each in service.get("depends_on", {}).items()
]
LINES = {
    "pipeline topics": shlex.join(STACK["topics"]["command"]),
    "contracts plan": STACK["contracts"]["command"][-1],
    "contracts apply": STACK["contracts"]["command"][-1],
    "pipeline verify": "pipeline verify --input orders.jsonl",
}


def find_command(words: str) -> click.Command:
    """Return the sub-command of those two words."""
    group, name = words.split()
    return {"pipeline": pipeline, "contracts": contracts}[group].commands[name]


def awaited_by(name: str) -> set[str]:
    """Return all that Compose starts when it is asked for one service."""
    direct = set(STACK[name].get("depends_on", {}))
    return direct.union(*(awaited_by(each) for each in direct))


@pytest.mark.parametrize(("name", "awaited", "condition"), WAITS)
def test_what_is_awaited_can_come_true(name: str, awaited: str, condition: str) -> None:
    """A one-shot is awaited to its end, anything else until it is healthy."""
    ends = {True: "service_completed_successfully", False: "service_healthy"}

    assert name != awaited
    assert condition == ends[awaited in ONCE]


@pytest.mark.parametrize("name", PROBES)
def test_health_is_asked_with_the_images_own_probe(name: str) -> None:
    """Each is asked in the way that its makers document."""
    test = STACK[name]["healthcheck"]["test"]

    assert PROBES[name] in (test if isinstance(test, str) else " ".join(test))


def test_every_service_has_a_probe_or_ends() -> None:
    """None is left out of the list above."""
    assert set(PROBES) | set(ONCE) == set(STACK)


@pytest.mark.parametrize("words", LINES)
def test_one_shots_run_commands_that_exist_with_their_flags(words: str) -> None:
    """What a one-shot runs is there, and knows every flag that it is given."""
    known = {flag for each in find_command(words).params for flag in each.opts}
    (given,) = re.findall(rf"{words}([^&]*)", LINES[words])

    assert set(re.findall(r"--[\w-]+", given)) <= known


def test_end_to_end_runs_the_lines_that_are_checked() -> None:
    """The script in the container uses the flags that the test above looks for."""
    assert '["pipeline", "verify", "--input", _ORDERS]' in END_TO_END
    assert '["order-service", "--from", _ORDERS]' in END_TO_END
    assert "--from" in {flag for each in order_service.params for flag in each.opts}


def test_contracts_are_planned_and_then_applied() -> None:
    """What is applied is the plan that was written."""
    line = STACK["contracts"]["command"][-1]
    (written,) = re.findall(r"contracts plan --out (\S+)", line)

    assert line.endswith(f"&& contracts apply --plan {written}")


def test_end_to_end_is_asked_for_and_invents_no_orders() -> None:
    """It is behind its profile, waits for who must work, and starts no Faker."""
    assert STACK["e2e"]["profiles"] == ["e2e"]
    assert awaited_by("e2e") >= {*SERVICES, "dashboard"} - {"order-service"}
    assert "order-service" not in awaited_by("e2e")


def test_end_to_end_gets_the_addresses_that_it_asks_for() -> None:
    """Each variable of its own is one that the script reads."""
    own = STACK["e2e"]["environment"].keys() - STACK["contracts"]["environment"].keys()
    asked = {f"ACCORD_{each}_URL" for each in re.findall(r'count\("(\w+)"', END_TO_END)}

    assert own == asked | set(re.findall(r"ACCORD_\w+_URL", END_TO_END))


@pytest.mark.parametrize("name", sorted(set(ADDED) & set(LISTENERS)))
def test_variables_of_the_override_are_those_that_the_service_reads(name: str) -> None:
    """The override, too, sets nothing in vain."""
    assert set(ADDED[name]["environment"]) <= variables_of(LISTENERS[name])


@pytest.mark.parametrize("name", BROKERS)
def test_cluster_keeps_three_copies_and_writes_two(name: str) -> None:
    """One broker may fail: every copy counts, and two suffice."""
    settings = STACK["kafka"]["environment"] | ADDED[name]["environment"]
    voters = settings["KAFKA_CONTROLLER_QUORUM_VOTERS"].split(",")

    assert settings["KAFKA_DEFAULT_REPLICATION_FACTOR"] == 3
    assert settings["KAFKA_MIN_INSYNC_REPLICAS"] == 2
    assert settings["KAFKA_TRANSACTION_STATE_LOG_MIN_ISR"] == 2
    assert f"{settings['KAFKA_NODE_ID']}@{name}:9093" in voters
    assert f"CLIENTS://{name}:9092" in settings["KAFKA_ADVERTISED_LISTENERS"]


@pytest.mark.parametrize("path", [COMPOSE, CLUSTER], ids=lambda path: path.name)
def test_what_is_kept_is_in_volumes_with_a_name(path: Path) -> None:
    """Each volume of the file is declared, and each that is declared is used."""
    found = read(path)
    mounts = [m for each in found["services"].values() for m in each.get("volumes", [])]
    names = {each.partition(":")[0] for each in mounts if not each.startswith("./")}

    assert names == set(found["volumes"])


def test_image_is_small_debian_and_not_root() -> None:
    """Built in stages; what runs has Python 3.11, a user, a health check."""
    *stages, last = DOCKERFILE.split("\nFROM ")

    assert len(stages) == 2 + 1
    assert last.startswith("python:3.11-slim-bookworm\n")
    assert re.findall(r"^USER (.*)$", last, re.MULTILINE) == ["accord"]
    assert "useradd --uid 10001" in last
    assert f":8080{PROBES['dashboard']}" in last.partition("HEALTHCHECK")[2]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_run_as_the_images_user(name: str) -> None:
    """No service of ours goes back to root, or gives itself more rights."""
    assert not {"user", "privileged", "cap_add"} & set(STACK[name])
