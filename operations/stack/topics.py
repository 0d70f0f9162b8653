"""The topics that the contracts ask for, and those that services need besides."""

import time
from collections.abc import Collection, Sequence

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from registry.catalog import Catalog, Contract
from runtime.config import KafkaSettings
from runtime.errors import BrokerRefused
from runtime.kafka import (
    Properties,
    broker_errors,
    client_properties,
    to_broker_error,
)

READ_BY_PROCESSORS = frozenset({"order-details"})
"""Topics whose bad records become dead letters in a topic."""

WRITTEN_EXACTLY_ONCE = frozenset({"order-details", "order-processed"})
"""Topics whose writers keep their positions in a topic."""

_MAX_MESSAGE_BYTES = 2**20
_DEAD_LETTER_HEADERS_BYTES = 2**20
_LOOK_AGAIN_S = 0.05


def create_topics(
    settings: KafkaSettings,
    catalog: Catalog,
    *,
    with_dead_letters: Collection[str] = READ_BY_PROCESSORS,
    with_positions: Collection[str] = WRITTEN_EXACTLY_ONCE,
    timeout_s: float = 30.0,
) -> list[str]:
    """Create every contract's topic, and dead letters for those that need them.

    A topic that exists is left as it is, so calling again is safe.

    Args:
        settings: How to reach the brokers.
        catalog: The contracts; each names its topic and its partition count.
        with_dead_letters: Topics that also get `<topic>.dlq`, with as many
            partitions and room for the headers that a dead letter adds, and the
            compacted `<topic>.dlq.ledger`.
        with_positions: Topics that also get the compacted `<topic>.positions`, with as
            many partitions.
        timeout_s: Longest wait for the brokers.

    Returns:
        The names of all of them, whether created now or before.

    Raises:
        BrokerRefused: The broker refused one.
        BrokerUnavailable: No broker answered within `timeout_s`. Retryable.
    """
    contracts = catalog.contracts.values()
    topics = [
        topic
        for contract in contracts
        for topic in _plan_topics(
            contract, has_dead_letters=contract.topic in with_dead_letters
        )
    ]
    topics += [
        _plan_positions(contract)
        for contract in contracts
        if contract.topic in with_positions
    ]
    create_and_wait(settings, topics, timeout_s=timeout_s)
    return [topic.topic for topic in topics]


def _plan_topics(contract: Contract, *, has_dead_letters: bool) -> list[NewTopic]:
    name, partitions = contract.topic, contract.partitions
    topics = [_plan_topic(name, partitions, _MAX_MESSAGE_BYTES)]
    if has_dead_letters:
        room_bytes = _MAX_MESSAGE_BYTES + _DEAD_LETTER_HEADERS_BYTES
        ledger = {"cleanup.policy": "compact"}
        topics += [
            _plan_topic(f"{name}.dlq", partitions, room_bytes),
            NewTopic(f"{name}.dlq.ledger", num_partitions=1, config=ledger),
        ]
    return topics


def _plan_positions(contract: Contract) -> NewTopic:
    """Plan a topic that may be read from its beginning, so compaction comes early."""
    config = {
        "cleanup.policy": "compact",
        "segment.bytes": str(2**24),
        "min.cleanable.dirty.ratio": "0.1",
    }
    name = f"{contract.topic}.positions"
    return NewTopic(name, num_partitions=contract.partitions, config=config)


def _plan_topic(name: str, partitions: int, max_message_bytes: int) -> NewTopic:
    return NewTopic(
        name,
        num_partitions=partitions,
        config={
            "message.timestamp.type": "CreateTime",
            "max.message.bytes": str(max_message_bytes),
        },
    )


def create_and_wait(
    settings: KafkaSettings, topics: Sequence[NewTopic], *, timeout_s: float = 30.0
) -> None:
    """Create what does not exist yet; return once the broker knows all of it.

    Raises:
        BrokerRefused: The broker refused one, or does not know it in time.
        BrokerUnavailable: No broker answered within `timeout_s`. Retryable.
    """
    # What goes wrong is raised; librdkafka need not print it too.
    quiet: Properties = {"log_level": 0}
    admin = AdminClient(client_properties(settings, client_id="accord-topics") | quiet)
    answers = admin.create_topics(list(topics), request_timeout=timeout_s)
    for name, answer in answers.items():
        try:
            answer.result()
        except KafkaException as exc:
            error = exc.args[0]
            if error.code() != KafkaError.TOPIC_ALREADY_EXISTS:
                doing = f"creating topic {name}"
                raise to_broker_error(error, settings, doing) from exc
    with broker_errors(settings, "listing topics"):
        _wait_until_listed(admin, set(answers), timeout_s=timeout_s)


def _wait_until_listed(
    admin: AdminClient, names: set[str], *, timeout_s: float
) -> None:
    """Wait: the controller has created them, the brokers learn of it later."""
    deadline = time.monotonic() + timeout_s
    while missing := names - admin.list_topics(timeout=timeout_s).topics.keys():
        if time.monotonic() > deadline:
            raise BrokerRefused(f"creating topic {min(missing)}", "it does not appear")
        time.sleep(_LOOK_AGAIN_S)
