"""The topics that the contracts ask for, and those that processors need besides."""

from collections.abc import Collection, Sequence

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from registry.catalog import Catalog, Contract
from runtime.config import KafkaSettings
from runtime.kafka import Properties, client_properties, to_broker_error

READ_BY_PROCESSORS = frozenset({"order-details"})
"""Topics whose bad records become dead letters in a topic."""

_MAX_MESSAGE_BYTES = 2**20
_DEAD_LETTER_HEADERS_BYTES = 2**20


def create_topics(
    settings: KafkaSettings,
    catalog: Catalog,
    *,
    with_dead_letters: Collection[str] = READ_BY_PROCESSORS,
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
        timeout_s: Longest wait for the brokers.

    Returns:
        The names of all of them, whether created now or before.

    Raises:
        BrokerRefused: The broker refused one.
        BrokerUnavailable: No broker answered within `timeout_s`. Retryable.
    """
    topics = [
        topic
        for contract in catalog.contracts.values()
        for topic in _plan_topics(
            contract, has_dead_letters=contract.topic in with_dead_letters
        )
    ]
    _create(settings, topics, timeout_s=timeout_s)
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


def _plan_topic(name: str, partitions: int, max_message_bytes: int) -> NewTopic:
    return NewTopic(
        name,
        num_partitions=partitions,
        config={
            "message.timestamp.type": "CreateTime",
            "max.message.bytes": str(max_message_bytes),
        },
    )


def _create(
    settings: KafkaSettings, topics: Sequence[NewTopic], *, timeout_s: float
) -> None:
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
