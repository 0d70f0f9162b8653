"""order-service: puts orders into the pipeline.

Reads Faker orders or JSON Lines, writes `order-details`. The producer is idempotent and
waits for all in-sync replicas: nothing that is acknowledged is lost, doubled or out of
order, and an order that is not legal never gets in.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import click
import structlog

from producers.order_service.faker_orders import FakerSource
from producers.order_service.json_lines import open_json_lines
from producers.order_service.options import order_options, refuse_mixed_sources
from producers.order_service.orders import OrderRules, OrderSource
from producers.order_service.publishing import Publisher
from producers.order_service.run import OnBadLine, OrderRun, RunSettings
from producers.order_service.status import RunStatus, registry_of, show_progress
from registry.catalog import Contract, load_catalog
from registry.errors import ConfigError, InvalidContract, PipelineError
from registry.names import Subject, Version
from registry.serdes import Serializer
from runtime import health
from runtime.config import (
    KafkaSettings,
    Options,
    RegistrySettings,
    ServiceSettings,
    kafka_options,
    registry_options,
    schemas_option,
    service_options,
)
from runtime.kafka import build_idempotent_producer, require_topics
from runtime.logs import configure_logs
from runtime.registry import connect_registry
from runtime.service import exits, stop_on_signals, wait_for

log = structlog.get_logger()

NAME = "order-service"
WRITES = Subject("order-details-value")

_ENDLESS_RATE = 10.0
_LONGEST_ASK_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that order-service can be told.

    Attributes:
        version: Contract version that orders are written with.
        file: Where orders come from: a path, "-", or None for Faker.
        seed: Of Faker; None draws one.
        start: `created_at` of the first Faker order; None is the time of writing.
    """

    service: ServiceSettings
    kafka: KafkaSettings
    registry: RegistrySettings
    run: RunSettings
    contract: Contract
    version: Version
    topic: str
    file: str | None
    seed: int | None
    start: datetime | None

    @classmethod
    def from_options(cls, options: Options) -> Self:
        """Read the flags.

        Raises:
            ConfigError: The contract has no such version, or is not there.
        """
        service = ServiceSettings.from_options(NAME, options)
        contract, version = _load(options["schemas"], options["contract_version"])
        return cls(
            service=service,
            kafka=KafkaSettings.from_options(options),
            registry=RegistrySettings.from_options(options),
            run=_run_settings(service, options),
            contract=contract,
            version=version,
            topic=options["topic"],
            file=options["file"],
            seed=options["seed"],
            start=options["start_time"],
        )


@contextmanager
def open_source(settings: Settings) -> Iterator[OrderSource]:
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


def build_publisher(settings: Settings) -> Publisher:
    """Find topic and contract, and make a producer.

    Raises:
        TopicMissing: The topic does not exist.
        ContractNotRegistered: The contract's version is not let in yet.
        BrokerUnavailable: No broker answered. Retryable.
        RegistryUnavailable: No registry answered. Retryable.
    """
    with connect_registry(settings.registry) as registry:
        serialize = Serializer(registry, settings.contract, settings.version)
    timeout_s = min(_LONGEST_ASK_S, max(1.0, settings.service.startup_timeout_s))
    require_topics(settings.kafka, [settings.topic], timeout_s=timeout_s)
    replica_id = settings.service.replica_id
    client_id = NAME if replica_id is None else f"{NAME}-{replica_id}"
    producer = build_idempotent_producer(settings.kafka, client_id=client_id)
    return Publisher(producer, serialize, topic=settings.topic, kafka=settings.kafka)


@click.command(NAME, context_settings={"auto_envvar_prefix": "ACCORD"})
@order_options
@kafka_options
@registry_options
@schemas_option
@service_options
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - flags by name
    """Write orders to Kafka: invented ones, or those of a JSON Lines file.

    Without --from, Faker invents orders: --count of them, or until a signal comes.
    With --from, each line of the file is one order, in the form of
    operations/data/northwind-orders.jsonl; the run ends with the file, or, reading
    standard input, after --until-idle seconds without a line.

    Ends when Kafka has acknowledged every order, and says how many that are. A
    signal ends it early: what is written by then is waited for. Kafka absent at the
    start is waited for up to --startup-timeout, later without limit.

    \b
    Examples:
        order-service --count 100 --seed 7 --start-time 2026-01-31T00:00:00Z
        order-service --from orders.jsonl --rate 50 --on-bad-line skip
        generate-orders | order-service --from - --until-idle 5

    \b
    Exit codes:
        0 every order is acknowledged, skipped lines not counted    2 usage
        65 a line is no legal order: what came before it is acknowledged
        70 bug
        75 try again (broker or registry absent, or the broker refused an order)
        78 configuration (port taken, contract not registered, topic missing)
    """  # noqa: D301 - \b is click's mark, not a backslash
    refuse_mixed_sources(context)
    configure_logs(NAME, log_format=options["log_format"])
    with exits(NAME):
        settings = Settings.from_options(options)
        with open_source(settings) as source, stop_on_signals() as stop:
            run(settings, source, stop)


def run(settings: Settings, source: OrderSource, stop: threading.Event) -> None:
    """Write the source's orders; say at the end how many Kafka has.

    Raises:
        PipelineError: What ended the run early, other than a signal.
    """
    status = RunStatus(NAME, settings.version)
    with health.serve(settings.service, status.probes, registry_of(status)):
        publisher = _wait_for_publisher(settings, stop)
        if publisher is None:
            say_end(0, 0)
            return
        status.begin(publisher)
        order_run = OrderRun(
            source, publisher, settings=settings.run, status=status, stop=stop
        )
        try:
            with show_progress() as show:
                order_run.run(show)
        finally:
            say_end(publisher.acknowledged_count, status.skipped_count)
    log.info(
        "service.drained",
        output_count=publisher.acknowledged_count,
        skipped_count=status.skipped_count,
    )


def say_end(acknowledged_count: int, skipped_count: int) -> None:
    """Say how many orders Kafka has, and how many lines were passed over."""
    skipped = f", {_counted(skipped_count, 'line')} skipped" if skipped_count else ""
    acknowledged = f"{_counted(acknowledged_count, 'order')} acknowledged"
    click.echo(f"{NAME}: {acknowledged}{skipped}", err=True)


def _wait_for_publisher(settings: Settings, stop: threading.Event) -> Publisher | None:
    """Return the publisher, or None if a signal came before Kafka did."""
    try:
        return wait_for(
            lambda: build_publisher(settings),
            timeout_s=settings.service.startup_timeout_s,
            stop=stop,
        )
    except PipelineError as exc:
        if exc.retryable and stop.is_set():
            return None
        raise


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _load(folder: str, version: int | None) -> tuple[Contract, Version]:
    try:
        contract = load_catalog(Path(folder)).get_contract(WRITES)
        wanted = contract.newest.version if version is None else version
        return contract, contract.get_version(wanted).version
    except InvalidContract as exc:
        raise ConfigError(str(exc)) from exc


def _run_settings(service: ServiceSettings, options: Options) -> RunSettings:
    is_endless = options["file"] is None and options["count"] is None
    return RunSettings(
        count=options["count"],
        rate=options["rate"] or (_ENDLESS_RATE if is_endless else None),
        on_bad_line=OnBadLine(options["on_bad_line"]),
        until_idle_s=service.until_idle_s,
        stop_timeout_s=options["stop_timeout"],
    )
