"""A read_committed reader that looks on while things break."""

import threading
import time
import uuid
from collections import Counter
from types import TracebackType
from typing import Self

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition

from runtime.records import Partition

_POLL_S = 0.1


class Witness:
    """Reads a topic from its beginning, as it grows, until the block ends.

    A record is known by its key, the order id, which no two orders of a test share.

    Attributes:
        seen: How often each key was seen.
        order_faults: A sentence for each offset that did not follow the one before.
        longest_silence_s: The longest time between two records, so far.
    """

    def __init__(self, bootstrap_servers: str, topic: str, *, partitions: int) -> None:
        self.seen: Counter[bytes] = Counter()
        self.order_faults: list[str] = []
        self.longest_silence_s = 0.0
        self._newest: dict[Partition, int] = {}
        self._last_seen_at = time.monotonic()
        self._over = threading.Event()
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap_servers,
                "group.id": f"witness-{uuid.uuid4()}",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "log_level": 0,
            }
        )
        self._consumer.assign(
            [TopicPartition(topic, n, OFFSET_BEGINNING) for n in range(partitions)]
        )
        self._thread = threading.Thread(target=self._look_on, name="witness")

    @property
    def doubled(self) -> list[bytes]:
        """Keys that were seen more than once."""
        return [key for key, count in self.seen.items() if count > 1]

    def wait_for(self, count: int, *, timeout_s: float) -> None:
        """Return once so many keys were seen; raise TimeoutError if they are not."""
        deadline = time.monotonic() + timeout_s
        while len(self.seen) < count:
            if time.monotonic() > deadline:
                message = f"{len(self.seen)} of {count} were seen within {timeout_s} s"
                raise TimeoutError(message)
            time.sleep(_POLL_S)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        self._consumer.close()

    def _look_on(self) -> None:
        while not self._over.is_set():
            for message in self._consumer.consume(1000, _POLL_S):
                if message.error() is None:
                    self._note(message)

    def _note(self, message: Message) -> None:
        now = time.monotonic()
        self.longest_silence_s = max(self.longest_silence_s, now - self._last_seen_at)
        self._last_seen_at = now
        partition = (message.topic() or "", message.partition() or 0)
        offset = message.offset() or 0
        newest = self._newest.get(partition, -1)
        if offset <= newest:
            self.order_faults.append(f"{partition}: {offset} after {newest}")
        self._newest[partition] = offset
        self.seen[message.key() or b""] += 1
