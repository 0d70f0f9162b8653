"""Invented orders: repeatable, legal, and as varied as promised."""

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from producers.order_service.faker_orders import FakerSource
from producers.order_service.orders import OrderRules
from producers.order_service.ordinary import read_line
from registry.catalog import Contract
from tests.producers.as_json import as_json

START = datetime(2026, 1, 31, tzinfo=UTC)
LATER = START + timedelta(days=1)
COUNT = 2000

Events = list[dict[str, Any]]


def draw(
    rules: OrderRules, *, seed: int, start: datetime | None = START, count: int = COUNT
) -> Events:
    """Return the first events of a source."""
    source = FakerSource(rules, seed=seed, start=start)
    return [source.find_order(wait_s=0).event for _ in range(count)]


@pytest.fixture(scope="module")
def events(rules: OrderRules) -> Events:
    """Return 2,000 orders of seed 7."""
    return draw(rules, seed=7)


def test_same_seed_and_start_give_the_same_orders(
    rules: OrderRules, events: Events
) -> None:
    """A run can be repeated, byte for byte."""
    assert repr(draw(rules, seed=7)) == repr(events)


@pytest.mark.parametrize(
    ("seed", "start"), [(8, START), (7, LATER), (7, None)], ids=repr
)
def test_no_order_id_is_shared_with_another_run(
    seed: int, start: datetime | None, rules: OrderRules, events: Events
) -> None:
    """Order ids are unique in a run and across runs."""
    others = draw(rules, seed=seed, start=start)

    ids = {event["order_id"] for event in [*events, *others]}

    assert len(ids) == 2 * COUNT


def test_seed_alone_decides_who_orders_what(rules: OrderRules, events: Events) -> None:
    """Another start changes ids and times, nothing else."""
    others = draw(rules, seed=7, start=LATER)

    assert [each["items"] for each in others] == [each["items"] for each in events]
    assert [each["customer"] for each in others] == [
        each["customer"] for each in events
    ]


def test_every_order_is_legal_input(rules: OrderRules, events: Events) -> None:
    """What Faker invents could as well come from a file."""
    lines = [json.dumps(as_json(event)).encode() for event in events]

    assert [read_line(line, rules) for line in lines] == events


def test_orders_are_as_varied_as_promised(rules: OrderRules, events: Events) -> None:
    """1 to 5 lines, about 40 % discounted, every currency, most customers."""
    items = [item for event in events for item in event["items"]]
    discounted = [item for item in items if item["discount"]]

    assert {len(event["items"]) for event in events} == {1, 2, 3, 4, 5}
    assert {event["currency"] for event in events} == set(rules.currencies)
    assert 0.37 < len(discounted) / len(items) < 0.43
    assert 800 < len({event["customer"]["id"] for event in events}) <= 1000
    assert 250 < len({item["sku"] for item in items}) <= 300


def test_a_third_of_the_names_is_not_ascii(events: Events) -> None:
    """Names of customers and of articles are those of the whole world."""
    customers = [event["customer"]["name"] for event in events]
    articles = [item["name"] for event in events for item in event["items"]]

    assert 0.28 < share_beyond_ascii(customers) < 0.38
    assert 0.28 < share_beyond_ascii(articles) < 0.38


def test_a_customer_is_the_same_person_in_every_run(
    rules: OrderRules, events: Events
) -> None:
    """The shop keeps its customers whatever the seed."""
    others = draw(rules, seed=8)
    names = {each["customer"]["id"]: each["customer"] for each in others}

    assert all(
        names[event["customer"]["id"]] == event["customer"]
        for event in events
        if event["customer"]["id"] in names
    )


def test_orders_of_version_1_are_the_same_without_discount(
    contract: Contract, events: Events
) -> None:
    """Both versions write the same load, but for what version 1 cannot say."""
    rules = OrderRules.from_version(contract.get_version(1))

    plain = draw(rules, seed=7)

    assert {item["discount"] for event in plain for item in event["items"]} == {0}
    assert [without_discounts(event) for event in plain] == [
        without_discounts(event) for event in events
    ]


def test_given_start_is_the_time_of_the_first_order(events: Events) -> None:
    """Each order comes up to 2 s after the one before."""
    times = [event["created_at"] for event in events]

    assert times[0] == START.timestamp() * 1000
    assert all(0 <= later - earlier <= 2000 for earlier, later in pairwise(times))


def test_orders_without_start_are_created_now(rules: OrderRules) -> None:
    """A live load has live times, to the millisecond."""
    before_ms = time.time_ns() // 1_000_000

    (event,) = draw(rules, seed=7, start=None, count=1)

    assert before_ms <= event["created_at"] <= time.time() * 1000


def share_beyond_ascii(names: list[str]) -> float:
    """Return the share of names that ASCII cannot hold, 0 to 1."""
    return sum(not name.isascii() for name in names) / len(names)


def without_discounts(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event, its items stripped of their discounts."""
    items = [
        {name: value for name, value in item.items() if name != "discount"}
        for item in event["items"]
    ]
    return {**event, "items": items}
