"""The services of a pipeline: what each is started with."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.errors import ConfigError

ORDERS = "order-service"
TRANSACTIONS = "transaction-service"
NOTIFICATIONS = "notification-service"
ANALYTICS = "analytics-service"
DASHBOARD = "dashboard"

READERS = (TRANSACTIONS, NOTIFICATIONS, ANALYTICS)
"""Services that consume, in the order of the flow."""

NAMES = (ORDERS, *READERS, DASHBOARD)

_MODULES = {
    ORDERS: "producers.order_service",
    TRANSACTIONS: "processors.transaction_service",
    NOTIFICATIONS: "sinks.notification_service",
    ANALYTICS: "sinks.analytics_service",
    DASHBOARD: "operations.dashboard",
}
_ANY_PORT = "127.0.0.1:0"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlan:
    """How one service is started.

    Attributes:
        name: Its console script, consumer group and log file.
        module: What is run.
        arguments: Flags, `--listen` left out.
        listen: "host:port"; port 0 takes a free one.
    """

    name: str
    module: str
    arguments: Sequence[str] = ()
    listen: str = _ANY_PORT

    @property
    def command(self) -> list[str]:
        """Program and arguments."""
        # -P: a folder of the caller's that is called `sinks` is not taken for ours.
        program = [sys.executable, "-P", "-m", self.module]
        return [*program, "--listen", self.listen, *self.arguments]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """What services need to find each other.

    Attributes:
        data: Folder for their databases, mail and locks.
        mail: Where notification-service delivers, such as "maildir:/path".
        database_url: Where analytics-service keeps its figures.
        schemas: Folder of the contracts.
    """

    bootstrap_servers: str
    registry_url: str
    data: Path
    mail: str
    database_url: str
    schemas: Path

    def plan_reader(self, name: str) -> ServicePlan:
        """Return how a consuming service is started."""
        own = {
            TRANSACTIONS: ("--schemas", str(self.schemas)),
            NOTIFICATIONS: (
                "--mail",
                self.mail,
                "--database",
                f"sqlite:///{self.data / 'notification.db'}",
            ),
            ANALYTICS: ("--database", self.database_url),
        }
        arguments = [*self._common(), *own[name]]
        return ServicePlan(name=name, module=_MODULES[name], arguments=arguments)

    def plan_orders(self, *arguments: str) -> ServicePlan:
        """Return how order-service is started, with flags of its own."""
        schemas = ("--schemas", str(self.schemas))
        flags = [*self._common(), *schemas, *arguments]
        return ServicePlan(name=ORDERS, module=_MODULES[ORDERS], arguments=flags)

    def _common(self) -> tuple[str, ...]:
        return (
            "--bootstrap-servers",
            self.bootstrap_servers,
            "--registry-url",
            self.registry_url,
            "--state-dir",
            str(self.data / "state"),
            "--log-format",
            "json",
        )


def plan_dashboard(
    *, listen: str, analytics_url: str | None, services: dict[str, str]
) -> ServicePlan:
    """Return how the dashboard is started."""
    arguments = ["--analytics-url", analytics_url] if analytics_url else []
    for name, url in services.items():
        arguments += ["--service", f"{name}={url}"]
    return ServicePlan(
        name=DASHBOARD,
        module=_MODULES[DASHBOARD],
        arguments=arguments,
        listen=listen,
    )


def parse_services(text: str) -> tuple[str, ...]:
    """Return the services that "all", "none" or "NAME,NAME" names.

    Raises:
        ConfigError: There is no such service.
    """
    if text == "all":
        return NAMES
    if text == "none":
        return ()
    chosen = {each.strip() for each in text.split(",")}
    unknown = sorted(chosen - set(NAMES))
    if unknown:
        raise ConfigError(
            f"there is no service {unknown[0]!r}; there are: {', '.join(NAMES)}"
        )
    return tuple(each for each in NAMES if each in chosen)
