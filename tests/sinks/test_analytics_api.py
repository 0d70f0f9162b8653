"""The figures over HTTP: as the OpenAPI description says, and on a real listener."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from runtime import health
from runtime.config import ServiceSettings
from sinks.analytics_service.api import api_routes
from sinks.analytics_service.figures import Figures
from sinks.analytics_service.sink import NUMBERS, AnalyticsSink
from sinks.analytics_service.tables import open_store
from tests.sinks.orders import TOPIC, deserializer, order, record, records, revenue_of

EVENTS = [order(each) for each in range(40)]
PROBES = health.Probes(is_alive=lambda: True, is_ready=lambda: True, status=dict)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Return the URL of a database that holds 40 orders and a dead letter."""
    url = f"sqlite:///{tmp_path / 'figures.db'}"
    store = open_store(url, group="analytics-service")
    with closing(store.database):
        store.create_tables()
        sink = AnalyticsSink(store, deserializer(NUMBERS))
        sink.find_start_offsets([(TOPIC, 0)])
        batch = [*records(EVENTS), record(40, value=b"?")]
        sink.prepare(batch)
        sink.write(batch)
    return url


@pytest.fixture
def client(database_url: str) -> Iterator[httpx.Client]:
    """Return a client of a listener that serves the figures."""
    store = open_store(database_url, group="analytics-service")
    settings = ServiceSettings(name="analytics-service")
    routes = api_routes(Figures(store))
    with (
        closing(store.database),
        health.serve(settings, PROBES, CollectorRegistry(), routes) as url,
        httpx.Client(base_url=url) as client,
    ):
        yield client


def schema_of(description: dict[str, Any], path: str, status: int) -> dict[str, Any]:
    """Return the JSON schema that the description gives an answer."""
    answer = description["paths"][path]["get"]["responses"][str(status)]
    schema = answer["content"]["application/json"]["schema"]
    return {"components": description["components"], **schema}


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/api/totals", {}, 200),
        ("/api/minutes", {}, 200),
        ("/api/minutes", {"by": "processed_at", "currency": "USD", "limit": "5"}, 200),
        ("/api/minutes", {"from": "2026-03-01T12:00:00Z"}, 200),
        ("/api/minutes", {"by": "noon"}, 400),
        ("/api/minutes", {"from": "2026-03-01T12:00:00"}, 400),
        ("/api/minutes", {"to": "yesterday"}, 400),
        ("/api/minutes", {"limit": "0"}, 400),
        ("/api/customers", {}, 200),
        ("/api/customers", {"limit": "many"}, 400),
        ("/api/dead-letters", {}, 200),
        ("/api/openapi.json", {}, 200),
    ],
)
def test_every_answer_is_as_the_description_says(
    client: httpx.Client, path: str, query: dict[str, str], status: int
) -> None:
    """Status and shape are those of /api/openapi.json."""
    description = client.get("/api/openapi.json").json()

    answer = client.get(path, params=query)

    assert answer.status_code == status
    jsonschema.Draft202012Validator(
        schema_of(description, path, status),
        format_checker=jsonschema.FormatChecker(),
    ).validate(answer.json())


def test_totals_are_money_as_text(client: httpx.Client) -> None:
    """Revenue keeps all its digits on the way through JSON."""
    totals = client.get("/api/totals").json()

    assert totals["orders"] == 40
    assert totals["revenue"] == revenue_of(EVENTS)
    assert (totals["repeated_order_ids"], totals["dead_letters"]) == (0, 1)


def test_a_database_that_is_gone_is_said(client: httpx.Client, tmp_path: Path) -> None:
    """503 and a sentence, not a page of Python."""
    (tmp_path / "figures.db").rename(tmp_path / "elsewhere.db")
    (tmp_path / "figures.db").mkdir()

    answer = client.get("/api/totals")

    assert answer.status_code == 503
    assert "cannot be used" in answer.json()["error"]


def test_every_route_is_described() -> None:
    """The API has no route that its description does not name, and the reverse."""
    routes = api_routes(Figures(open_store("sqlite:///figures.db", group="")))
    with TestClient(Starlette(routes=routes)) as client:
        described = client.get("/api/openapi.json").json()["paths"]

    assert {each.path for each in routes if isinstance(each, Route)} == set(described)
