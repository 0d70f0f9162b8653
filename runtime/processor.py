"""A processor as a service: a pure function, and the few lines that run it.

docs/new-processor.md adds one, step by step.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from registry.catalog import Catalog, load_catalog
from registry.codec import Numbers, find_copyable
from registry.errors import ConfigError
from registry.names import Subject, Version
from registry.serdes import Deserializer, Event, SchemaRegistry, Serializer
from runtime.config import (
    KafkaSettings,
    LoopSettings,
    Options,
    RegistrySettings,
    ServiceSettings,
    kafka_options,
    loop_options,
    option,
    registry_options,
    schemas_option,
    service_options,
    transaction_option,
)
from runtime.dead_letters import dead_letter_topic
from runtime.intake import Intake
from runtime.kafka import (
    build_consumer,
    build_transactional_producer,
    require_topics,
)
from runtime.loop import TransactionalLoop
from runtime.positions_topic import PositionsTopic
from runtime.records import OutputFields, Process, Record
from runtime.registry import connect_registry
from runtime.replica import claim_replica
from runtime.service import LoopParts, exits, loop_service, wait_for
from runtime.start_offsets import GroupOffsets, MarkedOffsets
from runtime.tracing import trace_process
from runtime.transactions import Transactor
from runtime.wire_versions import WireVersions
from runtime.workers import run_workers

Command = TypeVar("Command", bound=Callable[..., Any])

Transform = Callable[[Event], Iterable[Event]]
"""What an event becomes: none, one or several; no I/O.

It raises RejectedRecord for an event that can never be processed.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """What a processor is.

    Attributes:
        name: Console script, default consumer group and log field.
        reads: Subject of the input; its topic is the default input topic.
        writes: Subject of the output; its topic is the default output topic.
        transform: The business.
        numbers: What decimals and times are in the events of `transform`.
        passes_on: Fields of both events that `transform` hands on without a look.
            They stay bytes where both contracts write them alike.
    """

    name: str
    reads: Subject
    writes: Subject
    transform: Transform
    numbers: Numbers = Numbers.EXACT
    passes_on: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorSettings:
    """Everything that a processor can be told."""

    kafka: KafkaSettings
    registry: RegistrySettings
    loop: LoopSettings
    service: ServiceSettings
    catalog: Catalog
    input_topic: str
    output_topic: str
    positions_topic: str

    @classmethod
    def from_options(cls, processor: Processor, options: Options) -> Self:
        """Read the flags of `processor_options`.

        Raises:
            ConfigError: One of them is malformed, or they contradict each other.
            InvalidContract: The contracts cannot be read.
        """
        catalog = load_catalog(Path(options["schemas"]))
        reads = catalog.get_contract(processor.reads)
        writes = catalog.get_contract(processor.writes)
        output_topic = options["output_topic"] or writes.topic
        return cls(
            kafka=KafkaSettings.from_options(options),
            registry=RegistrySettings.from_options(options),
            loop=LoopSettings.from_options(options),
            service=ServiceSettings.from_options(processor.name, options),
            catalog=catalog,
            input_topic=options["input_topic"] or reads.topic,
            output_topic=output_topic,
            positions_topic=options["positions_topic"] or f"{output_topic}.positions",
        )


_positions_option = option(
    "--positions-topic",
    show_default="OUTPUT_TOPIC.positions",
    help="Compacted topic in which transactions note how far they came.",
)


def processor_options(processor: Processor) -> Callable[[Command], Command]:
    """Return a decorator that adds the flags that `ProcessorSettings` reads."""

    def topic(flag: str, subject: Subject) -> Callable[[Command], Command]:
        return option(
            flag, show_default=f"topic of {subject}", help="Another topic, if any."
        )

    def add(command: Command) -> Command:
        command = transaction_option(service_options(command))
        command = loop_options(group=processor.name)(command)
        command = _positions_option(command)
        command = topic("--output-topic", processor.writes)(command)
        command = topic("--input-topic", processor.reads)(command)
        return kafka_options(registry_options(schemas_option(command)))

    return add


def run_processor(processor: Processor, options: Options) -> None:
    """Run the processor until a signal, or until it is idle for long enough.

    Raises:
        SystemExit: It could not start or go on: one sentence was printed.
    """
    with exits(processor.name):
        settings = ProcessorSettings.from_options(processor, options)
        if settings.loop.workers > 1:
            run_workers(settings.service, count=settings.loop.workers)
            return
        with (
            loop_service(settings.service) as (service, parts),
            claim_replica(settings.service, group=settings.loop.group) as replica,
        ):
            serdes = wait_for(
                lambda: _open(processor, settings),
                timeout_s=settings.service.startup_timeout_s,
                stop=parts.stop,
            )
            process = Events(serdes, processor.transform, topic=settings.output_topic)
            # Bound: a method is called faster than an object, once a record.
            loop = _build(settings, parts, replica, process.__call__)
            service.run(loop, loop.intake, serdes.tell)


