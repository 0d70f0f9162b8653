"""The topics that the contracts ask for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public all the same
    AdminClient,
    ConfigResource,
    ResourceType,
)

from operations.stack import Addresses
from operations.stack.topics import create_topics
from registry.catalog import Catalog, load_catalog
from registry.names import Subject
from runtime.config import KafkaSettings
from runtime.errors import BrokerRefused, BrokerUnavailable

_SCHEMAS = Path(__file__).parents[2] / "schemas"


@pytest.fixture
def catalog(unique_name: Callable[[str], str]) -> Catalog:
    """Give one real contract whose topic is this test's own, with 3 partitions."""
    subject = Subject("order-details-value")
    contract = load_catalog(_SCHEMAS).get_contract(subject)
    own = replace(contract, topic=unique_name("orders"), partitions=3)
    return Catalog(_SCHEMAS, {subject: own})


@pytest.fixture
def topic(catalog: Catalog) -> str:
    """Give the name of that topic."""
    return catalog.contracts[Subject("order-details-value")].topic


@pytest.fixture
def admin(stack: Addresses) -> AdminClient:
    """Give a client to look with."""
    return AdminClient({"bootstrap.servers": stack.bootstrap_servers})


def test_every_contract_gets_its_topic(
    stack: Addresses, catalog: Catalog, topic: str, admin: AdminClient
) -> None:
    """The topic has the contract's partitions and keeps the producer's times."""
    assert stack.create_topics(catalog) == [topic]

    assert len(admin.list_topics(topic, timeout=10).topics[topic].partitions) == 3
    assert _read_setting(admin, topic, "message.timestamp.type") == "CreateTime"


def test_topic_of_a_processor_gets_dead_letters(
    stack: Addresses, catalog: Catalog, topic: str, admin: AdminClient
) -> None:
    """Dead letters have the same partitions and room for headers; a ledger compacts."""
    created = stack.create_topics(catalog, with_dead_letters=[topic])

    letters, ledger = f"{topic}.dlq", f"{topic}.dlq.ledger"
    assert created == [topic, letters, ledger]
    assert len(admin.list_topics(letters, timeout=10).topics[letters].partitions) == 3
    room_bytes = int(_read_setting(admin, letters, "max.message.bytes"))
    assert room_bytes - int(_read_setting(admin, topic, "max.message.bytes")) == 2**20
    assert _read_setting(admin, ledger, "cleanup.policy") == "compact"


def test_topic_that_sources_write_gets_a_topic_of_positions(
    stack: Addresses, catalog: Catalog, topic: str, admin: AdminClient
) -> None:
    """It compacts: the newest position of every source stays."""
    settings = KafkaSettings(bootstrap_servers=stack.bootstrap_servers)

    created = create_topics(settings, catalog, with_positions=[topic])

    assert created == [topic, f"{topic}.positions"]
    assert _read_setting(admin, f"{topic}.positions", "cleanup.policy") == "compact"


def test_creating_again_changes_nothing(stack: Addresses, catalog: Catalog) -> None:
    """Whoever starts second finds the topics and is content."""
    first = stack.create_topics(catalog)

    assert stack.create_topics(catalog) == first


def test_topic_that_the_broker_refuses_is_named(
    stack: Addresses, catalog: Catalog
) -> None:
    """A name that Kafka does not allow is a sentence of ours."""
    subject, contract = next(iter(catalog.contracts.items()))
    wrong = Catalog(_SCHEMAS, {subject: replace(contract, topic="a b")})

    with pytest.raises(BrokerRefused, match="creating topic a b"):
        stack.create_topics(wrong)


def test_absent_broker_is_retryable(catalog: Catalog) -> None:
    """Nobody at the address: the same call may succeed later."""
    nowhere = KafkaSettings(bootstrap_servers="127.0.0.1:1")

    with pytest.raises(BrokerUnavailable):
        create_topics(nowhere, catalog, timeout_s=0.5)


def _read_setting(admin: AdminClient, topic: str, name: str) -> str:
    resource = ConfigResource(ResourceType.TOPIC, topic)
    (answer,) = admin.describe_configs([resource]).values()
    return str(answer.result(10)[name].value)
