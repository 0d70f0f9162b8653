"""A whole pipeline in one folder: stack, topics, contracts, services."""

import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from operations.addresses import PipelineAddresses
from operations.services import (
    ANALYTICS,
    DASHBOARD,
    NAMES,
    NOTIFICATIONS,
    ORDERS,
    READERS,
    ServicePlan,
    Wiring,
    plan_dashboard,
)
from operations.signals import undisturbed
from operations.stack import Stack
from operations.supervisor import Supervised, Talk, stop_together
from registry.catalog import load_catalog
from registry.client import RegistryClient
from registry.registration import Registered, register_contracts

_WATCH_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSettings:
    """What a pipeline is made of.

    Attributes:
        data: Folder to keep everything in.
        services: Names of those to start.
        rate: Faker orders a second; 0 is none.
        schemas: Folder of the contracts.
        mail: Where mail goes, or None: a Maildir in `data`.
        database_url: Database of analytics-service, or None: a file in `data`.
        dashboard_listen: "host:port"; port 0 takes a free one.
    """

    data: Path
    services: tuple[str, ...]
    rate: float
    schemas: Path
    mail: str | None = None
    database_url: str | None = None
    dashboard_listen: str = "127.0.0.1:0"


class Pipeline:
    """A running pipeline; a context manager that stops it.

    Attributes:
        wiring: What a further service needs to take part.
        addresses: Where everything is reached.
        versions: The contract versions that the registry holds, by schema id.
    """

    def __init__(self, stack: Stack, settings: PipelineSettings, talk: Talk) -> None:
        self._stack = stack
        self._settings = settings
        self._talk = talk
        self._services: dict[str, Supervised] = {}
        self.versions: dict[int, Registered] = {}
        data = stack.data
        self.wiring = Wiring(
            bootstrap_servers=stack.bootstrap_servers,
            registry_url=stack.registry_url,
            data=data,
            mail=settings.mail or f"maildir:{data / 'mail'}",
            database_url=settings.database_url or f"sqlite:///{data / 'analytics.db'}",
            schemas=settings.schemas,
        )
        self.addresses = PipelineAddresses(
            bootstrap_servers=stack.bootstrap_servers,
            registry_url=stack.registry_url,
            data=str(data),
        )

    @classmethod
    def start(cls, settings: PipelineSettings, talk: Talk) -> Self:
        """Start everything; return once all of it is ready.

        Raises:
            ConfigError: This machine or the folder cannot carry a stack.
            InvalidContract: A contract cannot be used.
            ProcessEnded: A process ended during its start.
            NotReadyInTime: A process did not get ready.
        """
        catalog = load_catalog(settings.schemas)
        talk("starting Kafka and the schema registry")
        with ExitStack() as resources:
            stack = resources.enter_context(Stack.start(settings.data))
            PipelineAddresses.remove(stack.data)
            pipeline = cls(stack, settings, talk)
            resources.callback(pipeline.stop)
            stack.create_topics(catalog)
            with RegistryClient(stack.registry_url) as client:
                registered = register_contracts(catalog, client)
            pipeline.versions = {each.schema_id: each for each in registered}
            talk(f"{len(registered)} contract versions are registered")
            pipeline._start_services()
            resources.pop_all()
        return pipeline

    def watch(self) -> None:
        """Start again what dies, until KeyboardInterrupt.

        Raises:
            ProcessEnded: Kafka or the registry ended: nothing can go on without.
        """
        while True:
            self.check()
            time.sleep(_WATCH_S)

    def check(self) -> None:
        """Start again what died; returns at once.

        Raises:
            ProcessEnded: Kafka or the registry ended.
        """
        for service in self._services.values():
            service.check()
        for child in (*self._stack.kafka.brokers, self._stack.registry.process):
            child.check_running()

    def stop(self) -> None:
        """Stop everything, the source first; safe to call again."""
        with undisturbed():
            PipelineAddresses.remove(self._stack.data)
            source = self._services.pop(ORDERS, None)
            if source is not None:
                source.stop()
            stop_together(list(self._services.values()))
            self._services.clear()
            self._stack.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _start_services(self) -> None:
        chosen = self._settings.services
        readers = [name for name in READERS if name in chosen]
        for name in readers:
            self._launch(self.wiring.plan_reader(name))
        for name in readers:
            self._services[name].wait_until_ready()
        if readers:
            self._talk(f"ready: {', '.join(readers)}")
        if ORDERS in chosen and self._settings.rate > 0:
            rate = f"{self._settings.rate:g}"
            self._launch(self.wiring.plan_orders("--rate", rate)).wait_until_ready()
            self._talk(f"order-service writes {rate} orders a second")
        if DASHBOARD in chosen:
            self._launch_dashboard().wait_until_ready()
        self._note_addresses()

    def _launch(self, plan: ServicePlan) -> Supervised:
        logs = self._stack.data / "logs"
        service = Supervised(plan, logs=logs, talk=self._talk)
        self._services[plan.name] = service
        return service

    def _launch_dashboard(self) -> Supervised:
        urls = {
            name: self._services[name].url for name in NAMES if name in self._services
        }
        plan = plan_dashboard(
            listen=self._settings.dashboard_listen,
            analytics_url=urls.get(ANALYTICS),
            services=urls,
        )
        return self._launch(plan)

    def _note_addresses(self) -> None:
        urls = {name: each.url for name, each in self._services.items()}
        self.addresses = replace(
            self.addresses,
            dashboard_url=urls.get(DASHBOARD),
            analytics_url=urls.get(ANALYTICS),
            mail=self.wiring.mail if NOTIFICATIONS in urls else None,
            database_url=self.wiring.database_url if ANALYTICS in urls else None,
            services=urls,
        )
        self.addresses.write(self._stack.data)
