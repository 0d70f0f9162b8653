"""Kafka clients: how they are set up, and what their errors mean."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from runtime.config import KafkaSettings, LoopSettings
from runtime.errors import BrokerError, BrokerRefused, BrokerUnavailable, TopicMissing

log = structlog.get_logger()

Properties = dict[str, str | int | float | bool]


class _ToStructlog(logging.Handler):
    """Passes what librdkafka logs on to our logs.

    Its "info" is about connections that come and go and stays out; "debug" appears
    only if someone asked for it with the property `debug`.
    """

    _LEVELS: ClassVar = {logging.INFO: logging.DEBUG, logging.DEBUG: logging.INFO}

    def emit(self, record: logging.LogRecord) -> None:
        level = self._LEVELS.get(record.levelno, logging.WARNING)
        log.log(level, "kafka.client_log", text=record.getMessage())


_librdkafka = logging.getLogger("librdkafka")
_librdkafka.propagate = False
_librdkafka.setLevel(logging.DEBUG)
_librdkafka.addHandler(_ToStructlog())

_UNREACHABLE = {
    KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001 - librdkafka's own codes start so
    KafkaError._DESTROY_BROKER,  # noqa: SLF001
    KafkaError._NOENT,  # noqa: SLF001 - no leader is known, while brokers start
    KafkaError._RESOLVE,  # noqa: SLF001
    KafkaError._TIMED_OUT,  # noqa: SLF001
    KafkaError._TRANSPORT,  # noqa: SLF001
    KafkaError._UNKNOWN_PARTITION,  # noqa: SLF001
    KafkaError._UNKNOWN_TOPIC,  # noqa: SLF001
    KafkaError._WAIT_COORD,  # noqa: SLF001
    # A broker that stops, starts or hands over says so; librdkafka calls these
    # retriable for transactions alone.
    KafkaError.BROKER_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.KAFKA_STORAGE_ERROR,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NETWORK_EXCEPTION,
    KafkaError.NOT_COORDINATOR,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.OFFSET_NOT_AVAILABLE,
    KafkaError.REPLICA_NOT_AVAILABLE,
    KafkaError.REQUEST_TIMED_OUT,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.UNKNOWN_TOPIC_OR_PART,  # `require_topics` has seen it at start
}


def client_properties(settings: KafkaSettings, *, client_id: str) -> Properties:
    """Return what every client is given: address, security, identity."""
    return {
        "bootstrap.servers": settings.bootstrap_servers,
        "client.id": client_id,
        "logger": _librdkafka,  # type: ignore[dict-item] # an object is a property too
        **settings.properties,
    }


def build_consumer(
    settings: KafkaSettings, loop: LoopSettings, *, group: str, instance: str
) -> Consumer:
    """Return a consumer for a loop that keeps its own offsets.

    Static membership (`group.instance.id`): a worker that is killed and comes back
    takes up its partitions at once instead of waiting for its session to end.
    """
    return Consumer(
        {
            **client_properties(settings, client_id=instance),
            "group.id": group,
            "group.instance.id": instance,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "partition.assignment.strategy": "cooperative-sticky",
            # A position that is not in the log is decided by the loop, never here.
            "auto.offset.reset": "error",
            "session.timeout.ms": round(loop.session_timeout_s * 1000),
            "heartbeat.interval.ms": round(loop.session_timeout_s * 1000 / 15),
            "max.poll.interval.ms": round(loop.max_poll_interval_s * 1000),
            "error_cb": _log_client_error,
        }
    )


def build_transactional_producer(
    settings: KafkaSettings, loop: LoopSettings, *, transactional_id: str
) -> Producer:
    """Return a producer; `init_transactions` has not been called."""
    return Producer(
        {
            # "rebootstrap" forgets the brokers when none answers, and with them the
            # group's coordinator that a transaction is about to ask: the call would
            # last until its time limit (librdkafka issue 5511). If every address
            # changes, the limit brings a new producer.
            "metadata.recovery.strategy": "none",
            **client_properties(settings, client_id=transactional_id),
            "transactional.id": transactional_id,
            "transaction.timeout.ms": round(loop.transaction_timeout_s * 1000),
            # librdkafka waits this long after CONCURRENT_TRANSACTIONS in
            # AddOffsetsToTxn; its default of 100 halves the throughput.
            "retry.backoff.ms": 10,
            # The brokers' limits decide, not the client's: a dead letter is larger
            # than its record, and its topic allows for that.
            "message.max.bytes": 64 * 2**20,
            # What was written is nobody's news: the commit says it of all at once.
            "delivery.report.only.error": True,
            **_PRODUCER,
        }
    )


def build_idempotent_producer(settings: KafkaSettings, *, client_id: str) -> Producer:
    """Return a producer whose retries neither lose, double nor reorder a record.

    It keeps a record until a broker has taken or refused it, however long that is.
    """
    return Producer(
        {
            "message.timeout.ms": 0,
            **client_properties(settings, client_id=client_id),
            "enable.idempotence": True,
            **_PRODUCER,
        }
    )


def _log_client_error(error: KafkaError) -> None:
    log.warning("kafka.client_error", code=error.name(), reason=error.str())


_PRODUCER: Properties = {
    "acks": "all",
    # The Java clients' choice: an order keeps its partition through the pipeline.
    "partitioner": "murmur2_random",
    "error_cb": _log_client_error,  # type: ignore[dict-item] # callbacks are properties
}


@contextmanager
def broker_errors(settings: KafkaSettings, doing: str) -> Iterator[None]:
    """Map what confluent-kafka raises onto the error tree.

    Raises:
        BrokerUnavailable: No broker answered. Retryable.
        BrokerRefused: A broker answered with an error.
    """
    try:
        yield
    except KafkaException as exc:
        raise to_broker_error(exc.args[0], settings, doing) from exc


def to_broker_error(
    error: KafkaError, settings: KafkaSettings, doing: str
) -> BrokerError:
    """Return the error of the tree for an error of librdkafka."""
    if error.code() in _UNREACHABLE or error.retriable():
        return BrokerUnavailable(settings.bootstrap_servers, f"{doing}: {error.str()}")
    return BrokerRefused(doing, error.str())


def require_topics(
    settings: KafkaSettings, topics: Iterable[str], *, timeout_s: float = 10.0
) -> dict[str, int]:
    """Return the partition count of each topic.

    Raises:
        TopicMissing: A topic does not exist.
        BrokerUnavailable: No broker answered in `timeout_s`. Retryable.
    """
    admin = AdminClient(client_properties(settings, client_id="accord-topics"))
    counts = {}
    with broker_errors(settings, "listing topics"):
        known = admin.list_topics(timeout=timeout_s).topics
    for topic in topics:
        if topic not in known or known[topic].error is not None:
            raise TopicMissing(topic)
        counts[topic] = len(known[topic].partitions)
    return counts
