"""The pipeline that is broken on purpose: three brokers, a registry, four services."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from operations.stack import Child, Stack
from operations.stack.broker_config import find_free_ports
from registry.catalog import load_catalog
from schemas import CONTRACTS
from tests import services
from tests.services import own_registry, running

BROKERS = 3
SEED_START = "2026-01-01T00:00:00Z"
SESSION_S = 6
_FLAGS = (
    *("--session-timeout", str(SESSION_S), "--max-poll-interval", "20"),
    *("--batch-records", "500"),
)
_TRY_AGAIN = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What runs, and may be hurt.

    Attributes:
        stack: The brokers.
        registry: The registry, on a port that stays its own.
        registry_url: Where it answers.
        services: By name; of transaction-service there are two from the start.
        spare: A third worker of transaction-service, which is not started yet.
        folder: Holds everything.
    """

    stack: Stack
    registry: Child
    registry_url: str
    services: dict[str, Child]
    spare: Callable[[], Child]
    folder: Path

    @property
    def figures_path(self) -> Path:
        """The database of analytics-service."""
        return self.folder / "figures.db"

    @property
    def mail_path(self) -> Path:
        """The mail folder of notification-service."""
        return self.folder / "mail"

    def tend(self, complain: Callable[[str], None]) -> int:
        """Start again what ended; return how many services asked for it, with 75.

        Any other end is complained about: nobody asked for it.
        """
        asked = 0
        for name, service in self.services.items():
            if (status := service.exit_status) is None:
                continue
            if status == _TRY_AGAIN:
                asked += 1
            else:
                complain(f"{name}: {service.to_ended(status)}")
            service.restart()
        return asked


@contextmanager
def run_system(folder: Path, *, seed: int, rate: int) -> Iterator[System]:
    """Run everything; order-service writes `rate` orders a second until stopped."""
    port = find_free_ports(1)[0]
    with ExitStack() as resources:
        stack = resources.enter_context(Stack.start(folder / "stack", brokers=BROKERS))
        registry, url = resources.enter_context(own_registry(folder, port=port))
        services.let_contracts_in(url)
        stack.create_topics(load_catalog(CONTRACTS))
        common = ("--bootstrap-servers", stack.bootstrap_servers, "--registry-url", url)

        def start(service: str, *flags: str) -> Child:
            return resources.enter_context(
                running(service, *common, *flags, folder=folder)
            )

        def start_worker(name: str) -> Child:
            flags = (*_FLAGS, "--transaction-timeout", "5", "--replica-id", name)
            return start("transaction-service", *flags)

        crew = {
            "transaction-service": start_worker("worker-1"),
            "transaction-service (second)": start_worker("worker-2"),
            "notification-service": start(
                "notification-service",
                *_FLAGS,
                *("--mail", f"maildir:{folder / 'mail'}"),
                *("--database", f"sqlite:///{folder / 'mails.db'}"),
            ),
            "analytics-service": start(
                "analytics-service",
                *_FLAGS,
                *("--database", f"sqlite:///{folder / 'figures.db'}"),
            ),
            "order-service": start(
                "order-service",
                *("--seed", str(seed), "--start-time", SEED_START),
                *("--rate", str(rate), "--transaction-timeout", "5"),
            ),
        }
        yield System(
            stack=stack,
            registry=registry,
            registry_url=url,
            services=crew,
            spare=lambda: start_worker("worker-3"),
            folder=folder,
        )


def freeze(service: Child) -> None:
    """Stop it as SIGSTOP does; it knows nothing of the time that passes."""
    service.signal(signal.SIGSTOP)


def thaw(service: Child) -> None:
    """Let a frozen service go on."""
    service.signal(signal.SIGCONT)
