"""A compacted topic of positions: how far something is done, beside what it has done.

A position is written in the same Kafka transaction as the records that it counts
(KIP-618 does so for source connectors), so that neither is ever there without the
other. Only the newest under a key counts.
"""

import time
from collections.abc import Collection, Mapping
from contextlib import closing

from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaError,
    Message,
    TopicPartition,
)

from runtime.config import KafkaSettings
from runtime.errors import BrokerUnavailable
from runtime.kafka import broker_errors, client_properties, to_broker_error
from runtime.log_ends import LogEnds
from runtime.records import Partition

_CLIENT_ID = "accord-positions"
_READ_AT_ONCE = 500
_POLL_S = 0.1
# The newest stand at the end: read from a little before it, further back if need be.
_FIRST_LOOK_BACK = 64
_LOOK_BACK_GROWTH = 16


class PositionsTopic:
    """Reads the newest values of a topic of positions."""

    def __init__(
        self, kafka: KafkaSettings, name: str, *, patience_s: float = 5.0
    ) -> None:
        """Take the address; nothing is opened yet.

        Args:
            kafka: How to reach the broker.
            name: Of the topic.
            patience_s: Longest wait for the end of transactions that are open in it.
        """
        self.name = name
        self._kafka = kafka
        self._patience_s = patience_s
        self._log_ends = LogEnds(kafka, client_id=_CLIENT_ID)

    def find_newest(
        self,
        keys: Collection[bytes],
        *,
        partitions: Collection[int],
        must_wait: bool = True,
    ) -> dict[bytes, bytes]:
        """Return the newest committed value of each key that has one.

        Args:
            keys: A key stands in one partition alone.
            partitions: Where to look.
            must_wait: For the end of every transaction that is open in those
                partitions now. Otherwise nothing after the first of them counts.

        Raises:
            BrokerUnavailable: No broker answers, or a transaction did not end in
                time. Retryable.
            BrokerRefused: The topic cannot be read, or has no such partition.
        """
        ends_at = IsolationLevel.READ_COMMITTED
        if must_wait:
            ends_at = IsolationLevel.READ_UNCOMMITTED
        logs = [(self.name, each) for each in partitions]
        with broker_errors(self._kafka, f"reading {self.name}"):
            ranges = self._log_ends.get_ranges(logs, isolation=ends_at)
            with closing(self._open_consumer()) as consumer:
                return self._look_back(consumer, ranges, keys)

    def _open_consumer(self) -> Consumer:
        return Consumer(
            {
                **client_properties(self._kafka, client_id=_CLIENT_ID),
                # Of no meaning, as partitions are assigned by hand; it must be there.
                "group.id": _CLIENT_ID,
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 10,  # the end is told at once
                "auto.offset.reset": "earliest",
            }
        )

    def _look_back(
        self,
        consumer: Consumer,
        ranges: Mapping[Partition, tuple[int, int]],
        keys: Collection[bytes],
    ) -> dict[bytes, bytes]:
        """Read the end of each partition, more of it until every key is met."""
        starts = {log: start for log, (start, _) in ranges.items()}
        ends = {log: end for log, (_, end) in ranges.items()}
        look_back = _FIRST_LOOK_BACK
        while True:
            begins = {
                log: max(start, ends[log] - look_back) for log, start in starts.items()
            }
            newest = self._read(consumer, begins, ends)
            if newest.keys() >= set(keys) or begins == starts:
                return {key: newest[key] for key in keys if newest.get(key)}
            look_back *= _LOOK_BACK_GROWTH

    def _read(
        self,
        consumer: Consumer,
        begins: Mapping[Partition, int],
        ends: Mapping[Partition, int],
    ) -> dict[bytes, bytes]:
        """Return the newest value of each key; a tombstone is an empty one."""
        consumer.assign([TopicPartition(*log, each) for log, each in begins.items()])
        newest: dict[bytes, bytes] = {}
        unfinished = set(ends)
        last_heard = time.monotonic()
        while unfinished:
            messages = consumer.consume(_READ_AT_ONCE, _POLL_S)
            if messages:
                last_heard = time.monotonic()
            elif time.monotonic() - last_heard > self._patience_s:
                raise BrokerUnavailable(
                    self._kafka.bootstrap_servers,
                    f"the end of {self.name} was not reached:"
                    " is a transaction of another writer open?",
                )
            for message in messages:
                log = (self.name, message.partition() or 0)
                if self._is_record(message):
                    newest[message.key() or b""] = message.value() or b""
                elif (message.offset() or 0) >= ends[log]:
                    unfinished.discard(log)
        return newest

    def _is_record(self, message: Message) -> bool:
        """Tell a record from the end of its partition.

        Raises:
            BrokerError: It is neither.
        """
        error = message.error()
        if error is None:
            return True
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its name
            return False
        raise to_broker_error(error, self._kafka, f"reading {self.name}")
