"""Any legal order arrives exactly as it was given."""

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from confluent_kafka.schema_registry import RegisteredSchema, Schema
from hypothesis import given
from hypothesis import strategies as st

from producers.order_service.orders import OrderRules
from producers.order_service.ordinary import read_line
from registry.catalog import Contract, load_catalog
from registry.codec import Numbers
from registry.serdes import Deserializer, Serializer
from schemas import CONTRACTS

CONTRACT = load_catalog(CONTRACTS).get_contract("order-details-value")
RULES = OrderRules.from_version(CONTRACT.newest)

texts = st.text(st.characters(codec="utf-8"), min_size=1)
offsets = st.integers(-14 * 60, 14 * 60).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)
instants = st.datetimes(
    datetime(2, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    datetime(9998, 12, 31),  # noqa: DTZ001 - Hypothesis adds the zone
    timezones=offsets,
).map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000))
items = st.fixed_dictionaries(
    {
        "sku": texts,
        "name": texts,
        "quantity": st.integers(1, 2**31 - 1),
        "unit_price": st.decimals(0, Decimal("9999999999.99"), places=2),
        "discount": st.decimals(0, 1, places=2),
    }
)
events = st.fixed_dictionaries(
    {
        "order_id": texts,
        "customer": st.fixed_dictionaries({"id": texts, "name": texts, "email": texts}),
        "items": st.lists(items, min_size=1, max_size=8),
        "currency": st.sampled_from(RULES.currencies),
        "created_at": instants,
    }
)


class MemoryRegistry:
    """A registry in which every version of the contract is registered."""

    def __init__(self, contract: Contract) -> None:
        self._texts = [version.text for version in contract.versions]

    def lookup_schema(self, subject_name: str, schema: Schema) -> RegisteredSchema:
        """Return the schema with its position as its id, from 1."""
        schema_id = self._texts.index(schema.schema_str or "") + 1
        return RegisteredSchema(
            subject=subject_name,
            version=schema_id,
            schema_id=schema_id,
            schema=schema,
            guid=None,
        )

    def get_schema(self, schema_id: int) -> Schema:
        """Return the schema at that position."""
        return Schema(self._texts[schema_id - 1], "AVRO")


@pytest.fixture(scope="module")
def decode() -> Deserializer:
    """Return what reads any version as the newest."""
    return Deserializer(MemoryRegistry(CONTRACT), CONTRACT)


@given(event=events)
def test_order_with_decimals_as_text_arrives_as_it_was_given(
    event: dict[str, Any], decode: Deserializer
) -> None:
    """JSON to event to Avro to event changes nothing."""
    line = json.dumps(event, default=to_json_text)

    assert through_avro(line, decode, version=2) == event


@given(event=events)
def test_order_with_decimals_as_numbers_arrives_as_it_was_given(
    event: dict[str, Any], decode: Deserializer
) -> None:
    """A JSON number is as exact as a text, whatever its size."""
    line = with_numbers(json.dumps(event, default=to_json_text), event)

    assert through_avro(line, decode, version=2) == event


@given(event=events)
def test_order_of_version_1_arrives_with_discount_zero(
    event: dict[str, Any], decode: Deserializer
) -> None:
    """What version 1 cannot say is read as the default."""
    items = [{**item, "discount": Decimal("0.00")} for item in event["items"]]
    plain = {**event, "items": items}
    line = json.dumps(plain, default=to_json_text)

    assert through_avro(line, decode, version=1) == plain


def with_numbers(line: str, event: dict[str, Any]) -> str:
    """Return the line with its decimals as JSON numbers."""
    for item in event["items"]:
        for name in ("unit_price", "discount"):
            line = line.replace(f'"{name}": "{item[name]}"', f'"{name}": {item[name]}')
    return line


def through_avro(line: str, decode: Deserializer, *, version: int) -> dict[str, Any]:
    """Return the event of a line after it was written with a version and read."""
    released = CONTRACT.get_version(version)
    encode = Serializer(
        MemoryRegistry(CONTRACT), CONTRACT, released.version, numbers=Numbers.SCALED
    )
    return decode(encode(read_line(line.encode(), OrderRules.from_version(released))))


def to_json_text(value: object) -> str:
    """Return a decimal or a time as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return str(value)
