"""Where the logs begin and end, by the brokers' own word."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress

from confluent_kafka import (
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public all the same
    AdminClient,
    ListOffsetsResultInfo,
    OffsetSpec,
)

from runtime.config import KafkaSettings
from runtime.kafka import broker_errors, client_properties
from runtime.records import Partition

_ANSWER_S = 10.0


class LogEnds:
    """Asks with a connection of its own.

    A consumer is no help here: it knows the end of what it fetches alone, and while
    one thread polls it, others wait for their turn without an end.
    """

    def __init__(
        self, settings: KafkaSettings, *, client_id: str = "accord-log-ends"
    ) -> None:
        """Take the address; nothing is opened yet."""
        self._settings = settings
        self._client_id = client_id
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
        found = {}
        for partition, answer in answers.items():
            if answer in done:
                with suppress(KafkaException), self._heeding_errors():
                    found[partition.topic, partition.partition] = _get_offset(answer)
        return found

    def get_ranges(
        self,
        partitions: Collection[Partition],
        *,
        isolation: IsolationLevel = IsolationLevel.READ_UNCOMMITTED,
    ) -> dict[Partition, tuple[int, int]]:
        """Return the first offset of each log, and the one after its last.

        All are asked at once: a consumer asks log by log, half a second each while
        brokers are busy.

        Args:
            partitions: Whose logs.
            isolation: READ_COMMITTED ends before the first transaction that is open.

        Raises:
            BrokerUnavailable: A leader does not answer. Retryable.
            BrokerRefused: There is no such partition, or it may not be read.
        """
        places = [TopicPartition(*each) for each in partitions]
        with broker_errors(self._settings, "reading the ends of the log"):
            return self._ask_ranges(places, isolation)

    def _ask_ranges(
        self, places: Sequence[TopicPartition], isolation: IsolationLevel
    ) -> dict[Partition, tuple[int, int]]:
        ends = (OffsetSpec.earliest(), OffsetSpec.latest())  # type: ignore[no-untyped-call] # stock
        first, last = (
            self._connect().list_offsets(
                dict.fromkeys(places, end),
                isolation_level=isolation,
                request_timeout=_ANSWER_S,
            )
            for end in ends
        )
        with self._heeding_errors():
            return {
                (each.topic, each.partition): (
                    _get_offset(first[each]),
                    _get_offset(last[each]),
                )
                for each in places
            }

    def _connect(self) -> AdminClient:
        if self._admin is None:
            properties = client_properties(self._settings, client_id=self._client_id)
            self._admin = AdminClient(properties)
        return self._admin

    @contextmanager
    def _heeding_errors(self) -> Iterator[None]:
        """Forget the brokers after an error that is not silence: leaders are asked for.

        librdkafka's admin client would go on with the leaders and leader epochs that it
        knows: "Leader epoch is older than broker epoch", "No leaders found", for ever.
        """
        try:
            yield
        except KafkaException as exc:
            if exc.args[0].code() != KafkaError._TIMED_OUT:  # noqa: SLF001 - its name
                self._admin = None
            raise


def _get_offset(answer: "Future[ListOffsetsResultInfo]") -> int:
    """Return the offset of an answer, or raise KafkaException.

    A connection that breaks during the request is told as an offset that is none,
    without an error (librdkafka 2.16).
    """
    offset = answer.result().offset
    if offset < 0:
        raise KafkaException(KafkaError(KafkaError._TRANSPORT))  # noqa: SLF001 - its name
    return offset
