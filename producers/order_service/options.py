"""The flags that order-service alone has."""

from datetime import datetime

import click

from producers.order_service.errors import IllegalOrder
from producers.order_service.instants import parse_instant
from runtime.config import Command, option

_LATEST_START_YEAR = 9000
_FAKER_ALONE = ("seed", "start_time")


class Instant(click.ParamType[datetime]):
    """A flag that is a point in time: ISO 8601 with an offset, to milliseconds."""

    name = "time"

    def convert(
        self,
        value: str | datetime,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        """Return the instant in UTC, or fail naming the accepted form."""
        if isinstance(value, datetime):
            return value
        try:
            instant = parse_instant(value)
        except IllegalOrder as exc:
            self.fail(f"{exc.reason}, got {value!r}", param, ctx)
        if instant.year > _LATEST_START_YEAR:
            # An endless run must not get beyond the last year there is.
            self.fail(f"must be before the year {_LATEST_START_YEAR + 1}", param, ctx)
        return instant


_OPTIONS = (
    option(
        "--from",
        "file",
        envvar="ACCORD_FROM",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True),
        metavar="FILE|-",
        help="JSON Lines file of orders, - is standard input.  [default: Faker]",
    ),
    option(
        "--count",
        type=click.IntRange(min=0),
        help="Most orders.  [default: until stopped, or the end of the file]",
    ),
    option(
        "--rate",
        type=click.FloatRange(min=0, min_open=True),
        metavar="ORDERS_PER_SECOND",
        help="Orders a second.  [default: as fast as Kafka takes them; 10 if the"
        " orders are endless]",
    ),
    option(
        "--seed",
        type=click.IntRange(min=0),
        help="Decides what Faker draws.  [default: another each time, logged]",
    ),
    option(
        "--start-time",
        type=Instant(),
        metavar="TIME",
        help="created_at of the first Faker order, such as 2026-01-31T00:00:00Z;"
        " each next one comes up to 2 s later. With --seed: the same orders again."
        "  [default: the time of writing]",
    ),
    option(
        "--contract-version",
        type=click.IntRange(min=1),
        metavar="N",
        help="Version of order-details-value to write; 1 has no discount."
        "  [default: the newest]",
    ),
    option("--topic", default="order-details", help="Topic of orders."),
    option(
        "--on-bad-line",
        type=click.Choice(["stop", "skip"]),
        default="stop",
        help="Whether a line that is no legal order ends the run (exit code 65) or"
        " is said on standard error and passed over.",
    ),
    option(
        "--stop-timeout",
        type=click.FloatRange(min=0),
        default=8.0,
        help="Seconds to wait for acknowledgements after a signal.",
    ),
)


def order_options(command: Command) -> Command:
    """Add the flags of order-service."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


def refuse_mixed_sources(context: click.Context) -> None:
    """Raise a usage error if a flag of Faker is given together with a file."""
    if context.params["file"] is None:
        return
    for name in _FAKER_ALONE:
        if context.params[name] is not None:
            flag = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{flag} is of Faker and has no meaning with --from")
