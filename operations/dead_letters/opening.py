"""The box of each service, as its addresses describe it."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from operations.dead_letters.sinks_again import (
    OpenSink,
    Post,
    SinkAgain,
    open_analytics,
    open_notifications,
)
from operations.dead_letters.table_box import TableBox
from operations.dead_letters.topic_box import TopicBox
from registry.catalog import Catalog
from registry.serdes import Deserializer
from runtime.config import KafkaSettings, RegistrySettings
from runtime.processor import Events, Processor, Serdes
from runtime.records import Process
from runtime.registry import connect_registry
from sinks.orders import SUBJECT


class Contracts:
    """The contracts and the registry that knows them; nothing is asked yet.

    `resources` closes the registry's client.
    """

    def __init__(
        self, catalog: Catalog, registry: RegistrySettings, resources: ExitStack
    ) -> None:
        self._catalog = catalog
        self._registry = resources.enter_context(connect_registry(registry))

    def open_process(self, processor: Processor) -> Process:
        """Return what the processor makes of a record.

        Raises:
            ContractNotRegistered: The registry does not hold its contracts.
            RegistryUnavailable: No registry answers. Retryable.
        """
        serdes = Serdes.open(processor, self._catalog, self._registry)
        topic = self._catalog.get_contract(processor.writes).topic
        return Events(serdes, processor.transform, topic=topic)

    def open_deserializer(self) -> Deserializer:
        """Return what reads priced orders; raises as `open_process` does."""
        contract = self._catalog.get_contract(SUBJECT)
        return Deserializer(self._registry, contract)


def topic_box(
    kafka: KafkaSettings,
    topic: str,
    *,
    processor: Processor,
    contracts: Contracts | None,
    stop: threading.Event,
) -> TopicBox:
    """Return a processor's box; without contracts nothing can be replayed."""
    process = contracts.open_process(processor) if contracts else None
    return TopicBox(kafka, topic, process=process, stop=stop)


def analytics_box(
    address: str, group: str, *, contracts: Contracts | None, stop: threading.Event
) -> TableBox:
    """Return analytics-service's box; without contracts nothing can be replayed."""
    return _table_box(address, group, open_analytics, contracts=contracts, stop=stop)


def notification_box(
    address: str,
    group: str,
    *,
    post: Post | None,
    contracts: Contracts | None,
    stop: threading.Event,
) -> TableBox:
    """Return notification-service's box; without `post` nothing can be replayed."""
    if post is None:
        return TableBox(address, group=group, stop=stop)
    build = partial(open_notifications, post=post, stop=stop)
    return _table_box(address, group, build, contracts=contracts, stop=stop)


def _table_box(
    address: str,
    group: str,
    build: Callable[[str, str, Deserializer], SinkAgain],
    *,
    contracts: Contracts | None,
    stop: threading.Event,
) -> TableBox:
    open_sink: OpenSink | None = None
    if contracts is not None:
        given = contracts

        def open_sink() -> SinkAgain:
            return build(address, group, given.open_deserializer())

    return TableBox(address, group=group, open_sink=open_sink, stop=stop)
