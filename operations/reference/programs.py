"""The programs that the reference tells about."""

from collections.abc import Iterator
from dataclasses import dataclass

import click

from operations import dashboard
from operations.cli import pipeline
from processors import transaction_service
from producers import order_service
from registry.cli import contracts
from registry.cli.deferred import Deferred
from sinks import analytics_service, notification_service

_WIDTH = 88


@dataclass(frozen=True, slots=True)
class Program:
    """A console script.

    Attributes:
        name: What is typed.
        command: What click makes of it, sub-commands included.
    """

    name: str
    command: click.Command

    def contexts(self) -> Iterator[click.Context]:
        """Yield the context of the command and of every one below it."""
        yield from _walk(self.name, self.command, parent=None)


def _walk(
    name: str, command: click.Command, *, parent: click.Context | None
) -> Iterator[click.Context]:
    command = command.load() if isinstance(command, Deferred) else command
    context = click.Context(
        command, info_name=name, parent=parent, **command.context_settings
    )
    # The same page on every terminal.
    context.terminal_width = _WIDTH
    yield context
    if isinstance(command, click.Group):
        for child, each in sorted(command.commands.items()):
            if not each.hidden:
                yield from _walk(child, each, parent=context)


CONTRACTS = Program("contracts", contracts)
PIPELINE = Program("pipeline", pipeline)
SERVICES = [
    Program("order-service", order_service.main),
    Program("transaction-service", transaction_service.main),
    Program("notification-service", notification_service.main),
    Program("analytics-service", analytics_service.main),
    Program("dashboard", dashboard.main),
]
PROGRAMS = [CONTRACTS, PIPELINE, *SERVICES]
