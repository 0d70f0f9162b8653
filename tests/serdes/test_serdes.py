"""Records of an older version, records that are none, contracts nobody let in."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations.stack import Addresses
from registry.catalog import Catalog, Contract, ContractVersion
from registry.client import RegistryClient
from registry.errors import (
    ContractNotRegistered,
    NotFramed,
    RegistryUnavailable,
    SchemaNotFound,
    SerdeError,
    UndecodableRecord,
    UnencodableEvent,
)
from registry.names import CompatibilityLevel, Subject, Version
from registry.serdes import Deserializer, Serializer
from runtime.config import RegistrySettings
from runtime.registry import connect_registry

ORDER: dict[str, Any] = {
    "order_id": "10248",
    "customer": {"id": "VINET", "name": "Paul Henriot", "email": "p@shop.example"},
    "items": [
        {"sku": "11", "name": "Tofu", "quantity": 3, "unit_price": Decimal("14.00")}
    ],
    "currency": "USD",
    "created_at": datetime(2026, 1, 1, tzinfo=UTC),
}


@pytest.fixture
def orders(catalog: Catalog) -> Contract:
    """Return the contract that has two versions."""
    return catalog.get_contract("order-details-value")


@pytest.fixture
def written(registry: SchemaRegistryClient, orders: Contract) -> bytes:
    """Return a real record of version 1."""
    return Serializer(registry, orders, Version(1))(ORDER)


@pytest.fixture
def let_in(
    stack: Addresses, unique_name: Callable[[str], str]
) -> Callable[..., Contract]:
    """Return what registers records of the given fields as one contract's versions."""

    def register(*versions: list[dict[str, Any]]) -> Contract:
        subject = unique_name("subject")
        released = tuple(
            _version(number, {"type": "record", "name": "E", "fields": fields})
            for number, fields in enumerate(versions, start=1)
        )
        with RegistryClient(stack.registry_url) as client:
            for each in released:
                client.register(subject, each.text)
        return _contract(subject, released)

    return register


@pytest.fixture
def read(registry: SchemaRegistryClient, orders: Contract) -> Deserializer:
    """Return what reads every version as the newest."""
    return Deserializer(registry, orders)


def test_record_of_version_1_has_a_discount_that_can_be_counted_with(
    read: Deserializer, written: bytes
) -> None:
    """The default arrives as Decimal("0.00"), not as the string of the schema file."""
    (line,) = read(written)["items"]

    assert line["discount"] == Decimal("0.00")
    assert isinstance(line["discount"], Decimal)
    assert line["discount"].as_tuple().exponent == -2


def test_body_that_does_not_end_with_its_schema_is_refused(
    read: Deserializer, written: bytes
) -> None:
    """Bytes after the end are never ignored."""
    with pytest.raises(UndecodableRecord, match="1 bytes follow its end"):
        read(written + b"\x00")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_truncated_body_is_refused(
    read: Deserializer, written: bytes, data: st.DataObject
) -> None:
    """No prefix of a record is taken for a record."""
    length = data.draw(st.integers(5, len(written) - 1))

    with pytest.raises(UndecodableRecord):
        read(written[:length])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60))
def test_arbitrary_bytes_never_escape_as_another_error(
    read: Deserializer, written: bytes, body: bytes
) -> None:
    """Whatever follows the prefix, the answer is an event or a SerdeError."""
    try:
        event = read(written[:5] + body)
    except SerdeError:
        return
    assert set(event) == set(ORDER)


@pytest.mark.parametrize(
    "value", [None, b"", b"\x00\x00\x00", b"{}", b"\x01\x00\x00\x00\x01"]
)
def test_value_without_the_wire_format_is_refused(
    read: Deserializer, value: bytes | None
) -> None:
    """Only byte 0 and four bytes of schema id begin a record."""
    with pytest.raises(NotFramed, match="not in the Confluent wire format: "):
        read(value)


def test_unknown_schema_id_is_refused(read: Deserializer) -> None:
    """An id that was never registered is the record's fault."""
    with pytest.raises(SchemaNotFound, match="2147483647"):
        read(b"\x00\x7f\xff\xff\xff")


