"""The options of `pipeline dlq`: whose letters, which of them, and what processes them.

`opened_box` reads the first and the last, `read_selection` the second.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from operations.cli import options
from operations.dead_letters.box import Box
from operations.dead_letters.opening import (
    Contracts,
    analytics_box,
    notification_box,
    topic_box,
)
from operations.dead_letters.selection import Selection
from operations.dead_letters.sinks_again import Post
from operations.services import ANALYTICS, NOTIFICATIONS, READERS, TRANSACTIONS
from processors.transaction_service import SERVICE
from registry.catalog import load_catalog
from registry.errors import ConfigError
from runtime.config import option, schemas_option
from sinks.notification_service.delivery import open_mailer
from sinks.notification_service.letter import Composer, parse_sender
from sinks.notification_service.plan import InDoubt
from sinks.notification_service.sink import Policy

Command = TypeVar("Command", bound=Callable[..., Any])


class Instant(click.ParamType[datetime]):
    """A flag that is a moment: ISO 8601 with an offset."""

    name = "time"

    def convert(
        self,
        value: str | datetime,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        """Return the moment, or fail naming the accepted form."""
        try:
            moment = (
                value if isinstance(value, datetime) else datetime.fromisoformat(value)
            )
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            example = "2026-03-01T12:00:00Z"
            self.fail(f"{value!r} is not a time such as {example}", param, ctx)
        return moment


state = click.option(
    "--state",
    type=click.Choice(["open", "replayed", "dropped", "all"]),
    default="open",
    show_default=True,
    help="Open letters, or those that are settled.",
)


def box_options(command: Command) -> Command:
    """Add the flags that say whose letters are meant."""
    for add in reversed(
        (
            option(
                "--service",
                type=click.Choice(READERS),
                default=TRANSACTIONS,
                help="Whose dead letters.",
            ),
            options.data,
            options.bootstrap_servers,
            options.kafka_property,
            option("--input-topic", default="order-details", help="Topic of orders."),
            option(
                "--database",
                metavar="URL",
                help="A sink's database.  [default: that of the pipeline on --data]",
            ),
            option("--group", help="A sink's consumer group.  [default: its name]"),
        )
    ):
        command = add(command)
    return command


def selection_options(command: Command) -> Command:
    """Add the flags that `read_selection` reads."""
    offset = click.IntRange(min=0)
    for add in reversed(
        (
            click.option(
                "--letter",
                "letters",
                multiple=True,
                metavar="ID",
                help="This one; may be repeated.",
            ),
            click.option(
                "--fingerprint", multiple=True, help="Of this cause; may be repeated."
            ),
            click.option("--partition", type=offset, help="Came from this partition."),
            click.option(
                "--first-offset", type=offset, help="At this offset or later."
            ),
            click.option("--last-offset", type=offset, help="At this or earlier."),
            click.option(
                "--since", type=Instant(), help="Timestamp at this time or later."
            ),
            click.option("--until", type=Instant(), help="Timestamp before this time."),
        )
    ):
        command = add(command)
    return command


def processing_options(command: Command) -> Command:
    """Add the flags that a service is given to process a record."""
    seconds = click.FloatRange(min=0, min_open=True)
    in_doubt = [each.value for each in InDoubt]
    file = click.Path(dir_okay=False, path_type=Path)
    for add in reversed(
        (
            options.registry_url,
            options.registry_property,
            schemas_option,
            option("--mail", metavar="URL", help="As notification-service has it."),
            option("--from-address", default="orders@localhost", help="Likewise."),
            option(
                "--on-in-doubt",
                type=click.Choice(in_doubt),
                default=InDoubt.RESEND.value,
                help="Likewise.",
            ),
            option("--mail-timeout", type=seconds, default=20.0, help="Likewise."),
            option("--mail-ca-file", type=file, help="Likewise."),
            option("--smtp-user", help="Likewise."),
            option("--smtp-password", show_default=False, help="Likewise."),
        )
    ):
        command = add(command)
    return command


def read_selection(values: Mapping[str, Any]) -> Selection:
    """Return the choice that the flags of `selection_options` make."""
    return Selection(
        ids=frozenset(values["letters"]),
        fingerprints=frozenset(values["fingerprint"]),
        partition=values["partition"],
        first_offset=values["first_offset"],
        last_offset=values["last_offset"],
        since=values["since"],
        until=values["until"],
    )


@contextmanager
def opened_box(
    flags: options.Flags, stop: threading.Event | None = None
) -> Iterator[Box]:
    """Give the box; it can replay if the flags of `processing_options` are there.

    Raises:
        ConfigError: A flag is missing or malformed.
        ContractNotRegistered: The registry does not hold what a replay needs.
        RegistryUnavailable: No registry answers. Retryable.
    """
    with ExitStack() as resources:
        contracts = None
        if "registry_url" in flags.values:
            catalog = load_catalog(Path(flags.values["schemas"]))
            registry = options.registry_settings(flags)
            contracts = Contracts(catalog, registry, resources)
        box = _build(flags, contracts, stop or threading.Event())
        resources.callback(box.close)
        yield box


def _build(
    flags: options.Flags, contracts: Contracts | None, stop: threading.Event
) -> Box:
    service = flags.values["service"]
    if service == TRANSACTIONS:
        return topic_box(
            options.kafka_settings(flags),
            flags.values["input_topic"],
            processor=SERVICE,
            contracts=contracts,
            stop=stop,
        )
    address = _database(flags, service)
    group = flags.values["group"] or service
    if service == ANALYTICS:
        return analytics_box(address, group, contracts=contracts, stop=stop)
    post = _post(flags) if contracts else None
    return notification_box(address, group, post=post, contracts=contracts, stop=stop)


def _database(flags: options.Flags, service: str) -> str:
    running = flags.find_pipeline()
    found = running.database_url if running else None
    if running and service == NOTIFICATIONS:
        found = f"sqlite:///{Path(running.data or '') / 'notification.db'}"
    chosen = flags.choose("database", found)
    if chosen is None:
        raise ConfigError(
            f"no pipeline runs on {flags.values['data']} that tells where {service}"
            " keeps its dead letters",
            hint="name its database: --database sqlite:///PATH or postgresql://...",
        )
    return chosen


def _post(flags: options.Flags) -> Post:
    running = flags.find_pipeline()
    mail = flags.choose("mail", running.mail if running else None)
    if mail is None:
        raise ConfigError(
            "a letter that is replayed is sent: where to is not known",
            hint="give --mail maildir:PATH or smtp://HOST:PORT, as the service has it",
        )
    sender = parse_sender(flags.values["from_address"])
    return Post(
        mailer=open_mailer({**flags.values, "mail": mail}, sender),
        composer=Composer(sender),
        policy=Policy(in_doubt=InDoubt(flags.values["on_in_doubt"])),
    )
