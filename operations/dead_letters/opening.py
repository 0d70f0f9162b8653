"""The box of each service, as its addresses describe it."""

import threading
from contextlib import ExitStack

from operations.dead_letters.sinks_again import (
    Post,
    SinkAgain,
    open_analytics,
    open_notifications,
)
from operations.dead_letters.table_box import TableBox
from operations.dead_letters.topic_box import TopicBox
from operations.services import ANALYTICS, NOTIFICATIONS
from registry.catalog import Catalog
from registry.codec import Numbers
from registry.serdes import Deserializer
from runtime.config import KafkaSettings, RegistrySettings
from runtime.processor import Events, Processor, Serdes
from runtime.records import Process
from runtime.registry import connect_registry
from sinks.analytics_service.sink import NUMBERS
from sinks.orders import open_deserializer


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

    def open_deserializer(self, service: str, numbers: Numbers) -> Deserializer:
        """Return what reads a service's orders; raises as `open_process` does."""
        return open_deserializer(
            self._registry, self._catalog, service=service, numbers=numbers
        )


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
    if contracts is None:
        return TableBox(address, group=group, stop=stop)

    def open_sink() -> SinkAgain:
        deserialize = contracts.open_deserializer(ANALYTICS, NUMBERS)
        return open_analytics(address, group, deserialize)

    return TableBox(address, group=group, open_sink=open_sink, stop=stop)


def notification_box(
    address: str,
    group: str,
    *,
    post: Post | None,
    contracts: Contracts | None,
    stop: threading.Event,
) -> TableBox:
    """Return notification-service's box; without `post` nothing can be replayed."""
    if post is None or contracts is None:
        return TableBox(address, group=group, stop=stop)

    def open_sink() -> SinkAgain:
        deserialize = contracts.open_deserializer(NOTIFICATIONS, Numbers.EXACT)
        return open_notifications(address, group, deserialize, post=post, stop=stop)

    return TableBox(address, group=group, open_sink=open_sink, stop=stop)
