"""Where the logs end, by the brokers' own word."""

from collections.abc import Collection
from concurrent.futures import wait

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public all the same
    AdminClient,
    OffsetSpec,
)

from runtime.config import KafkaSettings
from runtime.kafka import client_properties
from runtime.records import Partition


class LogEnds:
    """Asks with a connection of its own.

    A consumer is no help here: it knows the end of what it fetches alone, and while
    one thread polls it, others wait for their turn without an end.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._admin: AdminClient | None = None

    def find(
        self, partitions: Collection[Partition], *, timeout_s: float
    ) -> dict[Partition, int]:
        """Return where records end that are committed; without those unanswered."""
        if not partitions:
            return {}
        asked = {
            TopicPartition(*each): OffsetSpec.latest()  # type: ignore[no-untyped-call] # stock
            for each in partitions
        }
        answers = self._connect().list_offsets(
            asked,
            isolation_level=IsolationLevel.READ_COMMITTED,
            request_timeout=timeout_s,
        )
        done, _ = wait(answers.values(), timeout_s)
        return {
            (partition.topic, partition.partition): answer.result().offset
            for partition, answer in answers.items()
            if answer in done and not isinstance(answer.exception(), KafkaException)
        }

    def _connect(self) -> AdminClient:
        if self._admin is None:
            properties = client_properties(self._settings, client_id="accord-watch")
            self._admin = AdminClient(properties)
        return self._admin
