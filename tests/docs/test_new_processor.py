"""docs/new-processor.md is run as it stands."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from operations.stack import Addresses
from operations.verify.evidence import read_to_end
from registry.catalog import load_catalog
from registry.names import Version
from registry.serdes import Deserializer, Serializer
from runtime.config import KafkaSettings, RegistrySettings
from runtime.registry import connect_registry
from schemas import CONTRACTS
from tests import services
from tests.operations.conftest import BIN, Up

PAGE = (Path(__file__).parents[2] / "docs/new-processor.md").read_text()
FILES = re.findall(r"```\w+\n(?:#|//) file: (\S+)\n(.*?)```", PAGE, re.DOTALL)
FIRST, *SECOND = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
"""What is typed in the first terminal, and in the second one."""
DRAINED_S = 60
TYPED_S = 240


def order(number: int, total: str, currency: str = "EUR") -> dict[str, Any]:
    """Return an OrderProcessed event."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return {
        "order_id": f"order-{number}",
        "customer": {"id": f"C{number}", "name": "Zoë", "email": "z@shop.example"},
        "item_count": 1,
        "total": Decimal(total),
        "currency": currency,
        "created_at": moment,
        "processed_at": moment,
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with the project's contracts and the files of the page."""
    shutil.copytree(CONTRACTS, tmp_path / "schemas")
    for name, text in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{text}")
    return tmp_path


def test_page_adds_a_processor_that_works(
    stack: Addresses, unique_name: Callable[[str], str], project: Path
) -> None:
    """The page's contract is let in, its service runs, its figures are right."""
    catalog = load_catalog(project / "schemas")
    services.let_contracts_in(stack.registry_url, catalog)
    topics = services.create_topics(stack, unique_name("loyalty"))
    orders = [order(1, "19.9900"), order(2, "0.0000"), order(3, "7.0000", "XXX")]

    with connect_registry(RegistrySettings(url=stack.registry_url)) as registry:
        priced = catalog.get_contract("order-processed-value")
        write = Serializer(registry, priced, Version(1))
        values = [(each["order_id"].encode(), write(each)) for each in orders]
        services.send_values(stack, topics.input, values)
        status = _run(stack, topics, project)
        read = Deserializer(registry, catalog.get_contract("loyalty-points-value"))
        kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers)
        points = [read(each.value) for each in read_to_end(kafka, topics.output)]
        letters = read_to_end(kafka, topics.dead_letters)

    assert status == 0
    assert points == [{"order_id": "order-1", "customer_id": "C1", "points": 19}]
    assert [letter.key for letter in letters] == [b"order-3"]


@pytest.mark.usefixtures("kafka_works")
def test_page_leads_from_nothing_to_events_in_a_topic(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every command of the page, in its order, does what the page says of it."""
    data = tmp_path_factory.mktemp("tutorial") / "data"
    _, _, *flags = shlex.split(FIRST.splitlines()[-1])

    with Up(data, *flags) as up:
        typed = _type(project, up.addresses)

    assert typed.returncode == 0, typed.stderr
    assert "accepted: no findings" in typed.stdout
    assert "would write schemas/loyalty-points-value/v2.avsc" in typed.stdout
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in typed.stdout
    points = re.findall(r"^\d+ \d+ {'order_id': '(.*?)'", typed.stdout, re.MULTILINE)
    assert len(points) == len(set(points)) == 100


def _type(project: Path, addresses: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Type what stands in the second terminal, with the numbers that `up` printed."""
    text = "".join(SECOND).replace(". .venv/bin/activate\n", "")
    for name in ("bootstrap_servers", "registry_url"):
        (shown,) = re.findall(rf"^export {_VARIABLES[name]}=(.*)$", text, re.MULTILINE)
        text = text.replace(shown, addresses[name])
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-eu", "-c", text],
        cwd=project,
        env={**os.environ, "PATH": path, "ACCORD_STATE_DIR": str(project / "slots")},
        capture_output=True,
        text=True,
        timeout=TYPED_S,
        check=False,
    )


_VARIABLES = {
    "bootstrap_servers": "KAFKA_BOOTSTRAP_SERVERS",
    "registry_url": "SCHEMA_REGISTRY_URL",
}


def _run(stack: Addresses, topics: services.Topics, project: Path) -> int:
    program = [sys.executable, str(project / "processors/loyalty_service.py")]
    flags = [*services.flags_for(stack, topics), "--until-idle", "1"]
    flags += ["--schemas", str(project / "schemas"), "--replica-id", "only"]
    command = [*program, *flags]
    with services.running_command("loyalty", command, folder=project) as service:
        return service.wait(timeout_s=DRAINED_S)
