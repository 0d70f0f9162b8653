"""From settings to a source of orders and to the Kafka they go to."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import structlog

from producers.order_service.errors import SourceChanged
from producers.order_service.faker_orders import FakerSource
from producers.order_service.json_lines import open_json_lines
from producers.order_service.orders import OrderRules
from producers.order_service.positions import Mark, ResumableSource, SourceMarks
from producers.order_service.publishing import (
    BeginTrace,
    OrderPublisher,
    Publisher,
    new_traceparent,
)
from producers.order_service.settings import NAME, ResumeSettings, Settings
from producers.order_service.source_transactions import SourceTransactions
from producers.order_service.transactional_publishing import (
    OrderEncoder,
    TransactionalPublisher,
)
from registry.codec import Numbers
from registry.serdes import Serializer
from runtime.config import LoopSettings
from runtime.errors import BrokerUnavailable, TransactionAborted
from runtime.kafka import (
    build_idempotent_producer,
    build_transactional_producer,
    require_topics,
)
from runtime.positions_topic import PositionsTopic
from runtime.registry import connect_registry
from runtime.transactions import CallLimits, Transactor

log = structlog.get_logger()

_LONGEST_ASK_S = 2.0


@contextmanager
def open_source(settings: Settings) -> Iterator[ResumableSource]:
    """Open where orders come from.

    Raises:
        ConfigError: The file cannot be read.
    """
    released = settings.contract.get_version(settings.version)
    rules = OrderRules.from_version(released)
    if settings.file is not None:
        with open_json_lines(settings.file, rules) as source:
            yield source
        return
    seed = secrets.randbits(32) if settings.seed is None else settings.seed
    log.info("faker.seeded", seed=seed)
    yield FakerSource(rules, seed=seed, start=settings.start)


def build_publisher(
    settings: Settings,
    source: ResumableSource,
    *,
    begin_trace: BeginTrace = new_traceparent,
) -> OrderPublisher:
    """Find topics and contract, and go to the place where the source goes on.

    Raises:
        TopicMissing: A topic does not exist.
        ContractNotRegistered: The contract's version is not let in yet.
        SourceChanged: What was written of the source is not what it begins with.
        SourceTaken: Another run acquired the source at the same time.
        BrokerUnavailable: No broker answered. Retryable.
        RegistryUnavailable: No registry answered. Retryable.
    """
    with connect_registry(settings.registry) as registry:
        serialize = Serializer(
            registry, settings.contract, settings.version, numbers=Numbers.SCALED
        )
    timeout_s = min(_LONGEST_ASK_S, max(1.0, settings.service.startup_timeout_s))
    resume = settings.resume
    if resume is None:
        require_topics(settings.kafka, [settings.topic], timeout_s=timeout_s)
        return _build_idempotent(settings, serialize, begin_trace)
    topics = [settings.topic, resume.positions_topic]
    require_topics(settings.kafka, topics, timeout_s=timeout_s)
    most_bytes = settings.kafka.properties.get("message.max.bytes", "1000000")
    encoder = OrderEncoder(
        serialize,
        topic=settings.topic,
        most_bytes=int(most_bytes),
        begin_trace=begin_trace,
    )
    return _build_transactional(settings, resume, source, encoder)


def _build_idempotent(
    settings: Settings, serialize: Serializer, begin_trace: BeginTrace
) -> Publisher:
    replica_id = settings.service.replica_id
    client_id = NAME if replica_id is None else f"{NAME}-{replica_id}"
    producer = build_idempotent_producer(settings.kafka, client_id=client_id)
    return Publisher(
        producer,
        serialize,
        topic=settings.topic,
        kafka=settings.kafka,
        begin_trace=begin_trace,
    )


def _build_transactional(
    settings: Settings,
    resume: ResumeSettings,
    source: ResumableSource,
    encoder: OrderEncoder,
) -> TransactionalPublisher:
    owner = secrets.token_hex(8)
    transactions = _build_transactions(settings, resume, owner)
    try:
        last = transactions.open()
    except TransactionAborted as exc:
        address = settings.kafka.bootstrap_servers
        raise BrokerUnavailable(address, exc.reason) from exc
    # Nothing that can be tried again comes after this: a source resumes once.
    mark = _begin(settings, resume, source, last=last, owner=owner)
    return TransactionalPublisher(
        transactions,
        source,
        encoder,
        mark=mark,
        address=settings.kafka.bootstrap_servers,
    )


def _build_transactions(
    settings: Settings, resume: ResumeSettings, owner: str
) -> SourceTransactions:
    transactional_id = f"{NAME} {resume.source_name}"
    loop = LoopSettings(group=NAME, transaction_timeout_s=resume.transaction_timeout_s)
    transactor = Transactor(
        lambda: build_transactional_producer(
            settings.kafka, loop, transactional_id=transactional_id
        ),
        transactional_id=transactional_id,
        limits=CallLimits(init_s=_LONGEST_ASK_S),
    )
    return SourceTransactions(
        transactor,
        SourceMarks(PositionsTopic(settings.kafka, resume.positions_topic)),
        source_name=resume.source_name,
        owner=owner,
    )


def _begin(
    settings: Settings,
    resume: ResumeSettings,
    source: ResumableSource,
    *,
    last: Mark | None,
    owner: str,
) -> Mark:
    """Return the mark that the run begins with; the source stands there."""
    topic = settings.topic
    if last is None or resume.is_restart:
        return Mark(owner=owner, topic=topic, order_count=0, position=source.position)
    if last.topic != topic:
        reason = f"its orders went to topic {last.topic} until now, not to {topic}"
        raise SourceChanged(resume.source_name, reason)
    source.resume(last.position)
    log.info(
        "source.resumed",
        source=resume.source_name,
        order_count=last.order_count,
        entry_count=last.position.entry_count,
    )
    return replace(last, owner=owner)
