"""A sink as a service: the flags both sinks have, and how they are put together."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from starlette.routing import BaseRoute

from registry.catalog import Catalog, load_catalog
from registry.codec import Numbers
from registry.serdes import Deserializer
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
)
from runtime.intake import Intake
from runtime.kafka import build_consumer, require_topics
from runtime.registry import connect_registry
from runtime.replica import claim_replica
from runtime.service import loop_service, wait_for
from runtime.sink_loop import Sink, SinkLoop
from runtime.tracing import trace_sink
from runtime.wire_versions import WireVersions
from runtime.workers import run_workers
from sinks.orders import SUBJECT, TOPIC, open_deserializer

Command = TypeVar("Command", bound=Callable[..., Any])

BuildSink = Callable[[Deserializer, threading.Event], Sink]
"""Builds a sink; the event is set when the service is to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What every sink is told.

    Attributes:
        catalog: The contracts.
        topic: Where the orders are read from.
    """

    kafka: KafkaSettings
    registry: RegistrySettings
    loop: LoopSettings
    service: ServiceSettings
    catalog: Catalog
    topic: str

    @classmethod
    def from_options(cls, name: str, options: Options) -> Self:
        """Read the flags of `worker_options`.

        Raises:
            ConfigError: One of them is malformed, or they contradict each other.
            InvalidContract: The contracts cannot be read.
        """
        return cls(
            kafka=KafkaSettings.from_options(options),
            registry=RegistrySettings.from_options(options),
            loop=LoopSettings.from_options(options),
            service=ServiceSettings.from_options(name, options),
            catalog=load_catalog(Path(options["schemas"])),
            topic=options["input_topic"],
        )


def worker_options(
    name: str, *, batch_records: int = 2000
) -> Callable[[Command], Command]:
    """Return a decorator that adds the flags that `WorkerSettings` reads."""

    def add(command: Command) -> Command:
        topic = option("--input-topic", default=TOPIC, help="Topic of priced orders.")
        loop = loop_options(group=name, batch_records=batch_records)
        command = topic(loop(service_options(command)))
        return kafka_options(registry_options(schemas_option(command)))

    return add


def run_worker(
    settings: WorkerSettings,
    *,
    open_storage: Callable[[], None],
    build_sink: BuildSink,
    routes: Sequence[BaseRoute] = (),
    numbers: Numbers = Numbers.EXACT,
) -> None:
    """Run the sink until a signal, or until it is idle for long enough.

    Args:
        settings: What every sink is told.
        open_storage: Called first, and again where waiting may help; raises
            ConfigError if what the sink writes to can never be written.
        build_sink: Called when broker, registry and storage are there.
        routes: Answered besides health, metrics and status.
        numbers: What decimals and times are in the orders that the sink is given.

    Raises:
        SystemExit: It could not start or go on: one sentence was printed.
    """
    if settings.loop.workers > 1:
        run_workers(settings.service, count=settings.loop.workers, routes=routes)
        return
    with (
        loop_service(settings.service, routes) as (service, parts),
        claim_replica(settings.service, group=settings.loop.group) as instance,
    ):
        deserialize, versions = wait_for(
            lambda: _open(settings, open_storage, numbers),
            timeout_s=settings.service.startup_timeout_s,
            stop=parts.stop,
        )
        sink = trace_sink(build_sink(deserialize, parts.stop), parts.spans)
        intake = _subscribe(settings, sink, instance, parts.stop)
        loop = SinkLoop(
            sink, intake=intake, settings=settings.loop, metrics=parts.metrics
        )
        service.run(loop, intake, versions.tell)


def _open(
    settings: WorkerSettings, open_storage: Callable[[], None], numbers: Numbers
) -> tuple[Deserializer, WireVersions]:
    """Return once storage, registry and topic are there."""
    open_storage()
    registry = connect_registry(settings.registry)
    deserialize = open_deserializer(
        registry, settings.catalog, service=settings.service.name, numbers=numbers
    )
    require_topics(settings.kafka, [settings.topic])
    contract = settings.catalog.get_contract(SUBJECT)
    versions = WireVersions(registry, contract, lambda: deserialize.writer_ids)
    return deserialize, versions


def _subscribe(
    settings: WorkerSettings, sink: Sink, instance: str, stop: threading.Event
) -> Intake:
    consumer = build_consumer(
        settings.kafka, settings.loop, group=settings.loop.group, instance=instance
    )
    intake = Intake(
        consumer, sink, kafka=settings.kafka, settings=settings.loop, stop=stop
    )
    intake.subscribe([settings.topic])
    return intake
