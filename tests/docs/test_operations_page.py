"""The pages and the services name the same metrics, alerts, fields and events."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from operations.stack import Addresses, wait_for_service
from tests import services

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
METRICS_PAGE = (ROOT / "docs/reference/metrics.md").read_text(encoding="utf-8")
STATUS_PAGE = (ROOT / "docs/reference/status.md").read_text(encoding="utf-8")
API_PAGE = (ROOT / "docs/reference/json-api.md").read_text(encoding="utf-8")
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for package in ("runtime", "producers", "processors", "sinks")
    for path in (ROOT / package).rglob("*.py")
)
PATIENCE_S = 90.0
READERS = ("transaction-service", "notification-service", "analytics-service")


def section(title: str, page: str = PAGE) -> str:
    """Return the text below a heading of the second level."""
    return page.split(f"\n## {title}\n")[1].split("\n## ", maxsplit=1)[0]


def first_cells(text: str) -> set[str]:
    """Return the names in the first columns of the tables of a text."""
    rows = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


ALERTS = yaml.safe_load(section("Alerts").split("```yaml")[1].split("```")[0])
RULES: list[dict[str, Any]] = ALERTS["groups"][0]["rules"]


class Answers:
    """What all four services answer.

    Attributes:
        metrics: Metric names by service, histograms under their own name.
        statuses: /status by service.
        mails: What notification-service answers on /api/mails.
    """

    def __init__(self) -> None:
        self.metrics: dict[str, set[str]] = {}
        self.statuses: dict[str, dict[str, Any]] = {}
        self.mails: dict[str, Any] = {}

    def ask(self, service: str, base: str) -> None:
        """Take down what a running service answers."""
        with httpx.Client(base_url=base, timeout=PATIENCE_S) as client:
            self.statuses[service] = client.get("/status").json()
            if service == "notification-service":
                self.mails = client.get("/api/mails").json()
            families = text_string_to_metric_families(client.get("/metrics").text)
        self.metrics[service] = {
            f"{family.name}_total" if family.type == "counter" else family.name
            for family in families
            # When a series began: the library's own, for whom it may concern.
            if not family.name.endswith("_created")
        }


@pytest.fixture(scope="module")
def answers(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """Give what each of the four services answers while it runs."""
    services.let_contracts_in(stack.registry_url)
    folder = tmp_path_factory.mktemp("services")
    topics = services.create_topics(stack, folder.name)
    address = (
        *("--bootstrap-servers", stack.bootstrap_servers),
        *("--registry-url", stack.registry_url),
    )
    flags = {
        "order-service": ("--topic", topics.input, "--rate", "1"),
        "transaction-service": (
            *("--input-topic", topics.input, "--output-topic", topics.output),
        ),
        "notification-service": (
            *("--input-topic", topics.output, "--mail", f"maildir:{folder / 'mail'}"),
            *("--database", f"sqlite:///{folder / 'n.db'}"),
        ),
        "analytics-service": (
            *("--input-topic", topics.output),
            *("--database", f"sqlite:///{folder / 'a.db'}"),
        ),
    }
    found = Answers()
    for name, own in flags.items():
        with services.running(name, *address, *own, folder=folder) as child:
            found.ask(name, wait_for_service(child, timeout_s=PATIENCE_S))
    return found


def test_every_metric_is_on_the_page_and_the_reverse(answers: Answers) -> None:
    """The table of metrics is what /metrics of the four services really serves."""
    served = set.union(*answers.metrics.values())

    assert first_cells(METRICS_PAGE) == served


def test_readers_serve_the_same_metrics(answers: Answers) -> None:
    """What the page says of readers holds for each of them."""
    by_reader = [answers.metrics[name] for name in READERS]

    assert by_reader == [by_reader[0]] * len(READERS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_alert_asks_for_metrics_that_are_served(
    rule: dict[str, Any], answers: Answers
) -> None:
    """An alert on a name that nobody serves would never fire."""
    served = set.union(*answers.metrics.values())
    named = {
        name.removesuffix("_bucket") for name in re.findall(r"accord_\w+", rule["expr"])
    }

    assert named <= served


def test_every_alert_says_what_to_do() -> None:
    """A section an alert, and no section without one."""
    sections = re.findall(r"^### (\w+)$", section("Alerts"), re.MULTILINE)

    assert sections == [rule["alert"] for rule in RULES]


def test_every_field_of_status_is_on_the_page(answers: Answers) -> None:
    """Of the readers; `held` is there while a service holds."""
    told = {name for reader in READERS for name in answers.statuses[reader]}

    assert told - {"lag_total"} == first_cells(section("Readers", STATUS_PAGE)) - {
        "held"
    }


def test_order_service_tells_what_the_page_says(answers: Answers) -> None:
    """Every field of its /status is on the page, and the reverse."""
    told = set(answers.statuses["order-service"])

    assert told == first_cells(section("order-service", STATUS_PAGE))


def test_supervisor_tells_what_the_page_says(
    stack: Addresses, tmp_path: Path, unique_name: Callable[[str], str]
) -> None:
    """Under --workers, too, every field is on the page, and the reverse."""
    services.let_contracts_in(stack.registry_url)
    topics = services.create_topics(stack, unique_name("workers"))
    flags = (*services.flags_for(stack, topics), "--workers", "2")

    with services.running("transaction-service", *flags, folder=tmp_path) as child:
        url = wait_for_service(child, timeout_s=PATIENCE_S)
        told = httpx.get(f"{url}/status", timeout=PATIENCE_S).json()

    assert set(told) == first_cells(section("Under --workers", STATUS_PAGE))


def test_mails_have_the_fields_of_the_page(answers: Answers) -> None:
    """/api/mails answers what the page says; of the newest, none is there yet."""
    fields = first_cells(section("notification-service", API_PAGE))

    assert set(answers.mails) == {each for each in fields if "[]" not in each}


@pytest.mark.parametrize("event", sorted(first_cells(section("Logs"))))
def test_event_on_the_page_is_logged(event: str) -> None:
    """Some line of the services has that very name."""
    assert f'"{event}"' in SOURCES


def test_readme_leads_to_the_page() -> None:
    """Who starts at the README finds it."""
    assert "](docs/operations.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
