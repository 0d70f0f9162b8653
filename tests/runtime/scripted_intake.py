"""An intake on a consumer that does what a test says and notes what it is told."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from registry.errors import PipelineError
from runtime.config import KafkaSettings
from runtime.intake import Intake
from runtime.records import Partition, Record

IN_0, IN_1 = ("in", 0), ("in", 1)


def message(
    offset: int, *, partition: int = 0, error: KafkaError | None = None
) -> Message:
    """Return a record of the topic `in`, or an error that stands in its place."""
    return Message(
        topic="in", partition=partition, offset=offset, value=b"", error=error
    )


class Clock:
    """Time that passes while a consumer waits, and not otherwise."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic(self) -> float:
        """Return the time in seconds."""
        return self.now_s


class ScriptedConsumer:
    """A consumer whose group speaks when the test does.

    Attributes:
        polls: What the next polls return; nothing once they are used up.
        batch: What the next `consume` returns.
        calls: What it was told, in order: the method and what was given.
        refuses: Methods that raise.
        waits_s: How long each poll was to wait.
        clock: What tells the time here.
    """

    def __init__(self) -> None:
        self.polls: deque[Message | Callable[[], None]] = deque()
        self.batch: list[Message] = []
        self.calls: list[tuple[str, Any]] = []
        self.refuses: set[str] = set()
        self.waits_s: list[float] = []
        self.clock = Clock()
        self._callbacks: dict[str, Callable[[Any, list[TopicPartition]], None]] = {}

    def subscribe(self, topics: list[str], **callbacks: Any) -> None:  # noqa: ANN401 - librdkafka's own
        """Join the group."""
        self._callbacks = callbacks
        self._note("subscribe", topics)

    def assign(self, *partitions: tuple[str, int]) -> None:
        """Have the group give partitions."""
        places = [TopicPartition(*each) for each in partitions]
        self._callbacks["on_assign"](self, places)

    def revoke(self, *partitions: tuple[str, int]) -> None:
        """Have the group take partitions away."""
        places = [TopicPartition(*each) for each in partitions]
        self._callbacks["on_revoke"](self, places)

    def lose(self, *partitions: tuple[str, int]) -> None:
        """Have the group give partitions to somebody else, late."""
        places = [TopicPartition(*each) for each in partitions]
        self._callbacks["on_lost"](self, places)

    def poll(self, timeout_s: float) -> Message | None:
        """Return the next message; what happens in its place happens first."""
        self.waits_s.append(timeout_s)
        found = self.polls.popleft() if self.polls else None
        self.clock.now_s += timeout_s if found is None else 0.0
        if callable(found):
            found()
            return None
        return found

    def consume(self, count: int, timeout_s: float) -> list[Message]:
        """Return the batch once."""
        self._note("consume", (count, timeout_s))
        found, self.batch = self.batch, []
        return found

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> None:
        """Take offsets down."""
        self._note("commit", (_places(offsets), asynchronous))

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        """Fetch partitions as well."""
        self._note("assign", _places(partitions))

    def incremental_unassign(self, partitions: list[TopicPartition]) -> None:
        """Fetch partitions no more."""
        self._note("unassign", [each[:2] for each in _places(partitions)])

    def assignment(self) -> list[str]:
        """Return something to pause and to resume."""
        return ["all"]

    def pause(self, what: list[str]) -> None:
        """Fetch nothing for a while."""
        self._note("pause", what)

    def resume(self, what: list[str]) -> None:
        """Fetch again."""
        self._note("resume", what)

    def get_watermark_offsets(
        self, partition: TopicPartition, *, cached: bool
    ) -> tuple[int, int]:
        """Return where a log begins and ends, without asking anybody."""
        assert cached
        return 0, 10 + partition.partition

    def consumer_group_metadata(self) -> str:
        """Return who is in the group."""
        return "the group"

    def close(self) -> None:
        """Be left."""
        self._note("close", None)

    def told(self, method: str) -> list[Any]:
        """Return what was given to a method, call by call."""
        return [given for name, given in self.calls if name == method]

    def _note(self, method: str, given: object) -> None:
        self.calls.append((method, given))
        if method in self.refuses:
            raise KafkaException(KafkaError(KafkaError._STATE))  # noqa: SLF001 - its name


def _places(partitions: Sequence[TopicPartition]) -> list[tuple[str, int, int]]:
    return [(each.topic, each.partition, each.offset) for each in partitions]


LIMIT = 100
"""Records that a batch may have."""


class Unavailable(PipelineError):
    """An environment that is down."""

    retryable = True


class Remembered:
    """Start offsets as a dictionary; `down` says how often they cannot be had."""

    def __init__(self) -> None:
        self.offsets: dict[Partition, int] = {}
        self.asked: list[Sequence[Partition]] = []
        self.down = 0

    def find_start_offsets(
        self, partitions: Sequence[Partition]
    ) -> dict[Partition, int]:
        """Return what is remembered."""
        self.asked.append(partitions)
        if self.down:
            self.down -= 1
            raise Unavailable("down")
        return self.offsets


class WholeLogs:
    """Logs that hold ten records each."""

    def __init__(self, _kafka: KafkaSettings) -> None:
        """Take the address."""

    def get_ranges(
        self, partitions: Sequence[Partition]
    ) -> dict[Partition, tuple[int, int]]:
        """Return where they begin and end."""
        return dict.fromkeys(partitions, (0, 10))


class Bench(NamedTuple):
    """An intake with all that it stands on."""

    intake: Intake
    consumer: ScriptedConsumer
    remembered: Remembered
    stop: threading.Event


def places(records: Sequence[Record]) -> list[tuple[int, int]]:
    """Return partition number and offset of each record."""
    return [(each.partition, each.offset) for each in records]
