"""order-service: puts orders into the pipeline.

Reads Faker orders or JSON Lines, writes `order-details`. The producer is idempotent and
waits for all in-sync replicas: nothing that is acknowledged is lost, doubled or out of
order, and an order that is not legal never gets in.

A file, or Faker with a seed, is written exactly once, however often its run is killed
and started again: its orders commit together with the position in it. Standard input
cannot be read again; what was under way when its reader died is written or not.
"""

import threading
from typing import Any

import click
import structlog

from producers.order_service.connecting import build_publisher, open_source
from producers.order_service.options import order_options, refuse_mixed_sources
from producers.order_service.positions import ResumableSource
from producers.order_service.publishing import (
    BeginTrace,
    OrderPublisher,
    new_traceparent,
)
from producers.order_service.run import OrderRun
from producers.order_service.settings import NAME, Settings
from producers.order_service.status import RunStatus, registry_of, show_progress
from registry.errors import PipelineError
from registry.installed import version_option
from runtime import health
from runtime.config import (
    SETTINGS,
    kafka_options,
    registry_options,
    schemas_option,
    service_options,
)
from runtime.logs import configure_logs
from runtime.service import exits, spare_what_stays, stop_on_signals, wait_for
from runtime.tracing import open_tracer

log = structlog.get_logger()


@click.command(NAME, context_settings=SETTINGS)
@version_option()
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

    A file is written exactly once: each transaction holds orders and the position in
    the file. The same command again, after whatever end, goes on after the last
    line that was committed; lines added to the file are written, but if a line that
    was written has changed, the run is refused. Faker with --seed goes on likewise.
    Standard input, a pipe and Faker without --seed start afresh each time.

    \b
    Examples:
        order-service --count 100 --seed 7 --start-time 2026-01-31T00:00:00Z
        order-service --from orders.jsonl --rate 50 --on-bad-line skip
        generate-orders | order-service --from - --until-idle 5

    \b
    Exit codes:
        0 every order is acknowledged, skipped lines not counted    2 usage
        65 a line is no legal order: what came before it is acknowledged; or the
           part of the file that was written already has changed
        70 bug
        75 try again (broker or registry absent, the broker refused an order, or
           another run has taken the source over)
        78 configuration (port taken, contract not registered, topic missing)
    """  # noqa: D301 - \b is click's mark, not a backslash
    refuse_mixed_sources(context)
    configure_logs(NAME, log_format=options["log_format"])
    with exits(NAME):
        settings = Settings.from_options(options)
        with open_source(settings) as source, stop_on_signals() as stop:
            run(settings, source, stop)


def run(settings: Settings, source: ResumableSource, stop: threading.Event) -> None:
    """Write the source's orders; say at the end how many Kafka has.

    Raises:
        PipelineError: What ended the run early, other than a signal.
    """
    status = RunStatus(NAME, settings.version)
    with (
        open_tracer(NAME) as tracer,
        health.serve(settings.service, status.probes, registry_of(status)),
    ):
        begin_trace = new_traceparent if tracer is None else tracer.begin_trace
        publisher = _wait_for_publisher(settings, source, begin_trace, stop)
        if publisher is None:
            click.echo(f"{NAME}: {tell_end(0, 0)}", err=True)
            return
        status.begin(publisher)
        spare_what_stays()
        order_run = OrderRun(
            source, publisher, settings=settings.run, status=status, stop=stop
        )
        try:
            with show_progress() as show:
                order_run.run(show)
        finally:
            end = tell_end(
                publisher.acknowledged_count,
                status.skipped_count,
                before_count=publisher.before_count,
            )
            click.echo(f"{NAME}: {end}", err=True)
    if publisher.before_count and not (publisher.acknowledged_count or stop.is_set()):
        click.echo("  nothing is left to write; --restart writes all again", err=True)
    log.info(
        "service.drained",
        output_count=publisher.acknowledged_count,
        skipped_count=status.skipped_count,
    )


def tell_end(
    acknowledged_count: int, skipped_count: int, *, before_count: int = 0
) -> str:
    """Return how many orders Kafka has, and how many lines were passed over."""
    parts = [f"{_counted(acknowledged_count, 'order')} acknowledged"]
    if before_count:
        parts.append(f"{before_count} by earlier runs")
    if skipped_count:
        parts.append(f"{_counted(skipped_count, 'line')} skipped")
    return ", ".join(parts)


def _wait_for_publisher(
    settings: Settings,
    source: ResumableSource,
    begin_trace: BeginTrace,
    stop: threading.Event,
) -> OrderPublisher | None:
    """Return the publisher, or None if a signal came before Kafka did."""
    try:
        return wait_for(
            lambda: build_publisher(settings, source, begin_trace=begin_trace),
            timeout_s=settings.service.startup_timeout_s,
            stop=stop,
        )
    except PipelineError as exc:
        if exc.retryable and stop.is_set():
            return None
        raise


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
