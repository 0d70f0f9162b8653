"""transaction-service: prices every order exactly once.

Reads `order-details`, writes `order-processed`, and `order-details.dlq` for records
that cannot be decoded or priced. Outputs, dead letters and input offsets commit in one
Kafka transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact
from pathlib import Path
from typing import Any

import click

from registry.catalog import Catalog, load_catalog
from registry.names import Subject
from registry.serdes import Deserializer, Event, Serializer
from runtime.config import (
    KafkaSettings,
    LoopSettings,
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
from runtime.errors import RejectedRecord
from runtime.intake import GroupOffsets, Intake
from runtime.kafka import (
    build_consumer,
    build_transactional_producer,
    require_topics,
)
from runtime.loop import TransactionalLoop
from runtime.records import Output, Record
from runtime.registry import connect_registry
from runtime.replica import claim_replica
from runtime.service import LoopParts, exits, loop_service, wait_for
from runtime.transactions import Transactor

NAME = "transaction-service"
READS = Subject("order-details-value")
WRITES = Subject("order-processed-value")

NO_CURRENCY = "XXX"
# decimal(18,4) holds 14 digits before the point.
_TOTAL_BEYOND = Decimal(10) ** 14
_CENT = Decimal("0.0001")
# Wide enough for any legal order; a digit lost would be an error, never a rounding.
_EXACT = Context(prec=100, traps=[Inexact])


def price(order: Event, processed_at: datetime) -> Event:
    """Return the OrderProcessed event of an OrderDetails event.

    total = sum of quantity x unit_price x (1 - discount) over the lines, exact.

    Raises:
        RejectedRecord: The order is not legal (docs/reference/contracts.md), or its
            total does not fit decimal(18,4).
    """
    _require_legal(order)
    total = Decimal(0)
    for line in order["items"]:
        gross = _EXACT.multiply(line["quantity"], line["unit_price"])
        net = _EXACT.multiply(gross, _EXACT.subtract(1, line["discount"]))
        total = _EXACT.add(total, net)
    if total >= _TOTAL_BEYOND:
        raise RejectedRecord(f"total {total} does not fit decimal(18,4)")
    return {
        "order_id": order["order_id"],
        "customer": order["customer"],
        "item_count": len(order["items"]),
        "total": _EXACT.quantize(total, _CENT),
        "currency": order["currency"],
        "created_at": order["created_at"],
        "processed_at": processed_at,
    }


def _require_legal(order: Event) -> None:
    if order["currency"] == NO_CURRENCY:
        raise RejectedRecord("currency is XXX: its writer knows one that we do not")
    if not order["order_id"]:
        raise RejectedRecord("order_id is empty")
    if not order["items"]:
        raise RejectedRecord("items is empty")
    for index, line in enumerate(order["items"]):
        if line["quantity"] < 1:
            raise RejectedRecord(f"items[{index}].quantity is {line['quantity']}")
        if line["unit_price"] < 0:
            raise RejectedRecord(f"items[{index}].unit_price is {line['unit_price']}")
        if not 0 <= line["discount"] <= 1:
            raise RejectedRecord(f"items[{index}].discount is {line['discount']}")


class PriceOrders:
    """From a record of `order-details` to one of `order-processed`."""

    def __init__(
        self,
        deserialize: Deserializer,
        serialize: Serializer,
        *,
        output_topic: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._deserialize = deserialize
        self._serialize = serialize
        self._output_topic = output_topic
        self._clock = clock

    def __call__(self, record: Record) -> Sequence[Output]:
        """Return the priced order under the same key, with the same headers."""
        order = self._deserialize(record.value)
        value = self._serialize(price(order, self._clock()))
        return [Output(self._output_topic, record.key, value, record.headers)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that transaction-service can be told."""

    service: ServiceSettings
    kafka: KafkaSettings
    registry: RegistrySettings
    loop: LoopSettings
    catalog: Catalog
    input_topic: str
    output_topic: str


def build(settings: Settings, parts: LoopParts, replica: str) -> TransactionalLoop:
    """Put the service together.

    Raises:
        ContractNotRegistered: A version this service works with is not let in yet.
        TopicMissing: A topic it reads or writes does not exist.
        BrokerUnavailable: No broker answered. Retryable.
        RegistryUnavailable: No registry answered. Retryable.
    """
    registry = connect_registry(settings.registry)
    output = settings.catalog.get_contract(WRITES)
    process = PriceOrders(
        Deserializer(registry, settings.catalog.get_contract(READS)),
        Serializer(registry, output, output.newest.version),
        output_topic=settings.output_topic,
    )
    topics = [settings.input_topic, settings.output_topic]
    require_topics(settings.kafka, [*topics, dead_letter_topic(settings.input_topic)])
    consumer = build_consumer(
        settings.kafka, settings.loop, group=settings.loop.group, instance=replica
    )
    intake = Intake(
        consumer,
        GroupOffsets(consumer, settings.kafka),
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
        process,
        intake=intake,
        transactor=transactor,
        settings=settings.loop,
        metrics=parts.metrics,
    )


@click.command(NAME, context_settings={"auto_envvar_prefix": "ACCORD"})
@kafka_options
@registry_options
@schemas_option
@option("--input-topic", default="order-details", help="Topic of orders.")
@option("--output-topic", default="order-processed", help="Topic of priced orders.")
@loop_options(group=NAME)
@transaction_option
@service_options
def main(**options: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Price every order exactly once.

    Reads order-details, writes order-processed; a record that cannot be decoded or
    priced goes to order-details.dlq. Start as many as there are partitions to share.

    \b
    Example:
        transaction-service --bootstrap-servers 127.0.0.1:9092 \\
            --registry-url http://127.0.0.1:8081 --until-idle 5

    \b
    Exit codes:
        0 drained    2 usage    70 bug or too many dead letters
        75 try again (broker or registry absent, id taken)
        78 configuration (port taken, contract not registered, topic missing)
    """  # noqa: D301 - \b is click's mark, not a backslash
    with exits(NAME):
        settings = Settings(
            service=ServiceSettings.from_options(NAME, options),
            kafka=KafkaSettings.from_options(options),
            registry=RegistrySettings.from_options(options),
            loop=LoopSettings.from_options(options),
            catalog=load_catalog(Path(options["schemas"])),
            input_topic=options["input_topic"],
            output_topic=options["output_topic"],
        )
        run(settings)


def run(settings: Settings) -> None:
    """Run the service until a signal, silence, or an error that ends it."""
    with (
        loop_service(settings.service) as (service, parts),
        claim_replica(settings.service, group=settings.loop.group) as replica,
    ):
        loop = wait_for(
            lambda: build(settings, parts, replica),
            timeout_s=settings.service.startup_timeout_s,
            stop=parts.stop,
        )
        service.run(loop, loop.intake)


if __name__ == "__main__":
    main()