def test_event_that_does_not_fit_is_refused(
    registry: SchemaRegistryClient, orders: Contract
) -> None:
    """A missing field or a price with three decimals is never written."""
    write = Serializer(registry, orders, Version(1))
    line = {**ORDER["items"][0], "unit_price": Decimal("1.005")}

    with pytest.raises(UnencodableEvent, match="order-details-value"):
        write({**ORDER, "items": [line]})
    with pytest.raises(UnencodableEvent):
        write({name: ORDER[name] for name in ORDER if name != "currency"})


def test_contract_nobody_registered_is_named(
    registry: SchemaRegistryClient, orders: Contract
) -> None:
    """The error names subject and version, and what to run."""
    stranger = _contract("nobody-registered-value", orders.versions)

    with pytest.raises(ContractNotRegistered) as refused:
        Serializer(registry, stranger, Version(2))

    assert "nobody-registered-value version 2 is not registered" in str(refused.value)
    assert "contracts register" in refused.value.hint


def test_absent_registry_is_retryable(orders: Contract) -> None:
    """Nobody at the address: wait, do not bury records."""
    nowhere = RegistrySettings(url="http://127.0.0.1:9")

    with (
        connect_registry(nowhere) as nobody,
        pytest.raises(RegistryUnavailable, match=r"http://127\.0\.0\.1:9") as refused,
    ):
        Deserializer(nobody, orders)

    assert refused.value.retryable


DEFAULTS: list[tuple[object, object, object]] = [
    (
        {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
        "\u00ff",
        Decimal("-0.01"),
    ),
    (
        {
            "type": "fixed",
            "name": "F",
            "size": 2,
            "logicalType": "decimal",
            "precision": 4,
            "scale": 1,
        },
        "\u0001\u0000",
        Decimal("25.6"),
    ),
    (
        {"type": "long", "logicalType": "timestamp-millis"},
        0,
        datetime(1970, 1, 1, tzinfo=UTC),
    ),
    ({"type": "int", "logicalType": "date"}, 1, date(1970, 1, 2)),
    (
        {"type": "string", "logicalType": "uuid"},
        "00000000-0000-0000-0000-000000000001",
        UUID(int=1),
    ),
    ("bytes", "\u00fe", b"\xfe"),
    ("string", "plain", "plain"),
    (
        [
            "null",
            {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
        ],
        None,
        None,
    ),
    ({"type": "array", "items": "bytes"}, ["\u0001"], [b"\x01"]),
    (
        {"type": "map", "values": {"type": "int", "logicalType": "date"}},
        {"a": 0},
        {"a": date(1970, 1, 1)},
    ),
    (
        {
            "type": "record",
            "name": "R",
            "fields": [
                {"name": "x", "type": {"type": "int", "logicalType": "date"}},
                {"name": "y", "type": "bytes", "default": "\u0002"},
            ],
        },
        {"x": 0},
        {"x": date(1970, 1, 1), "y": b"\x02"},
    ),
]


@pytest.mark.parametrize("case", DEFAULTS, ids=lambda case: str(case[0])[:40])
def test_every_default_arrives_as_a_value(
    registry: SchemaRegistryClient,
    let_in: Callable[..., Contract],
    case: tuple[object, object, object],
) -> None:
    """Defaults of every type are what a record with the field would have given."""
    kind, default, value = case
    old = {"name": "a", "type": "int"}
    new = {"name": "b", "type": kind, "default": default}
    contract = let_in([old], [old, new])

    record = Serializer(registry, contract, Version(1))({"a": 1})

    assert Deserializer(registry, contract)(record) == {"a": 1, "b": value}


def _version(number: int, schema: dict[str, Any]) -> ContractVersion:
    return ContractVersion(
        version=Version(number),
        path=None,  # type: ignore[arg-type] # made in memory
        text=json.dumps(schema),
        schema=schema,
    )


def _contract(subject: str, versions: tuple[ContractVersion, ...]) -> Contract:
    return Contract(
        subject=Subject(subject),
        topic=subject.removesuffix("-value"),
        level=CompatibilityLevel.FULL,
        owner="tests",
        partitions=1,
        readers=(),
        versions=versions,
    )
