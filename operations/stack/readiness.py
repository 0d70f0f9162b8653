"""Whether a cluster can do what the pipeline asks of it, not only listen."""

from contextlib import suppress

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from runtime.kafka import Properties

_NAME = "accord-stack-probe"
_CALL_TIMEOUT_S = 0.3


class ReadinessProbe:
    """Asks for what the first user would otherwise wait for, again and again.

    Its questions make the broker create and load the topics of its coordinators.
    """

    def __init__(self, bootstrap_servers: str, *, brokers: int) -> None:
        properties: Properties = {
            "bootstrap.servers": bootstrap_servers,
            "reconnect.backoff.max.ms": 100,
            "log_level": 0,  # refused connections are expected until it listens
        }
        self._brokers = brokers
        self._producer = Producer(properties | {"transactional.id": _NAME})
        self._consumer = Consumer(properties | {"group.id": _NAME})
        self._has_transactions = False

    def is_ready(self) -> bool:
        """Tell whether all brokers are known, and transactions and groups work.

        Takes up to a second.

        Raises:
            KafkaException: The cluster refuses for good.
        """
        try:
            return self._are_brokers_known() and self._do_coordinators_answer()
        except KafkaException as exc:
            if exc.args[0].fatal():
                raise
            return False

    def close(self) -> None:
        """Close its clients."""
        self._consumer.close()

    def _are_brokers_known(self) -> bool:
        known = self._producer.list_topics(timeout=_CALL_TIMEOUT_S).brokers
        return len(known) == self._brokers

    def _do_coordinators_answer(self) -> bool:
        nowhere = [TopicPartition(_NAME, 0)]
        # Asked first: the topic of the groups is made while transactions start.
        with suppress(KafkaException):
            self._consumer.committed(nowhere, timeout=_CALL_TIMEOUT_S)
        if not self._has_transactions:
            self._producer.init_transactions(_CALL_TIMEOUT_S)
            self._has_transactions = True
        self._consumer.committed(nowhere, timeout=_CALL_TIMEOUT_S)
        return True
