"""Records of a topic up to its end as it is now, few of them in memory at a time."""

import time
import uuid
from collections.abc import Iterator

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    TopicPartition,
)

from runtime.config import KafkaSettings
from runtime.errors import BrokerUnavailable
from runtime.kafka import client_properties, require_topics, to_broker_error
from runtime.records import Record, to_record

_BATCH = 100
_POLL_S = 0.01
_SILENCE_S = 30.0
_ANSWER_S = 10.0
_DAY_MS = 86_400_000
_LEADER_MOVES = {
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
}


class TopicReader:
    """Reads a topic as often as asked, each time from its beginning."""

    def __init__(self, kafka: KafkaSettings, topic: str) -> None:
        self._kafka = kafka
        self._topic = topic
        self._consumer: Consumer | None = None

    def read(self) -> Iterator[Record]:
        """Yield every record that is committed and lies in the topic at the start.

        Partition by partition, in the order of offsets.

        Raises:
            TopicMissing: It does not exist.
            BrokerUnavailable: No broker answered, or it fell silent. Retryable.
        """
        count = require_topics(self._kafka, [self._topic])[self._topic]
        consumer = self._open()
        for number in range(count):
            yield from self._read_partition(consumer, number)

    def close(self) -> None:
        """Close the connection; safe to call again."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def _open(self) -> Consumer:
        if self._consumer is None:
            self._consumer = Consumer(
                {
                    **client_properties(self._kafka, client_id="accord-dead-letters"),
                    "group.id": f"accord-dead-letters-{uuid.uuid4()}",
                    "isolation.level": "read_committed",
                    "enable.auto.commit": False,
                    "enable.partition.eof": True,
                    "fetch.wait.max.ms": 10,  # the end is told at once
                    "auto.offset.reset": "earliest",
                    "queued.max.messages.kbytes": 16 * 1024,
                    "max.poll.interval.ms": _DAY_MS,  # a slow rate is no fault
                    "log_level": 0,
                }
            )
        return self._consumer

    def _read_partition(self, consumer: Consumer, number: int) -> Iterator[Record]:
        place = TopicPartition(self._topic, number, OFFSET_BEGINNING)
        end = self._find_end(consumer, place)
        consumer.assign([place])
        last_heard = time.monotonic()
        while True:
            records, is_over = self._poll(consumer, end)
            if not records and time.monotonic() - last_heard > _SILENCE_S:
                reason = f"nothing came for {_SILENCE_S:g} s"
                raise BrokerUnavailable(self._kafka.bootstrap_servers, reason)
            yield from records
            if is_over:
                consumer.unassign()
                return
            if records:
                last_heard = time.monotonic()  # whoever takes them may take his time

    def _find_end(self, consumer: Consumer, place: TopicPartition) -> int:
        """Return the offset after the last record; wait while the leader moves."""
        deadline = time.monotonic() + _ANSWER_S
        while True:
            try:
                found: tuple[int, int] = consumer.get_watermark_offsets(
                    place, timeout=_ANSWER_S
                )
            except KafkaException as exc:
                error = exc.args[0]
                if error.code() not in _LEADER_MOVES or time.monotonic() > deadline:
                    doing = f"looking for the end of {self._topic}"
                    raise to_broker_error(error, self._kafka, doing) from exc
                time.sleep(_POLL_S)
            else:
                return found[1]

    def _poll(self, consumer: Consumer, end: int) -> tuple[list[Record], bool]:
        """Return some records before `end`, and whether there are no more."""
        records = []
        for message in consumer.consume(_BATCH, _POLL_S):
            error = message.error()
            if error is None and (message.offset() or 0) < end:
                records.append(to_record(message))
            elif error is None or error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its name
                return records, True
            else:
                raise to_broker_error(error, self._kafka, "reading dead letters")
        return records, False
