"""Which topic a name stands for: one that is created again has another id."""

from collections.abc import Callable, Iterable, Mapping

from confluent_kafka import TopicCollection
from confluent_kafka.admin import AdminClient

from runtime.config import KafkaSettings
from runtime.kafka import broker_errors, client_properties

FindTopicIds = Callable[[Iterable[str]], Mapping[str, str]]
"""Of topics' names, their ids; what is not known is left out."""

_ASK_S = 10.0


def find_topic_ids(kafka: KafkaSettings, topics: Iterable[str]) -> dict[str, str]:
    """Return the id of each topic: no two topics ever have the same.

    Raises:
        BrokerUnavailable: Kafka does not answer, or knows no such topic. Retryable.
        BrokerRefused: It refuses.
    """
    with broker_errors(kafka, "reading the topic's id"):
        admin = AdminClient(client_properties(kafka, client_id="accord-topic-ids"))
        asked = TopicCollection([*topics])
        answers = admin.describe_topics(asked, request_timeout=_ASK_S)
        return {
            topic: str(answer.result().topic_id) for topic, answer in answers.items()
        }