@dataclass(frozen=True, slots=True)
class Serdes:
    """What turns records into events and back.

    Attributes:
        versions: Those of the contract that is read, as they were met.
        writes: The version of the other that is written.
    """

    deserialize: Deserializer
    serialize: Serializer
    versions: WireVersions
    writes: Version

    @classmethod
    def open(
        cls, processor: Processor, catalog: Catalog, registry: SchemaRegistry
    ) -> Self:
        """Return what reads and writes a processor's events.

        It reads the fields that `contracts.toml` says it reads; all, if it is not
        among the readers of its contract.

        Raises:
            ContractNotRegistered: The registry does not hold its contracts.
            RegistryUnavailable: No registry answers. Retryable.
        """
        source = catalog.get_contract(processor.reads)
        target = catalog.get_contract(processor.writes)
        fields = [each.fields for each in source.readers if each.name == processor.name]
        numbers = processor.numbers
        passed_on = find_copyable(
            processor.passes_on,
            source=source.newest.text,
            target=target.newest.text,
            numbers=numbers,
        )
        deserialize = Deserializer(
            registry,
            source,
            fields=fields[0] or None if fields else None,
            numbers=numbers,
            passed_on=passed_on,
        )
        newest = target.newest.version
        return cls(
            deserialize,
            Serializer(registry, target, newest, numbers=numbers, passed_on=passed_on),
            WireVersions(registry, source, lambda: deserialize.writer_ids),
            newest,
        )

    def tell(self) -> dict[str, Any]:
        """Return schema ids and versions, read and written, for /status."""
        return {
            **self.versions.tell(),
            "written_schema_id": self.serialize.schema_id,
            "contracts_written": {self.serialize.subject: [self.writes]},
        }


class Events:
    """Applies a transform to records: decode, transform, encode."""

    def __init__(self, serdes: Serdes, transform: Transform, *, topic: str) -> None:
        # Bound: a method is called faster than an object, and this is once a record.
        self._deserialize = serdes.deserialize.__call__
        self._serialize = serdes.serialize.__call__
        self._transform = transform
        self._topic = topic

    def __call__(self, record: Record) -> Sequence[OutputFields]:
        """Return what the record becomes, under its key and with its headers."""
        outputs: list[OutputFields] = []
        for event in self._transform(self._deserialize(record.value)):
            value = self._serialize(event)
            # No comprehension and no constructor: this is once a record.
            outputs.append((self._topic, record.key, value, record.headers, -1, 0))
        return outputs


def _open(processor: Processor, settings: ProcessorSettings) -> Serdes:
    """Return once registry, contracts, broker and topics are there."""
    registry = connect_registry(settings.registry)
    serdes = Serdes.open(processor, settings.catalog, registry)
    source, positions = settings.input_topic, settings.positions_topic
    topics = [source, settings.output_topic, dead_letter_topic(source), positions]
    counts = require_topics(settings.kafka, topics)
    if counts[positions] < counts[source]:
        raise ConfigError(
            f"topic {positions} has {counts[positions]} partitions,"
            f" {source} has {counts[source]}",
            hint=f"give {positions} as many",
        )
    return serdes


def _build(
    settings: ProcessorSettings, parts: LoopParts, replica: str, process: Process
) -> TransactionalLoop:
    """Put the loop together; it has joined the group when this returns."""
    consumer = build_consumer(
        settings.kafka, settings.loop, group=settings.loop.group, instance=replica
    )
    offsets = MarkedOffsets(
        GroupOffsets(consumer, settings.kafka),
        PositionsTopic(settings.kafka, settings.positions_topic),
        group=settings.loop.group,
        kafka=settings.kafka,
    )
    intake = Intake(
        consumer,
        offsets,
        kafka=settings.kafka,
        settings=settings.loop,
        stop=parts.stop,
    )
    intake.subscribe([settings.input_topic])
    transactor = Transactor(
        lambda: build_transactional_producer(
            settings.kafka, settings.loop, transactional_id=replica
        ),
        transactional_id=replica,
    )
    return TransactionalLoop(
        trace_process(process, parts.spans),
        intake=intake,
        transactor=transactor,
        to_marks=offsets.to_outputs,
        settings=settings.loop,
        metrics=parts.metrics,
    )
