"""Confluent's own Python client and serdes cannot tell the registry from theirs."""

import json
from collections.abc import Iterator

import pytest
from confluent_kafka.schema_registry import (
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    ServerConfig,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.common.schema_registry_client import (
    AssociationCreateOrUpdateInfo,
    AssociationCreateOrUpdateRequest,
    ConfigCompatibilityLevel,
)
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

from tests.registry_local.conftest import Serve, Served

_V1 = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "fields": [{"name": "total", "type": "int"}],
}
_V2 = {
    **_V1,
    "fields": [*_V1["fields"], {"name": "note", "type": "string", "default": ""}],
}
_BREAKING = {**_V1, "fields": [{"name": "total", "type": "string"}]}


@pytest.fixture
def served(serve_registry: Serve) -> Served:
    """Return a registry over HTTP."""
    return serve_registry()


@pytest.fixture
def client(served: Served) -> Iterator[SchemaRegistryClient]:
    """Return Confluent's client of it."""
    with SchemaRegistryClient({"url": served.url}) as client:
        yield client


def _schema(value: object, *references: SchemaReference) -> Schema:
    return Schema(json.dumps(value), "AVRO", list(references))


def test_serdes_with_default_settings_carry_a_record(
    client: SchemaRegistryClient,
) -> None:
    """AvroSerializer registers, AvroDeserializer finds, nothing else is needed."""
    serializer = AvroSerializer(client, json.dumps(_V1))
    deserializer = AvroDeserializer(client)
    context = SerializationContext("orders", MessageField.VALUE)

    payload = serializer({"total": 7}, context)

    assert deserializer(payload, context) == {"total": 7}
    assert client.get_subjects() == ["orders-value"]


def test_serdes_follow_references(client: SchemaRegistryClient) -> None:
    """A schema whose types live in another subject serializes and reads back."""
    client.register_schema("shop.Order", _schema(_V1))
    cart = {
        "type": "record",
        "name": "Cart",
        "fields": [{"name": "order", "type": "shop.Order"}],
    }
    schema = _schema(cart, SchemaReference("shop.Order", "shop.Order", 1))
    context = SerializationContext("carts", MessageField.VALUE)

    payload = AvroSerializer(client, schema)({"order": {"total": 3}}, context)

    read = AvroDeserializer(client)(payload, context)
    assert read == {"order": {"total": 3}}
    assert client.get_referenced_by("shop.Order", 1) == [2]


def test_schemas_are_found_every_way_the_client_knows(
    client: SchemaRegistryClient,
) -> None:
    """By id, guid, subject, version, latest, metadata and text: the same schema."""
    schema_id = client.register_schema("s", _schema(_V1))
    full = client.register_schema_full_response("s", _schema(_V2))
    guid = str(full.guid)

    assert json.loads(str(client.get_schema(schema_id).schema_str)) == _V1
    assert json.loads(str(client.get_schema_by_guid(guid).schema_str)) == _V2
    assert client.lookup_schema("s", _schema(_V2)).version == 2
    assert client.get_latest_version("s").version == 2
    assert client.get_version("s", 1).schema_id == schema_id
    assert client.get_versions("s") == [1, 2]
    assert client.get_subjects_by_schema_id(schema_id) == ["s"]
    assert [it.version for it in client.get_schema_versions(schema_id)] == [1]
    assert client.get_schema_types() == ["JSON", "PROTOBUF", "AVRO"]
    assert client.get_contexts() == ["."]
    with pytest.raises(SchemaRegistryError) as refusal:
        client.get_latest_with_metadata("s", {"owner": "nobody"})
    assert refusal.value.error_code == 40403


def test_client_that_forgets_finds_everything_again(
    served: Served,
) -> None:
    """Built by its factory, with its caches cleared, and closed in the end."""
    client = SchemaRegistryClient.new_client({"url": served.url})
    schema_id = client.register_schema("s", _schema(_V1))
    client.clear_latest_caches()  # type: ignore[no-untyped-call] # it has no types
    newest = client.get_latest_version("s")
    client.clear_caches()  # type: ignore[no-untyped-call] # it has no types
    found = client.get_schema(schema_id)
    settings = client.config()  # type: ignore[no-untyped-call] # it has no types
    client.close()

    assert newest.schema_id == schema_id
    assert json.loads(str(found.schema_str)) == _V1
    assert settings["url"] == served.url


def test_levels_and_modes_hold_through_the_client(client: SchemaRegistryClient) -> None:
    """What is set is read back and decides."""
    client.register_schema("s", _schema(_V1))
    client.set_compatibility("s", "FULL")
    client.set_config("s", ServerConfig(ConfigCompatibilityLevel.BACKWARD))

    assert client.get_compatibility("s") == "BACKWARD"
    assert client.get_config("s").compatibility_level == "BACKWARD"
    assert client.test_compatibility("s", _schema(_V2))
    assert not client.test_compatibility_all_versions("s", _schema(_BREAKING))
    with pytest.raises(SchemaRegistryError) as refusal:
        client.register_schema("s", _schema(_BREAKING))
    assert (refusal.value.http_status_code, refusal.value.error_code) == (409, 40901)
    assert client.delete_config("s").compatibility_level == "BACKWARD"

    assert client.update_global_mode("READONLY") == "READONLY"
    assert client.get_global_mode() == "READONLY"
    assert client.update_mode("s", "READWRITE") == "READWRITE"
    assert client.get_mode("s") == "READWRITE"
    assert client.delete_mode("s") == "READWRITE"


def test_deletion_through_the_client_is_soft_then_permanent(
    client: SchemaRegistryClient,
) -> None:
    """A version, then a subject, go in the two steps of the reference."""
    client.register_schema("s", _schema(_V1))
    client.register_schema("s", _schema(_V2))

    assert client.delete_version("s", 1) == 1
    assert client.delete_version("s", 1, permanent=True) == 1
    assert client.delete_subject("s") == [2]
    assert client.delete_subject("s", permanent=True) == [2]
    assert client.get_subjects(deleted=True) == []


def test_associations_through_the_client_come_and_go(
    client: SchemaRegistryClient,
) -> None:
    """What is associated with a topic is listed by its name until it is deleted."""
    info = AssociationCreateOrUpdateInfo(subject="s", association_type="value")
    request = AssociationCreateOrUpdateRequest(
        "orders", "cluster", "id-1", "topic", [info]
    )

    client.create_association(request)

    found = client.get_associations_by_resource_name("orders", "-", "topic", ["value"])
    assert [it.subject for it in found] == ["s"]
    client.delete_associations("id-1")
    assert client.get_associations_by_resource_name("orders", "-") == []


def test_configured_associations_serve_the_serdes(client: SchemaRegistryClient) -> None:
    """The serializer writes under the subject that the topic is associated with."""
    client.register_schema("agreed", _schema(_V1))
    info = AssociationCreateOrUpdateInfo(subject="agreed", association_type="value")
    client.create_association(
        AssociationCreateOrUpdateRequest("orders", "cluster", "id-1", "topic", [info])
    )
    context = SerializationContext("orders", MessageField.VALUE)

    AvroSerializer(client, json.dumps(_V2))({"total": 1, "note": "x"}, context)

    assert client.get_versions("agreed") == [1, 2]
