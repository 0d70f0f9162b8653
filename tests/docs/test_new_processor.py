"""docs/new-processor.md is run as it stands."""

import re
import shutil
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

DOCUMENT = Path(__file__).parents[2] / "docs/new-processor.md"
FILES = re.findall(
    r"```\w+\n(?:#|//) file: (\S+)\n(.*?)```", DOCUMENT.read_text(), re.DOTALL
)
DRAINED_S = 60


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


def _run(stack: Addresses, topics: services.Topics, project: Path) -> int:
    program = [sys.executable, str(project / "processors/loyalty_service.py")]
    flags = [*services.flags_for(stack, topics), "--until-idle", "1"]
    flags += ["--schemas", str(project / "schemas"), "--replica-id", "only"]
    command = [*program, *flags]
    with services.running_command("loyalty", command, folder=project) as service:
        return service.wait(timeout_s=DRAINED_S)
